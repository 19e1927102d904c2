#include "evaluation/cut_sweep.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "models/node_network.hpp"

namespace deepfog {
namespace {

// Larger blocks leave the caches: vgg_bn_small, alexnet_small and convnext_small take 1.1 to 1.4 times as
// long an image in blocks of 250 to 900 images as in those of a quarter.
constexpr std::int64_t kFewRows = 16, kFewBytes = std::int64_t{64} << 20;

Neurons all_of(std::int64_t size) {
  Neurons ids(static_cast<std::size_t>(size));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

/// The input of the layer behind: zeros where nobody had a neuron.
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
    if (product.kernel > 1) {  // LibTorch writes the window of every pixel out
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
    flows_.push_back(combinations[c] != 0 || partition.spare >= 0);
    if (flows_.back()) add(c, partition, combinations[c]);
  }
}

void CutSweep::add(std::size_t combination, const Partition& partition, Combination alive) {
  if (partition.spare >= 0) alive |= Combination{1} << partition.spare;
  if (cdc_recoverable(partition, alive)) alive = all_alive(partition.devices);
  std::size_t place = 0;
  for (int l = 0; l < static_cast<int>(network_.layers().size()); ++l) {
    Neurons neurons = live_neurons(partition, l, alive);
    naive_ += neurons.empty() ? 0 : 1;
    place = next_of(place, std::move(neurons));
  }
  trie_[place].combinations.push_back(combination);
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

std::vector<std::vector<std::int64_t>> CutSweep::labels(const SampleView& samples) const {
  const at::NoGradGuard no_grad;
  const ImageShape& image = network_.plan().spec.image;
  if (samples.features != image.values()) {
    throw Failure(network_.plan().spec.name + ": samples of " + std::to_string(samples.features) +
                  " values instead of " + std::to_string(image.values()));
  }
  std::vector<std::vector<std::int64_t>> labels(flows_.size());
  Evaluation start = trie_.front();
  start.neurons = all_of(image.channels);
  for (std::int64_t begin = 0; begin < samples.size; begin += block_) {
    const std::int64_t rows = std::min(block_, samples.size - begin);
    std::vector<at::Tensor> inputs(network_.layers().size() + 1);
    inputs[0] = torch::from_blob(const_cast<float*>(samples.values + begin * samples.features),
                                 {rows, image.channels, image.height, image.width}, torch::kFloat32);
    go_on(start, std::move(inputs), labels);
  }
  return labels;
}

/// @param inputs  gathered inputs, a place a layer; only what is still read is there. By value: the last one
///                behind a fork takes them, so that nothing is kept longer than somebody reads it.
void CutSweep::go_on(const Evaluation& from, std::vector<at::Tensor> inputs,
                     std::vector<std::vector<std::int64_t>>& labels) const {
  for (std::size_t i = 0; i < from.next.size(); ++i) {
    const bool last = i + 1 == from.next.size();
    visit(from.next[i], last ? std::move(inputs) : inputs, from.neurons, labels);
  }
}

void CutSweep::visit(std::size_t place, std::vector<at::Tensor> inputs, const Neurons& live,
                     std::vector<std::vector<std::int64_t>>& labels) const {
  const Evaluation& own = trie_[place];
  const auto l = static_cast<std::size_t>(own.layer);
  const CutLayer& layer = network_.layers()[l];
  const bool whole = static_cast<std::int64_t>(live.size()) == layer.inputs;
  const at::Tensor none;  // no copies of tensors here: they would live as long as all that follows
  const at::Tensor& residual = layer.residual < 0 ? none : inputs[static_cast<std::size_t>(layer.residual)];
  inputs[l + 1] =
      gathered(network_.run(own.layer, inputs[l], own.neurons, whole ? Neurons{} : live, residual),
               own.neurons, layer.neurons);
  for (std::size_t i = 0; i <= l; ++i) {
    if (network_.layers()[i].last_use <= own.layer) inputs[i] = at::Tensor();
  }
  if (own.combinations.empty()) return go_on(own, std::move(inputs), labels);
  const at::Tensor scores = inputs[l + 1].contiguous();
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    const std::int64_t label = largest_score(scores.data_ptr<float>() + row * scores.size(1), scores.size(1));
    for (const std::size_t combination : own.combinations) labels[combination].push_back(label);
  }
}

std::vector<std::int64_t> CutSweep::count(const SampleView& samples) const {
  const std::vector<std::vector<std::int64_t>> predicted = labels(samples);
  std::vector<std::int64_t> correct;
  for (const std::vector<std::int64_t>& of : predicted) {
    correct.push_back(std::inner_product(of.begin(), of.end(), samples.labels, std::int64_t{0}, std::plus<>(),
                                         std::equal_to<>()));
  }
  return correct;
}

}  // namespace deepfog
