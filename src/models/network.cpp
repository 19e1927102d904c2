#include "models/network.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

/// Uniform in [-bound, bound] from a portable stream, so that a seed means the same network with every
/// LibTorch.
void fill_uniform(torch::Tensor tensor, double bound, RandomStream& stream) {
  float* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>((2.0 * stream.uniform() - 1.0) * bound);
  }
}

}  // namespace

NetworkImpl::NetworkImpl(const Topology& topology, const std::vector<Columns>& columns)
    : topology_(topology), columns_(columns), expansions_(topology.hyperconnections().size()) {
  layers_.resize(topology_.stages().size());
  for (std::size_t s = 0; s < layers_.size(); ++s) {
    const Stage& stage = topology_.stages()[s];
    for (int link : stage.incoming) {
      const Hyperconnection& h = topology_.hyperconnections()[link];
      if (h.expansion != Expansion::linear) continue;
      add_parameter(stage, "from_" + topology_.vertex_name(h.from) + ".weight",
                    {stage.expansion_width, h.width});
      expansions_[link] = parameters_.back().tensor;
    }
    std::int64_t width = stage.expansion_width;
    for (std::size_t l = 0; l < stage.layers.size(); ++l) {
      const std::string layer = "layer" + std::to_string(l + 1);
      Dense dense;
      add_parameter(stage, layer + ".weight", {stage.layers[l].width, width});
      dense.weight = parameters_.back().tensor;
      add_parameter(stage, layer + ".bias", {stage.layers[l].width});
      dense.bias = parameters_.back().tensor;
      dense.relu = stage.layers[l].kind == LayerKind::relu;
      layers_[s].push_back(dense);
      width = stage.layers[l].width;
    }
  }
}

void NetworkImpl::add_parameter(const Stage& stage, const std::string& name,
                                std::vector<std::int64_t> shape) {
  const std::string full = stage.name + "." + name;
  std::string key = full;  // module parameter names must not contain dots
  for (char& c : key) c = c == '.' ? ':' : c;
  torch::Tensor tensor = register_parameter(key, torch::zeros(shape));
  parameters_.push_back({topology_.nodes()[stage.node].name, full, tensor});
}

void NetworkImpl::initialise(std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  RandomStream stream(seed);
  for (std::size_t s = 0; s < layers_.size(); ++s) {
    for (int link : topology_.stages()[s].incoming) {
      torch::Tensor& map = expansions_[link];
      if (map.defined()) fill_uniform(map, std::sqrt(6.0 / double(map.size(0) + map.size(1))), stream);
    }
    for (Dense& dense : layers_[s]) {
      const double fan_in = double(dense.weight.size(1)), fan_out = double(dense.weight.size(0));
      fill_uniform(dense.weight, std::sqrt(6.0 / (fan_in + fan_out)), stream);
      dense.bias.zero_();
    }
  }
}

torch::Tensor NetworkImpl::arriving(int link, const torch::Tensor& vector) {
  const Hyperconnection& h = topology_.hyperconnections()[link];
  torch::Tensor x = h.weight == 1.0 ? vector : vector * h.weight;
  if (expansions_[link].defined()) return torch::linear(x, expansions_[link]);
  const std::int64_t missing = topology_.stages()[topology_.stage_of(h.to)].expansion_width - h.width;
  return missing == 0 ? x : torch::constant_pad_nd(x, {0, missing});
}

torch::Tensor NetworkImpl::gather(const Stage& stage, const std::vector<torch::Tensor>& vertex) {
  torch::Tensor sum;  // undefined is Φ
  for (int link : stage.incoming) {
    const torch::Tensor& from = vertex[topology_.hyperconnections()[link].from];
    if (!from.defined()) continue;
    torch::Tensor x = arriving(link, from);
    sum = sum.defined() ? sum + x : x;
  }
  return sum;
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& samples, Combination combination) {
  std::vector<torch::Tensor> vertex(topology_.vertices());
  for (std::size_t s = 0; s < topology_.sources().size(); ++s) {
    vertex[s] = samples.narrow(1, columns_[s].begin, columns_[s].end - columns_[s].begin);
  }
  for (std::size_t s = 0; s < layers_.size(); ++s) {
    const Stage& stage = topology_.stages()[s];
    if (!alive(combination, topology_.nodes()[stage.node].position)) continue;
    torch::Tensor x = gather(stage, vertex);
    if (!x.defined()) continue;
    for (const Dense& dense : layers_[s]) {
      x = torch::linear(x, dense.weight, dense.bias);
      if (dense.relu) x = x.relu_();
    }
    vertex[topology_.vertex_of(static_cast<int>(s))] = x;
  }
  return vertex.back();
}

Weights NetworkImpl::weights() const {
  Weights weights;
  for (const Parameter& parameter : parameters_) {
    const torch::Tensor tensor = parameter.tensor.detach().contiguous();
    const float* values = tensor.data_ptr<float>();
    weights.push_back({parameter.node, parameter.name, tensor.sizes().vec(),
                       std::vector<float>(values, values + tensor.numel())});
  }
  return weights;
}

void NetworkImpl::load(const Weights& weights, const std::string& where) {
  const std::vector<std::string> wrong = mismatches(this->weights(), weights);
  if (!wrong.empty()) throw UserError(where, "weights do not fit the topology: " + joined(wrong));
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const torch::Tensor source =
        torch::from_blob(const_cast<float*>(weights[i].values.data()), weights[i].shape, torch::kFloat32);
    parameters_[i].tensor.copy_(source);
  }
}

}  // namespace deepfog
