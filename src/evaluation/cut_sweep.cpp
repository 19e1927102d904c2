#include "evaluation/cut_sweep.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "models/node_network.hpp"

namespace deepfog {
namespace {

// Larger blocks do not fit into the caches: vgg_bn_small, alexnet_small and convnext_small take 1.1 to 1.4
// times as long per image in blocks of 250 to 900 images as in blocks of a quarter of that size.
constexpr std::int64_t kFewRows = 16, kFewBytes = std::int64_t{64} << 20;

Neurons all_of(std::int64_t size) {
  Neurons ids(static_cast<std::size_t>(size));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

/// The input of the next layer: zeros for neurons that no device had.
at::Tensor gathered(const at::Tensor& parts, const Neurons& neurons, std::int64_t all) {
  if (static_cast<std::int64_t>(neurons.size()) == all) return parts;
  std::vector<std::int64_t> shape = parts.sizes().vec();
  shape[1] = all;
  const auto format = parts.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  at::Tensor whole = at::empty(shape, parts.options().memory_format(format)).zero_();
  if (!neurons.empty()) whole.index_copy_(1, torch::tensor(neurons, torch::kInt64), parts);
  return whole;
}

}  // namespace

std::int64_t block_rows(const CutPlan& plan, std::int64_t memory_bytes) {
  std::int64_t kept = plan.spec.classes, largest = 0;
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    const CutLayer& layer = plan.layers[l];
    const Step& product = plan.steps[l].product;
    kept += std::accumulate(layer.input_shape.begin(), layer.input_shape.end(), layer.inputs,
                            std::multiplies<>());
    std::int64_t values = 3 * (product.in.values() + product.out.values());
    if (product.kernel > 1) {  // LibTorch writes out the window of every pixel
      values +=
          product.in.channels * product.kernel * product.kernel * product.out.height * product.out.width;
    }
    largest = std::max(largest, values);
  }
  const std::int64_t row = (kept + largest) * static_cast<std::int64_t>(sizeof(float));
  if (memory_bytes < row) {
    throw UserError(plan.spec.name, "one image takes " + std::to_string(row) + " bytes",
                    "memory is " + std::to_string(memory_bytes));
  }
  return std::min(memory_bytes / row, std::max(kFewRows, kFewBytes / row));
}

CutSweep::CutSweep(const CutNetwork& network, const Partition& partition,
                   std::vector<Combination> combinations, std::int64_t memory_bytes)
    : network_(network), trie_(1), block_(block_rows(network.plan(), memory_bytes)) {
  check_partition(partition, network.layers(), partition.method);
  for (std::size_t l = 0; l < network.layers().size(); ++l) {
    if (static_cast<std::int64_t>(network.held(static_cast<int>(l)).size()) != network.layers()[l].neurons) {
      throw Failure(network.plan().spec.name + ", " + network.layers()[l].name + ": not all of its neurons");
    }
  }
  const Combination everybody = all_alive(partition.data_devices());
  for (std::size_t c = 0; c < combinations.size(); ++c) {
    if ((combinations[c] & ~everybody) != 0) {
      throw Failure("combination " + std::to_string(combinations[c]) + " of " +
                    std::to_string(partition.data_devices()) + " devices");
    }
    const bool flows = combinations[c] != 0 || partition.spare >= 0;
    outcomes_.push_back(flows ? outcome_of(partition, combinations[c]) : 0);
  }
}

std::int32_t CutSweep::outcome_of(const Partition& partition, Combination alive) {
  if (partition.spare >= 0) alive |= Combination{1} << partition.spare;
  if (cdc_recoverable(partition, alive)) alive = all_alive(partition.devices);
  std::size_t place = 0;
  for (int l = 0; l < static_cast<int>(network_.layers().size()); ++l) {
    Neurons neurons = live_neurons(partition, l, alive);
    naive_ += neurons.empty() ? 0 : 1;
    place = next_of(place, std::move(neurons));
  }
  if (trie_[place].outcome == 0) trie_[place].outcome = ++last_outcome_;
  return trie_[place].outcome;
}

std::size_t CutSweep::next_of(std::size_t place, Neurons neurons) {
  for (const std::size_t next : trie_[place].next) {
    if (trie_[next].neurons == neurons) return next;
  }
  const std::size_t next = trie_.size();
  trie_[place].next.push_back(next);
  Evaluation evaluation;
  evaluation.layer = trie_[place].layer + 1;
  evaluation.neurons = std::move(neurons);
  trie_.push_back(std::move(evaluation));
  return next;
}

std::int64_t CutSweep::evaluations() const {
  return std::count_if(trie_.begin(), trie_.end(), [](const Evaluation& e) { return !e.neurons.empty(); });
}

/// The trie as the kernel of a sweep.
class CutSweep::Kernel : public SweepKernel {
 public:
  explicit Kernel(const CutSweep& sweep) : sweep_(sweep) {}
  Block block() const override { return {sweep_.block_, 1}; }
  void run(const SampleView& block, SweepCounter& to) override {
    sweep_.walk(block, [&](std::int32_t outcome, const at::Tensor& scores) {
      to.scores(outcome, 0, scores.size(0), scores.data_ptr<float>(), scores.size(1));
    });
  }

 private:
  const CutSweep& sweep_;
};

SweepCounts CutSweep::sweep(const SampleView& samples, SweepDetail detail) const {
  Kernel kernel(*this);
  SweepCounter counter(last_outcome_, network_.plan().spec.classes, detail);
  sweep_blocks(kernel, counter, samples);
  return by_combination(counter.counts(), outcomes_, outcomes_);
}

std::vector<std::vector<std::int64_t>> CutSweep::labels(const SampleView& samples) const {
  std::vector<std::vector<std::int64_t>> said(static_cast<std::size_t>(last_outcome_) + 1), labels;
  for (std::int64_t begin = 0; begin < samples.size; begin += block_) {
    const SampleView block{samples.values + begin * samples.features, nullptr,
                           std::min(block_, samples.size - begin), samples.features};
    walk(block, [&](std::int32_t outcome, const at::Tensor& scores) {
      for (std::int64_t row = 0; row < scores.size(0); ++row) {
        said[static_cast<std::size_t>(outcome)].push_back(
            largest_score(scores.data_ptr<float>() + row * scores.size(1), scores.size(1)));
      }
    });
  }
  for (const std::int32_t outcome : outcomes_) labels.push_back(said[static_cast<std::size_t>(outcome)]);
  return labels;
}

void CutSweep::walk(const SampleView& block, const Use& use) const {
  const at::NoGradGuard no_grad;
  const ImageShape& image = network_.plan().spec.image;
  if (block.features != image.values()) {
    throw Failure(network_.plan().spec.name + ": samples of " + std::to_string(block.features) +
                  " values instead of " + std::to_string(image.values()));
  }
  std::vector<at::Tensor> inputs(network_.layers().size() + 1);
  inputs[0] = torch::from_blob(const_cast<float*>(block.values),
                               {block.size, image.channels, image.height, image.width}, torch::kFloat32);
  Evaluation start = trie_.front();
  start.neurons = all_of(image.channels);
  go_on(start, std::move(inputs), use);
}

/// @param inputs  gathered inputs, a place a layer; only what is still read is there. By value: the last one
///                behind a fork takes them, so that nothing is kept longer than somebody reads it.
void CutSweep::go_on(const Evaluation& from, std::vector<at::Tensor> inputs, const Use& use) const {
  for (std::size_t i = 0; i < from.next.size(); ++i) {
    const bool last = i + 1 == from.next.size();
    visit(from.next[i], last ? std::move(inputs) : inputs, from.neurons, use);
  }
}

void CutSweep::visit(std::size_t place, std::vector<at::Tensor> inputs, const Neurons& live,
                     const Use& use) const {
  const Evaluation& own = trie_[place];
  const auto l = static_cast<std::size_t>(own.layer);
  const CutLayer& layer = network_.layers()[l];
  const bool whole = static_cast<std::int64_t>(live.size()) == layer.inputs;
  const at::Tensor none;  // references, because a copy would keep the tensor alive during all that follows
  const at::Tensor& residual = layer.residual < 0 ? none : inputs[static_cast<std::size_t>(layer.residual)];
  inputs[l + 1] =
      gathered(network_.run(own.layer, inputs[l], own.neurons, whole ? Neurons{} : live, residual),
               own.neurons, layer.neurons);
  for (std::size_t i = 0; i <= l; ++i) {
    if (network_.layers()[i].last_use <= own.layer) inputs[i] = at::Tensor();
  }
  if (own.outcome == 0) return go_on(own, std::move(inputs), use);
  use(own.outcome, inputs[l + 1].contiguous());
}

}  // namespace deepfog
