#include "models/network.hpp"

#include "core/error.hpp"

namespace deepfog {

NetworkImpl::NetworkImpl(const Topology& topology, const std::vector<Columns>& columns)
    : topology_(topology), columns_(columns) {
  for (std::size_t s = 0; s < topology_.stages().size(); ++s) {
    stages_.emplace_back(topology_, static_cast<int>(s));
    for (const Parameter& parameter : stages_.back().parameters()) {
      std::string key = parameter.name;  // module parameter names must not contain dots
      for (char& c : key) c = c == '.' ? ':' : c;
      register_parameter(key, parameter.tensor);
      parameters_.push_back(parameter);
    }
  }
}

void NetworkImpl::initialise(std::uint64_t seed) {
  RandomStream stream(seed);
  for (StageNetwork& stage : stages_) stage.initialise(stream);
}

template <class Used>
torch::Tensor NetworkImpl::run(const torch::Tensor& samples, const Used& used) const {
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
    vertex[topology_.vertex_of(static_cast<int>(s))] = stages_[s].forward(inputs, {});
  }
  return vertex.back();
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& samples, Combination combination) {
  return run(samples, [&](int link, const torch::Tensor&) {
    const Stage& to = topology_.stages()[topology_.stage_of(topology_.hyperconnections()[link].to)];
    return alive(combination, topology_.nodes()[to.node].position);
  });
}

torch::Tensor NetworkImpl::forward_over(const torch::Tensor& samples, const std::vector<std::uint8_t>& used) {
  if (used.size() != topology_.hyperconnections().size()) {
    throw Failure(topology_.name() + ": " + std::to_string(used.size()) + " entries for " +
                  std::to_string(topology_.hyperconnections().size()) + " hyperconnections");
  }
  return run(samples, [&](int link, const torch::Tensor& from) {
    if (used[link] == 0) return false;
    const Hyperconnection& h = topology_.hyperconnections()[link];
    if (!from.defined()) {
      throw Failure(topology_.name() + ": " + topology_.vertex_name(h.from) + " -> " +
                    topology_.vertex_name(h.to) + " was used, but its sender has no output");
    }
    return true;
  });
}

Weights NetworkImpl::weights() const {
  return weights_of(parameters_);
}

void NetworkImpl::load(const Weights& weights, const std::string& where) {
  load_into(parameters_, weights, where);
}

}  // namespace deepfog
