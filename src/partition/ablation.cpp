#include "partition/ablation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "partition/scores.hpp"

namespace deepfog {
namespace {

/// Scores of a distribution over fewer classes: those of the most probable classes of each image in
/// descending order, and one for all others. [images, classes + 1]
at::Tensor told_apart(const at::Tensor& scores, int classes) {
  const std::int64_t top = std::min<std::int64_t>(classes, scores.size(1) - 1);
  const at::Tensor which = std::get<1>(scores.topk(top, 1));
  const at::Tensor others = scores.scatter(1, which, -std::numeric_limits<double>::infinity());
  return at::cat({scores.gather(1, which), at::logsumexp(others, {1}, true)}, 1);
}

/// Copies of a block, one after the other.
at::Tensor stacked(const at::Tensor& block, std::int64_t copies) {
  std::vector<std::int64_t> times(static_cast<std::size_t>(block.dim()), 1);
  times[0] = copies;
  return block.repeat(times);
}

/// Computes the divergences for `count` ablated neurons from `first` on.
/// @return [neurons, images]
at::Tensor removed(const ScoredNetwork& network, int layer, const std::vector<at::Tensor>& inputs,
                   std::int64_t first, std::int64_t count) {
  const at::Tensor& block = inputs[static_cast<std::size_t>(layer) + 1];
  const std::int64_t images = block.size(0);
  at::Tensor without = stacked(block, count);
  for (std::int64_t n = 0; n < count; ++n) {
    without.narrow(0, n * images, images).select(1, first + n).zero_();
  }
  const auto kept = [&](int earlier) { return stacked(inputs[static_cast<std::size_t>(earlier)], count); };
  const at::Tensor scores = network.scores_from(layer + 1, without, kept);
  return jensen_shannon(scores.reshape({count, images, scores.size(1)}), inputs.back());
}

}  // namespace

at::Tensor jensen_shannon(const at::Tensor& scores, const at::Tensor& others) {
  const at::Tensor p = at::log_softmax(scores, -1, at::kDouble);
  const at::Tensor q = at::log_softmax(others, -1, at::kDouble);
  const at::Tensor mean = at::logaddexp(p, q) - std::log(2.0);
  const at::Tensor terms = p.exp() * (p - mean) + q.exp() * (q - mean);
  return (terms.sum(-1) / 2).clamp_min(0);
}

void add_linear_divergences(const ScoredNetwork& network, const at::Tensor& images,
                            const std::vector<bool>& exact, int classes, std::vector<at::Tensor>& sums) {
  std::vector<std::size_t> wanted;
  for (std::size_t l = 0; l < exact.size(); ++l) {
    if (!exact[l]) wanted.push_back(l);
  }
  if (wanted.empty()) return;
  const at::AutoGradMode grad(true);
  const std::vector<at::Tensor> inputs = network.trace(images);
  const at::Tensor scores = told_apart(inputs.back(), classes);
  std::vector<at::Tensor> of;
  for (const std::size_t layer : wanted) of.push_back(inputs[layer + 1]);
  std::vector<std::vector<at::Tensor>> changes(wanted.size());  // per score, [images, neurons]
  for (std::int64_t k = 0; k < scores.size(1); ++k) {
    const auto gradients = torch::autograd::grad({scores.select(1, k).sum()}, of, {}, k + 1 < scores.size(1));
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < of.size(); ++i) {
      at::Tensor change = (gradients[i] * of[i]).neg_();
      if (change.dim() > 2) change = change.flatten(2).sum(2);
      changes[i].push_back(change);
    }
  }
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const at::Tensor before = scores.unsqueeze(1).to(at::kDouble);  // [images, 1, classes]
    sums[wanted[i]].add_(jensen_shannon(before + at::stack(changes[i], 2), before).sum(0));
  }
}

void add_exact_divergences(const ScoredNetwork& network, const at::Tensor& images,
                           const std::vector<bool>& exact, std::int64_t memory_bytes,
                           std::vector<at::Tensor>& sums) {
  if (std::none_of(exact.begin(), exact.end(), [](bool is) { return is; })) return;
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> inputs = network.trace(images);
  for (int l = 0; l < network.layers(); ++l) {
    if (!exact[static_cast<std::size_t>(l)]) continue;
    at::Tensor& sum = sums[static_cast<std::size_t>(l)];
    // The scores need some memory in double, too.
    const std::int64_t values = network.largest_layer_values(l + 1) + 16 * inputs.back().size(1);
    const std::int64_t row = values * std::int64_t{sizeof(float)} * images.size(0);
    const std::int64_t at_once = std::max<std::int64_t>(memory_bytes / row, 1);
    for (std::int64_t first = 0; first < sum.size(0); first += at_once) {
      const std::int64_t count = std::min(at_once, sum.size(0) - first);
      sum.narrow(0, first, count).add_(removed(network, l, inputs, first, count).sum(1));
    }
  }
}

}  // namespace deepfog
