// How DenseStages are laid out: layers packed, buffers shared by stages that are not needed at the same
// time.
#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "evaluation/dense_stages.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kTileBytes = 192 * 1024;   // two tiles and a panel of weights fit into L2
constexpr std::int64_t kCacheBytes = 768 * 1024;  // activations of a block, if the number of classes allows
constexpr std::int64_t kMostRows = 480, kFewestRows = 12;
constexpr std::int64_t kLargestBlock = 512;

}  // namespace

DenseStages::DenseStages(const Topology& topology, const std::vector<Columns>& columns,
                         const Weights& weights, const std::vector<StageClasses>& classes,
                         std::int64_t memory_bytes)
    : topology_(topology),
      columns_(columns),
      weights_(weights),
      classes_(classes),
      exact_(topology_, columns_, weights_, classes_) {
  std::size_t tensor = 0;
  for (int s = 0; s <= topology.last_stage(); ++s) plan_stage(s, tensor);
  if (tensor != weights.size()) throw UserError(topology.name(), "weights do not fit the topology");
  plan_buffers(memory_bytes);
}

void DenseStages::plan_stage(int stage, std::size_t& tensor) {
  const Stage& s = topology_.stages()[stage];
  const auto next = [&](std::int64_t out, std::int64_t in) -> const NamedTensor& {
    if (tensor >= weights_.size() || weights_[tensor].shape != std::vector<std::int64_t>{out, in}) {
      throw UserError(topology_.name(), "weights do not fit stage '" + s.name + "'");
    }
    return weights_[tensor++];
  };
  StagePlan plan;
  plan.width = s.expansion_width;
  for (int index : s.incoming) {
    const Hyperconnection& link = topology_.hyperconnections()[index];
    Input input{link.from, link.width, static_cast<float>(link.weight), -1};
    if (link.expansion == Expansion::linear) {
      input.expansion = static_cast<int>(maps_.size());
      maps_.emplace_back(next(plan.width, link.width).values.data(), nullptr, link.width, plan.width, false);
    }
    plan.inputs.push_back(input);
  }
  std::int64_t width = plan.width;
  for (const Layer& layer : s.layers) {
    const NamedTensor& weight = next(layer.width, width);
    if (tensor >= weights_.size() ||
        weights_[tensor].values.size() != static_cast<std::size_t>(layer.width)) {
      throw UserError(topology_.name(), "weights do not fit stage '" + s.name + "'");
    }
    plan.layers.emplace_back(weight.values.data(), weights_[tensor++].values.data(), width, layer.width,
                             layer.kind == LayerKind::relu);
    width = layer.width;
  }
  plan.stride = padded(width);
  stages_.push_back(std::move(plan));
}

void DenseStages::plan_buffers(std::int64_t memory_bytes) {
  const int stages = static_cast<int>(stages_.size());
  std::vector<int> last_use(stages, -1);
  for (int s = 0; s < stages; ++s) {
    for (const Input& input : stages_[s].inputs) {
      if (!topology_.is_source(input.vertex)) last_use[topology_.stage_of(input.vertex)] = s;
    }
  }
  // A buffer serves one stage after another. The smallest free buffer that is large enough is chosen;
  // otherwise the largest free one grows.
  std::vector<std::int64_t> size;  // floats per sample
  std::vector<int> busy_until;
  for (int s = 0; s + 1 < stages; ++s) {
    const std::int64_t need = classes_[s].count * stages_[s].stride;
    int chosen = -1;
    for (std::size_t b = 0; b < size.size(); ++b) {
      if (busy_until[b] >= s) continue;
      const bool fits = size[b] >= need;
      if (chosen < 0 || (fits && (size[chosen] < need || size[b] < size[chosen])) ||
          (!fits && size[chosen] < need && size[b] > size[chosen])) {
        chosen = static_cast<int>(b);
      }
    }
    if (chosen < 0) {
      chosen = static_cast<int>(size.size());
      size.push_back(0);
      busy_until.push_back(0);
    }
    size[chosen] = std::max(size[chosen], need);
    busy_until[chosen] = last_use[s];
    stages_[s].buffer = chosen;
  }
  std::int64_t per_sample = 1;
  for (std::int64_t floats : size) per_sample += floats * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t fits = memory_bytes / per_sample;
  if (fits < 1) {
    throw UserError(topology_.name(),
                    "one sample of all classes takes " + std::to_string(per_sample) + " bytes",
                    "memory is " + std::to_string(memory_bytes));
  }
  block_ = std::clamp<std::int64_t>(kCacheBytes / per_sample, 1, kLargestBlock);
  // With few classes, a block fills the cache. With many, it has at least a register tile of rows per class,
  // if memory allows.
  block_ = std::min(fits, std::max(block_, kFewestRows));
  for (std::int64_t floats : size) buffers_.emplace_back(floats * block_);
  std::int64_t widest = 1;
  for (const StagePlan& plan : stages_) {
    widest = std::max(widest, padded(plan.width));
    for (const DenseLayer& layer : plan.layers) widest = std::max(widest, layer.stride());
  }
  tile_rows_ =
      std::clamp<std::int64_t>(kTileBytes / (widest * 4), kFewestRows, kMostRows) / kFewestRows * kFewestRows;
  tile_ = AlignedFloats(tile_rows_ * widest);
  other_tile_ = AlignedFloats(tile_rows_ * widest);
  if (!maps_.empty()) mapped_ = AlignedFloats(tile_rows_ * widest);
}

}  // namespace deepfog
