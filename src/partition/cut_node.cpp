#include "partition/cut_node.hpp"

#include "core/error.hpp"
#include "models/cnn.hpp"
#include "partition/cut_node_parts.hpp"
#include "partition/cut_topology.hpp"
#include "partition/cut_weights.hpp"

namespace deepfog {
namespace {

/// The host has no rows: it only needs the operations that follow the last product.
Weights no_rows(const CnnSpec& spec, const CutPlan& plan) {
  Weights weights = shapes_of(plan_cnn(spec));
  for (NamedTensor& tensor : weights) {
    std::size_t size = 1;
    for (const std::int64_t extent : tensor.shape) size *= static_cast<std::size_t>(extent);
    tensor.values.resize(size);
  }
  return part_of(spec, weights, std::vector<Neurons>(plan.layers.size()), spec.name);
}

}  // namespace

at::Tensor images_at(const float* values, std::int64_t rows, std::int64_t channels,
                     const std::vector<std::int64_t>& pixels) {
  auto* data = const_cast<float*>(values);
  if (pixels.empty()) return at::from_blob(data, {rows, channels}, torch::kFloat32);
  const std::int64_t height = pixels[0], width = pixels[1];
  return at::from_blob(data, {rows, channels, height, width},
                       {channels * height * width, 1, channels * width, channels}, torch::kFloat32);
}

at::Tensor channels_last(const at::Tensor& tensor) {
  return tensor.dim() == 4 ? tensor.permute({0, 2, 3, 1}).contiguous() : tensor.contiguous();
}

CutNode::CutNode(const Topology& topology, int node, const CnnSpec& spec, const Partition& partition,
                 const Weights& weights, const std::string& where)
    : parts_(std::make_unique<Parts>()) {
  parts_->plan = cut_plan(plan_cnn(spec));
  parts_->partition = partition;
  parts_->node = topology.nodes().at(static_cast<std::size_t>(node)).name;
  parts_->stages = cut_stages(topology, parts_->plan, partition, where);
  for (const Stage& stage : topology.stages()) parts_->own.push_back(stage.node == node);
  parts_->gatherings.resize(parts_->stages.size());
  int device = -1;
  for (int d = 0; d < partition.devices; ++d) {
    if (cut_node_name(partition, d) == parts_->node) device = d;
  }
  if (device < 0) {
    const std::vector<Neurons> none(parts_->plan.layers.size());
    if (!weights.empty()) throw UserError(where, "node " + parts_->node + " has weights", "none");
    parts_->network = std::make_unique<CutNetwork>(spec, none, no_rows(spec, parts_->plan), where);
  } else if (device == partition.spare) {
    parts_->network =
        std::make_unique<CutNetwork>(CutNetwork::coded(spec, summed_sets(partition), weights, where));
  } else {
    parts_->network = std::make_unique<CutNetwork>(spec, neurons_of(partition, device), weights, where);
  }
  parts_->network->limit_cache(parts_->network->resident_bytes());
}

CutNode::~CutNode() = default;
CutNode::CutNode(CutNode&&) noexcept = default;

std::int64_t CutNode::resident_bytes() const {
  return parts_->network->resident_bytes();
}

bool CutNode::run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                  std::vector<float>& output, const std::function<void()>& between) {
  const auto index = static_cast<std::size_t>(stage);
  if (index >= parts_->stages.size() || !parts_->own[index] ||
      inputs.size() != parts_->stages[index].senders.size() || rows < 1) {
    throw Failure(parts_->node + ": stage " + std::to_string(stage) + " was asked to run with " +
                  std::to_string(inputs.size()) + " inputs of " + std::to_string(rows) + " rows");
  }
  const c10::InferenceMode inference;
  const CutStage& of = parts_->stages[index];
  bool something = false;
  if (of.kind == LayerKind::gather) {
    something = parts_->gather(stage, inputs, rows, output);
  } else if (of.kind == LayerKind::decode) {
    something = parts_->decode(stage, inputs, rows, output);
  } else {
    something = parts_->compute(of, inputs, rows, output, between);
  }
  if (!something) output.clear();
  return something;
}

}  // namespace deepfog
