#include "models/stage_network.hpp"

#include <cmath>

#include "core/error.hpp"

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

/// @param bias  may be undefined
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
  if (x.size(0) == 1 && c10::InferenceMode::is_enabled()) {  // a matrix product packs the weights every time
    const torch::Tensor row = x.squeeze(0);
    return (bias.defined() ? at::addmv(bias, weight, row) : at::mv(weight, row)).unsqueeze_(0);
  }
  return torch::linear(x, weight, bias);
}

double glorot_bound(const torch::Tensor& weight) {
  return std::sqrt(6.0 / double(weight.size(0) + weight.size(1)));
}

}  // namespace

Weights weights_of(const std::vector<Parameter>& parameters) {
  Weights weights;
  for (const Parameter& parameter : parameters) {
    const torch::Tensor tensor = parameter.tensor.detach().contiguous();
    const float* values = tensor.data_ptr<float>();
    weights.push_back({parameter.node, parameter.name, tensor.sizes().vec(),
                       std::vector<float>(values, values + tensor.numel())});
  }
  return weights;
}

void load_into(std::vector<Parameter>& parameters, const Weights& weights, const std::string& where) {
  const std::vector<std::string> wrong = mismatches(weights_of(parameters), weights);
  if (!wrong.empty()) throw UserError(where, "weights do not fit the topology: " + joined(wrong));
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const torch::Tensor source =
        torch::from_blob(const_cast<float*>(weights[i].values.data()), weights[i].shape, torch::kFloat32);
    parameters[i].tensor.copy_(source);
  }
}

StageNetwork::StageNetwork(const Topology& topology, int stage) {
  refuse_cut(topology, topology.name());
  const Stage& what = topology.stages().at(static_cast<std::size_t>(stage));
  for (const int link : what.incoming) {
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(link)];
    Arrival arrival;
    arrival.weight = h.weight;
    if (h.expansion == Expansion::linear) {
      arrival.map = add_parameter(topology, what, "from_" + topology.vertex_name(h.from) + ".weight",
                                  {what.expansion_width, h.width});
    } else {
      arrival.padding = what.expansion_width - h.width;
    }
    arrivals_.push_back(arrival);
  }
  std::int64_t width = what.expansion_width;
  for (std::size_t l = 0; l < what.layers.size(); ++l) {
    const Layer& layer = what.layers[l];
    const std::string name = "layer" + std::to_string(l + 1);
    Dense dense;
    dense.weight = add_parameter(topology, what, name + ".weight", {layer.width, width});
    dense.bias = add_parameter(topology, what, name + ".bias", {layer.width});
    dense.relu = layer.kind == LayerKind::relu;
    layers_.push_back(dense);
    width = layer.width;
  }
}

torch::Tensor StageNetwork::add_parameter(const Topology& topology, const Stage& stage,
                                          const std::string& name, const std::vector<std::int64_t>& shape) {
  const std::string& node = topology.nodes()[static_cast<std::size_t>(stage.node)].name;
  parameters_.push_back({node, stage.name + "." + name, torch::zeros(shape)});
  return parameters_.back().tensor;
}

void StageNetwork::initialise(RandomStream& stream) {
  torch::NoGradGuard no_grad;
  for (Arrival& arrival : arrivals_) {
    if (arrival.map.defined()) fill_uniform(arrival.map, glorot_bound(arrival.map), stream);
  }
  for (Dense& dense : layers_) {
    fill_uniform(dense.weight, glorot_bound(dense.weight), stream);
    dense.bias.zero_();
  }
}

torch::Tensor StageNetwork::Arrival::expand(const torch::Tensor& vector) const {
  const torch::Tensor x = weight == 1.0 ? vector : vector * weight;
  if (map.defined()) return product(x, map, {});
  return padding == 0 ? x : torch::constant_pad_nd(x, {0, padding});
}

torch::Tensor StageNetwork::gather(c10::ArrayRef<torch::Tensor> inputs) const {
  TORCH_INTERNAL_ASSERT(inputs.size() == arrivals_.size());
  torch::Tensor sum;  // undefined is Φ
  for (std::size_t i = 0; i < arrivals_.size(); ++i) {
    if (!inputs[i].defined()) continue;
    const torch::Tensor x = arrivals_[i].expand(inputs[i]);
    sum = sum.defined() ? sum + x : x;
  }
  return sum;
}

torch::Tensor StageNetwork::forward(c10::ArrayRef<torch::Tensor> inputs,
                                    const std::function<void()>& between) const {
  torch::Tensor x = gather(inputs);
  if (!x.defined()) return x;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (l > 0 && between) between();
    x = product(x, layers_[l].weight, layers_[l].bias);
    if (layers_[l].relu) x = x.relu_();
  }
  return x;
}

}  // namespace deepfog
