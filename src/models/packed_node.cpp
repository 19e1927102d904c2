#include "models/packed_node.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/exit_rows.hpp"
#include "models/node_network.hpp"
#include "models/packed_stage.hpp"

namespace deepfog {
namespace {

struct OwnStage {
  PackedStage packed;
  std::size_t inputs = 0;
  std::int64_t output_width = 0;
  bool leaves = false;   ///< an exit, which appends a verdict to the scores
  double threshold = 0;  ///< of the exit
};

/// Appends the verdicts to the scores of the given rows.
void add_verdicts(std::vector<float>& scores, std::int64_t width, double threshold) {
  const auto rows = static_cast<std::int64_t>(scores.size()) / width;
  if (rows == 0) return;
  const c10::InferenceMode inference;
  const torch::Tensor whole =
      with_verdict(at::from_blob(scores.data(), {rows, width}, torch::kFloat32), threshold);
  scores.assign(whole.data_ptr<float>(), whole.data_ptr<float>() + whole.numel());
}

/// Moves the outputs to their positions among all rows; rows that have left become NaN.
void spread(std::vector<float>& output, const std::vector<std::int64_t>& present, std::int64_t rows,
            std::int64_t width) {
  if (static_cast<std::int64_t>(present.size()) == rows) return;
  std::vector<float> whole(static_cast<std::size_t>(rows * width), std::nanf(""));
  for (std::size_t i = 0; i < present.size(); ++i) {
    std::copy_n(output.data() + static_cast<std::int64_t>(i) * width, width,
                whole.data() + present[i] * width);
  }
  output = std::move(whole);
}

}  // namespace

struct PackedNode::Parts {
  NodeNetwork whole;
  std::map<int, OwnStage> stages;  ///< stages that run on packed kernels
};

bool PackedNode::fits(const Topology& topology, int node) {
  bool any = false;
  for (const Stage& stage : topology.stages()) {
    if (stage.node != node || stage.layers.empty()) continue;
    if (!PackedStage::fits(topology, stage)) return false;
    any = true;
  }
  return any;
}

PackedNode::PackedNode(const Topology& topology, int node, const Weights& weights, const std::string& where)
    : parts_(std::make_unique<Parts>(Parts{NodeNetwork(topology, node, weights, where), {}})) {
  for (int s = 0; s <= topology.last_stage(); ++s) {
    const Stage& stage = topology.stages()[static_cast<std::size_t>(s)];
    if (stage.node != node || !PackedStage::fits(topology, stage)) continue;
    auto packed = PackedStage::make(topology, stage, weights);
    if (!packed) continue;
    OwnStage own{std::move(*packed), stage.incoming.size(), stage.output_width, false, 0};
    own.leaves = stage.exit && stage.exit->leaves;
    for (const NamedTensor& tensor : weights) {
      if (own.leaves && tensor.name == stage.name + ".threshold") own.threshold = tensor.values[0];
    }
    if (own.leaves && s == topology.exits().back()) own.threshold = 2;  // the last exit accepts every row
    parts_->stages.emplace(s, std::move(own));
  }
}

PackedNode::~PackedNode() = default;
PackedNode::PackedNode(PackedNode&&) noexcept = default;

bool PackedNode::run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                     std::vector<float>& output, const std::function<void()>& between) const {
  const auto found = parts_->stages.find(stage);
  if (found == parts_->stages.end() || inputs.size() != found->second.inputs || rows < 1 ||
      !found->second.packed.take(inputs, rows)) {
    return parts_->whole.run(stage, inputs, rows, output, between);
  }
  OwnStage& own = found->second;
  own.packed.compute(output, between);
  if (own.leaves) add_verdicts(output, own.packed.width(), own.threshold);
  spread(output, own.packed.present(), rows, own.output_width);
  return true;
}

}  // namespace deepfog
