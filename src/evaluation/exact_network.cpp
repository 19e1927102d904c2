#include "evaluation/exact_network.hpp"

#include <algorithm>

namespace deepfog {
namespace {

/// y = W x (+ b) with float weights and double sums.
std::vector<double> product(const NamedTensor& weight, const NamedTensor* bias,
                            const std::vector<double>& x) {
  std::vector<double> y(weight.shape[0]);
  for (std::size_t o = 0; o < y.size(); ++o) {
    const float* row = weight.values.data() + o * x.size();
    double sum = bias == nullptr ? 0.0 : bias->values[o];
    for (std::size_t i = 0; i < x.size(); ++i) sum += double(row[i]) * x[i];
    y[o] = sum;
  }
  return y;
}

}  // namespace

ExactNetwork::ExactNetwork(const Topology& topology, const std::vector<Columns>& columns,
                           const Weights& weights, const std::vector<StageClasses>& classes)
    : topology_(topology), columns_(columns), weights_(weights), classes_(classes) {
  std::size_t next = 0;
  for (const Stage& stage : topology.stages()) {
    first_tensor_.push_back(next);
    for (int link : stage.incoming) next += topology.hyperconnections()[link].expansion == Expansion::linear;
    next += 2 * stage.layers.size();
  }
}

void ExactNetwork::set_sample(const float* sample) {
  sample_ = sample;
  known_.clear();
}

const std::vector<double>& ExactNetwork::scores(std::int32_t last_class) {
  return output(topology_.last_stage(), last_class);
}

std::vector<double> ExactNetwork::gather(int stage, std::int32_t stage_class) {
  const Stage& s = topology_.stages()[stage];
  const std::int32_t* inputs = classes_[stage].inputs.data() + (stage_class - 1) * s.incoming.size();
  std::vector<double> sum(s.expansion_width, 0.0);
  std::size_t expansion = first_tensor_[stage];
  for (std::size_t k = 0; k < s.incoming.size(); ++k) {
    const Hyperconnection& link = topology_.hyperconnections()[s.incoming[k]];
    const NamedTensor* map = link.expansion == Expansion::linear ? &weights_[expansion++] : nullptr;
    if (inputs[k] == 0) continue;
    std::vector<double> x;
    if (topology_.is_source(link.from)) {
      x.assign(sample_ + columns_[link.from].begin, sample_ + columns_[link.from].end);
    } else {
      x = output(topology_.stage_of(link.from), inputs[k]);
    }
    for (double& value : x) value *= link.weight;
    if (map != nullptr) x = product(*map, nullptr, x);
    for (std::size_t i = 0; i < x.size(); ++i) sum[i] += x[i];
  }
  return sum;
}

const std::vector<double>& ExactNetwork::output(int stage, std::int32_t stage_class) {
  const auto key = std::make_pair(stage, stage_class);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  std::vector<double> x = gather(stage, stage_class);
  const Stage& s = topology_.stages()[stage];
  std::size_t tensor = first_tensor_[stage];
  for (int link : s.incoming) tensor += topology_.hyperconnections()[link].expansion == Expansion::linear;
  for (const Layer& layer : s.layers) {
    x = product(weights_[tensor], &weights_[tensor + 1], x);
    tensor += 2;
    if (layer.kind == LayerKind::relu) {
      for (double& value : x) value = std::max(0.0, value);
    }
  }
  return known_.emplace(key, std::move(x)).first->second;
}

}  // namespace deepfog
