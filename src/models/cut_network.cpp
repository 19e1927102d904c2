#include "models/cut_network.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "models/cnn.hpp"
#include "models/cut_network_parts.hpp"

namespace deepfog {
namespace {

std::vector<Neurons> everything(const CutPlan& plan) {
  std::vector<Neurons> held;
  for (const CutLayer& layer : plan.layers) held.push_back(all_of(layer.neurons));
  return held;
}

/// Throws Failure unless there is one list per layer, ascending and in range.
void check_held(const CutPlan& plan, const std::vector<Neurons>& held) {
  bool good = held.size() == plan.layers.size();
  for (std::size_t l = 0; good && l < held.size(); ++l) {
    const Neurons& ids = held[l];
    good = std::is_sorted(ids.begin(), ids.end()) &&
           std::adjacent_find(ids.begin(), ids.end()) == ids.end() &&
           (ids.empty() || (ids.front() >= 0 && ids.back() < plan.layers[l].neurons));
  }
  if (!good) throw Failure(plan.spec.name + ": not one ascending list of its neurons for each layer");
}

/// Maps each tensor with one row per neuron to its layer. Layer norms have no such rows.
std::map<std::string, std::size_t> layer_of_tensor(const CutPlan& plan) {
  std::map<std::string, std::size_t> layers;
  for (std::size_t l = 0; l < plan.steps.size(); ++l) {
    for (const CnnTensor& tensor : tensors_of(plan.steps[l].product)) layers[tensor.name] = l;
    for (const Step& step : plan.steps[l].folded) {
      for (const CnnTensor& tensor : tensors_of(step)) layers[tensor.name] = l;
    }
  }
  return layers;
}

}  // namespace

CutNetwork::CutNetwork(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CutNetwork::~CutNetwork() = default;
CutNetwork::CutNetwork(CutNetwork&&) noexcept = default;
CutNetwork& CutNetwork::operator=(CutNetwork&&) noexcept = default;

CutNetwork::CutNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where)
    : CutNetwork(spec, everything(cut_plan(plan_cnn(spec))), weights, where) {}

CutNetwork::CutNetwork(const CnnSpec& spec, const std::vector<Neurons>& held, const Weights& rows,
                       const std::string& where)
    : parts_(std::make_unique<Parts>()) {
  const at::NoGradGuard no_grad;
  const CnnPlan plan = plan_cnn(spec);
  parts_->plan = cut_plan(plan);
  check_held(parts_->plan, held);
  Weights expected = shapes_of(plan);
  const auto layers = layer_of_tensor(parts_->plan);
  for (NamedTensor& tensor : expected) {
    if (!rows.empty()) tensor.node = rows.front().node;  // the name of a device or of the network
    const auto layer = layers.find(tensor.name);
    if (layer != layers.end()) tensor.shape[0] = static_cast<std::int64_t>(held[layer->second].size());
  }
  std::map<std::string, at::Tensor> sources;
  for (const NamedTensor* tensor : matched(expected, rows, where)) {
    sources[tensor->name] =
        torch::from_blob(const_cast<float*>(tensor->values.data()), tensor->shape, torch::kFloat32);
  }
  parts_->build(sources, held);
}

const CutPlan& CutNetwork::plan() const {
  return parts_->plan;
}

const Neurons& CutNetwork::held(int layer) const {
  return parts_->layers.at(static_cast<std::size_t>(layer)).held;
}

CutNetwork CutNetwork::part(const std::vector<Neurons>& held) const {
  const at::NoGradGuard no_grad;
  check_held(plan(), held);
  auto parts = std::make_unique<Parts>();
  parts->plan = plan();
  parts->coded = parts_->coded;
  for (std::size_t l = 0; l < held.size(); ++l) {
    Parts::Layer layer = parts_->layers[l];
    const at::Tensor rows = index_of(parts_->places(static_cast<int>(l), held[l]));
    layer.held = held[l];
    layer.weight = layer.weight.index_select(0, rows);
    layer.bias = layer.bias.index_select(0, rows);
    if (layer.channels.defined()) layer.channels = layer.channels.index_select(0, rows);
    parts->layers.push_back(layer);
  }
  return CutNetwork(std::move(parts));
}

at::Tensor CutNetwork::run(int layer, const at::Tensor& gathered, const Neurons& neurons, const Neurons& live,
                           const at::Tensor& residual) const {
  const at::NoGradGuard no_grad;
  if (parts_->coded) parts_->refuse(layer, "a sum of neurons is not finished");
  return parts_->finish(layer, product(layer, gathered, neurons, live), neurons, residual);
}

at::Tensor CutNetwork::product(int layer, const at::Tensor& gathered, const Neurons& neurons,
                               const Neurons& live) const {
  const at::NoGradGuard no_grad;
  if (layer < 0 || layer >= static_cast<int>(layers().size())) parts_->refuse(layer, "is not there");
  return parts_->product(layer, gathered, neurons, live);
}

at::Tensor CutNetwork::finish(int layer, const at::Tensor& product, const Neurons& neurons,
                              const at::Tensor& residual) const {
  const at::NoGradGuard no_grad;
  if (layer < 0 || layer >= static_cast<int>(layers().size())) parts_->refuse(layer, "is not there");
  return parts_->finish(layer, product.clone(), neurons, residual);
}

at::Tensor CutNetwork::forward(const at::Tensor& images) const {
  std::vector<at::Tensor> inputs(layers().size() + 1);
  inputs[0] = images;
  for (std::size_t l = 0; l < layers().size(); ++l) {
    const int residual = layers()[l].residual;
    inputs[l + 1] = run(static_cast<int>(l), inputs[l], all_of(layers()[l].neurons), {},
                        residual < 0 ? at::Tensor() : inputs[static_cast<std::size_t>(residual)]);
    for (std::size_t i = 0; i <= l; ++i) {
      if (layers()[i].last_use <= static_cast<int>(l)) inputs[i] = at::Tensor();
    }
  }
  return inputs.back();
}

std::int64_t CutNetwork::resident_bytes() const {
  std::size_t bytes = 0;
  for (const Parts::Layer& layer : parts_->layers) {
    bytes += layer.weight.nbytes() + layer.bias.nbytes();
    for (const auto& norm : layer.norms) {
      for (const at::Tensor& tensor : norm) bytes += tensor.nbytes();
    }
  }
  return static_cast<std::int64_t>(bytes);
}

void CutNetwork::limit_cache(std::int64_t bytes) {
  parts_->cache->limit(bytes);
}

Weights part_of(const CnnSpec& spec, const Weights& weights, const std::vector<Neurons>& held,
                const std::string& where) {
  const CnnPlan plan = plan_cnn(spec);
  const CutPlan cut = cut_plan(plan);
  check_held(cut, held);
  const auto layers = layer_of_tensor(cut);
  Weights part;
  for (const NamedTensor* tensor : matched(shapes_of(plan), weights, where)) {
    const auto layer = layers.find(tensor->name);
    if (layer == layers.end()) {
      part.push_back(*tensor);
      continue;
    }
    const Neurons& rows = held[layer->second];
    const std::int64_t row = static_cast<std::int64_t>(tensor->values.size()) / tensor->shape[0];
    NamedTensor own{tensor->node, tensor->name, tensor->shape, {}};
    own.shape[0] = static_cast<std::int64_t>(rows.size());
    for (const std::int64_t r : rows) {
      own.values.insert(own.values.end(), tensor->values.begin() + r * row,
                        tensor->values.begin() + (r + 1) * row);
    }
    part.push_back(std::move(own));
  }
  return part;
}

}  // namespace deepfog
