#include "models/node_network.hpp"

#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "models/network.hpp"
#include "models/stage_network.hpp"

namespace deepfog {
namespace {

torch::Tensor rows_at(const float* values, std::int64_t rows, std::int64_t width) {
  return at::from_blob(const_cast<float*>(values), {rows, width}, torch::kFloat32);
}

}  // namespace

std::int64_t largest_score(const float* scores, std::int64_t classes) {
  std::int64_t best = 0;
  for (std::int64_t c = 1; c < classes; ++c) {
    if (scores[c] > scores[best] || (std::isnan(scores[best]) && !std::isnan(scores[c]))) best = c;
  }
  return best;
}

struct NodeNetwork::Parts {
  struct OwnStage {
    StageNetwork network;
    std::vector<std::int64_t> widths;  ///< one per incoming hyperconnection
  };
  std::string node;
  std::vector<std::optional<OwnStage>> stages;  ///< as in the topology; empty for those of other nodes
};

NodeNetwork::NodeNetwork(const Topology& topology, int node, const Weights& weights, const std::string& where)
    : parts_(std::make_unique<Parts>()) {
  const c10::InferenceMode inference;
  parts_->node = topology.nodes().at(static_cast<std::size_t>(node)).name;
  std::vector<Parameter> parameters;
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    const Stage& stage = topology.stages()[s];
    parts_->stages.emplace_back();
    if (stage.node != node) continue;
    Parts::OwnStage own{StageNetwork(topology, static_cast<int>(s)), {}};
    for (const int link : stage.incoming) own.widths.push_back(topology.hyperconnections()[link].width);
    parameters.insert(parameters.end(), own.network.parameters().begin(), own.network.parameters().end());
    parts_->stages.back() = std::move(own);
  }
  load_into(parameters, weights, where);
}

NodeNetwork::~NodeNetwork() = default;
NodeNetwork::NodeNetwork(NodeNetwork&&) noexcept = default;

bool NodeNetwork::run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                      std::vector<float>& output, const std::function<void()>& between) const {
  const auto& own = parts_->stages.at(static_cast<std::size_t>(stage));
  if (!own || inputs.size() != own->widths.size() || rows < 1) {
    throw Failure(parts_->node + ": stage " + std::to_string(stage) + " was asked to run with " +
                  std::to_string(inputs.size()) + " inputs of " + std::to_string(rows) + " rows");
  }
  const c10::InferenceMode inference;
  c10::SmallVector<torch::Tensor, 8> arrived(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != nullptr) arrived[i] = rows_at(inputs[i], rows, own->widths[i]);
  }
  const torch::Tensor result = own->network.forward(arrived, between);
  if (!result.defined()) {
    output.clear();
    return false;
  }
  const torch::Tensor flat = result.contiguous();  // an input or an operator's result: usually is already
  const float* values = flat.data_ptr<float>();
  output.assign(values, values + result.numel());
  return true;
}

struct SimulatedNetwork::Parts {
  mutable Network network;

  /// @param forward  computes the scores of the given rows
  template <class Forward>
  std::vector<std::int64_t> labels(const SampleView& samples, const Forward& forward,
                                   std::vector<std::int64_t>* exits) const {
    const c10::InferenceMode inference;
    const torch::Tensor scores = forward(rows_at(samples.values, samples.size, samples.features));
    std::vector<std::int64_t> labels;
    if (exits != nullptr) exits->clear();
    if (!scores.defined()) return labels;
    const torch::Tensor flat = scores.contiguous();
    const std::int64_t classes = network->topology().classes();
    for (std::int64_t row = 0; row < samples.size; ++row) {
      const float* own = flat.data_ptr<float>() + row * flat.size(1);
      const bool has_exits = network->topology().has_exits(), answered = !has_exits || own[classes] >= 0;
      labels.push_back(answered ? largest_score(own, classes) : -1);
      if (exits != nullptr && has_exits) exits->push_back(static_cast<std::int64_t>(own[classes]));
    }
    return labels;
  }
};

SimulatedNetwork::SimulatedNetwork(const Topology& topology, const std::vector<Columns>& columns,
                                   const Weights& weights, const std::string& where)
    : parts_(std::make_unique<Parts>(Parts{Network(topology, columns)})) {
  parts_->network->load(weights, where);
}

SimulatedNetwork::~SimulatedNetwork() = default;
SimulatedNetwork::SimulatedNetwork(SimulatedNetwork&&) noexcept = default;

std::vector<std::int64_t> SimulatedNetwork::labels(const SampleView& samples, Combination combination,
                                                   std::vector<std::int64_t>* exits) const {
  const auto forward = [&](const torch::Tensor& rows) { return parts_->network->forward(rows, combination); };
  return parts_->labels(samples, forward, exits);
}

std::vector<std::int64_t> SimulatedNetwork::labels_over(const SampleView& samples,
                                                        const std::vector<std::uint8_t>& used,
                                                        std::vector<std::int64_t>* exits) const {
  const auto forward = [&](const torch::Tensor& rows) { return parts_->network->forward_over(rows, used); };
  return parts_->labels(samples, forward, exits);
}

}  // namespace deepfog
