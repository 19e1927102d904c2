#include "models/network.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "models/exit_rows.hpp"

namespace deepfog {

NetworkImpl::NetworkImpl(const Topology& topology, const std::vector<Columns>& columns)
    : topology_(topology), columns_(columns) {
  for (std::size_t s = 0; s < topology_.stages().size(); ++s) {
    stages_.emplace_back(topology_, static_cast<int>(s));
    for (const Parameter& parameter : stages_.back().parameters()) {
      std::string key = parameter.name;  // module parameter names must not contain dots
      for (char& c : key) c = c == '.' ? ':' : c;
      if (parameter.learnt) {
        register_parameter(key, parameter.tensor);
      } else {
        register_buffer(key, parameter.tensor);
      }
      parameters_.push_back(parameter);
    }
  }
}

void NetworkImpl::initialise(std::uint64_t seed) {
  RandomStream stream(seed);
  for (StageNetwork& stage : stages_) stage.initialise(stream);
  dropout_ = RandomStream(derive_seed(seed, "", "", 0, "dropout"));
}

template <class Used>
std::vector<torch::Tensor> NetworkImpl::run(const torch::Tensor& samples, const Used& used,
                                            StageMode mode) const {
  std::vector<torch::Tensor> vertex(static_cast<std::size_t>(topology_.vertices()));
  for (std::size_t s = 0; s < topology_.sources().size(); ++s) {
    vertex[s] = samples.narrow(1, columns_[s].begin, columns_[s].end - columns_[s].begin);
  }
  std::vector<torch::Tensor> inputs;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    inputs.clear();
    for (const int link : topology_.stages()[s].incoming) {
      const torch::Tensor& from = vertex[topology_.hyperconnections()[link].from];
      inputs.push_back(used(link, from) ? from : torch::Tensor());
    }
    vertex[topology_.vertex_of(static_cast<int>(s))] = stages_[s].forward(inputs, {}, mode);
  }
  return vertex;
}

std::vector<torch::Tensor> NetworkImpl::run_combination(const torch::Tensor& samples, Combination combination,
                                                        StageMode mode) const {
  const auto receiver_lives = [&](int link, const torch::Tensor&) {
    const Stage& to = topology_.stages()[topology_.stage_of(topology_.hyperconnections()[link].to)];
    return alive(combination, topology_.nodes()[to.node].position);
  };
  return run(samples, receiver_lives, mode);
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& samples, Combination combination) {
  return run_combination(samples, combination, {}).back();
}

std::vector<torch::Tensor> NetworkImpl::heads(const torch::Tensor& samples, Combination combination,
                                              bool training) {
  const StageMode mode{false, training, &dropout_};
  const std::vector<torch::Tensor> vertex = run_combination(samples, combination, mode);
  std::vector<torch::Tensor> heads;
  for (const int stage : topology_.heads()) heads.push_back(vertex[topology_.vertex_of(stage)]);
  return heads;
}

torch::Tensor NetworkImpl::run_stage(int stage, const std::vector<torch::Tensor>& inputs) const {
  return stages_.at(static_cast<std::size_t>(stage)).forward(inputs, {}, {false, false});
}

void NetworkImpl::clip() {
  for (StageNetwork& stage : stages_) stage.clip();
}

std::vector<double> NetworkImpl::thresholds() const {
  std::vector<double> thresholds;
  for (const int exit : topology_.exits()) thresholds.push_back(stages_[exit].threshold());
  return thresholds;
}

void NetworkImpl::set_thresholds(const std::vector<double>& thresholds) {
  if (thresholds.size() != topology_.exits().size()) {
    throw Failure(topology_.name() + ": " + std::to_string(thresholds.size()) + " thresholds for " +
                  std::to_string(topology_.exits().size()) + " exits");
  }
  for (std::size_t e = 0; e < thresholds.size(); ++e)
    stages_[topology_.exits()[e]].set_threshold(thresholds[e]);
}

torch::Tensor NetworkImpl::forward_over(const torch::Tensor& samples, const std::vector<std::uint8_t>& used) {
  if (used.size() != topology_.hyperconnections().size()) {
    throw Failure(topology_.name() + ": " + std::to_string(used.size()) + " entries for " +
                  std::to_string(topology_.hyperconnections().size()) + " hyperconnections");
  }
  const auto was_used = [&](int link, const torch::Tensor& from) {
    if (used[link] == 0) return false;
    const Hyperconnection& h = topology_.hyperconnections()[link];
    if (!from.defined()) {
      throw Failure(topology_.name() + ": " + topology_.vertex_name(h.from) + " -> " +
                    topology_.vertex_name(h.to) + " was used, but its sender has no output");
    }
    return true;
  };
  return run(samples, was_used, {}).back();
}

std::vector<ExitOutcome> outcomes_of(Network& network, const torch::Tensor& samples,
                                     Combination combination) {
  const torch::NoGradGuard no_grad;
  const Topology& topology = network->topology();
  const auto heads = network->heads(samples, combination, false);
  std::vector<ExitOutcome> outcomes(topology.exits().size());
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const auto exit = std::find(topology.exits().begin(), topology.exits().end(), topology.heads()[h]);
    if (exit != topology.exits().end()) outcomes[exit - topology.exits().begin()] = outcome_of(heads[h]);
  }
  return outcomes;
}

Weights NetworkImpl::weights() const {
  return weights_of(parameters_);
}

void NetworkImpl::load(const Weights& weights, const std::string& where) {
  load_into(parameters_, weights, where);
}

}  // namespace deepfog
