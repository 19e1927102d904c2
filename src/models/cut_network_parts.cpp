#include "models/cut_network_parts.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"

namespace deepfog {
namespace {

bool consecutive(const Neurons& ids) {
  return !ids.empty() && ids.back() - ids.front() + 1 == static_cast<std::int64_t>(ids.size());
}

/// @param rows  indices along dimension 0
at::Tensor rows_of(const at::Tensor& tensor, const Neurons& rows) {
  if (consecutive(rows)) return tensor.narrow(0, rows.front(), static_cast<std::int64_t>(rows.size()));
  return tensor.index_select(0, index_of(rows));
}

/// Layer norm works on the last dimension, so channels are moved there.
at::Tensor normalised(const at::Tensor& x, const Step& step, const at::Tensor& weight,
                      const at::Tensor& bias) {
  const auto norm = [&](const at::Tensor& y) {
    return at::layer_norm(y, {step.in.channels}, weight, bias, step.epsilon);
  };
  return x.dim() == 2 ? norm(x) : norm(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

using Sources = std::map<std::string, at::Tensor>;

/// The tensors of a step, in the order of tensors_of(). They share the memory of the weights.
std::vector<at::Tensor> tensors_from(const Sources& sources, const Step& step) {
  std::vector<at::Tensor> tensors;
  for (const CnnTensor& tensor : tensors_of(step)) tensors.push_back(sources.at(tensor.name));
  return tensors;
}

}  // namespace

Neurons all_of(std::int64_t size) {
  Neurons ids(static_cast<std::size_t>(size));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

at::Tensor index_of(const Neurons& ids) {
  return torch::tensor(ids, torch::kInt64);
}

void CutNetwork::Parts::refuse(int layer, const std::string& what) const {
  const std::string name = layer >= 0 && layer < static_cast<int>(plan.layers.size())
                               ? plan.layers[static_cast<std::size_t>(layer)].name
                               : "layer " + std::to_string(layer);
  throw Failure(plan.spec.name + ", " + name + ": " + what);
}

void CutNetwork::Parts::build(const Sources& sources, const std::vector<Neurons>& held) {
  for (std::size_t l = 0; l < plan.steps.size(); ++l) {
    Layer layer;
    layer.held = held[l];
    fold(layer, plan.steps[l], sources);
    for (const Step& step : plan.steps[l].before) {
      std::vector<at::Tensor> own = tensors_from(sources, step);
      for (at::Tensor& tensor : own) tensor = tensor.clone();
      layer.norms.push_back(own);
    }
    layers.push_back(layer);
  }
}

void CutNetwork::Parts::fold(Layer& layer, const CutSteps& steps, const Sources& sources) const {
  const std::vector<at::Tensor> own = tensors_from(sources, steps.product);
  const auto rows = static_cast<std::int64_t>(layer.held.size());
  layer.weight = own[0].clone();
  layer.bias = own[1].clone();
  const auto scale = [&](const at::Tensor& factor) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(layer.weight.dim()), 1);
    shape[0] = rows;
    layer.weight.mul_(factor.reshape(shape));
    layer.bias.mul_(factor.reshape({rows}));
  };
  for (const Step& step : steps.folded) {
    const std::vector<at::Tensor> with = tensors_from(sources, step);
    if (step.kind == StepKind::layer_scale) {
      scale(with[0]);
    } else {  // batch norm: weight, bias, mean, variance
      layer.bias.sub_(with[2]);
      scale(with[0] * (with[3] + step.epsilon).rsqrt());
      layer.bias.add_(with[1]);
    }
  }
  if (steps.product.kind == StepKind::linear) {
    const std::int64_t inputs =
        steps.before.empty() ? steps.product.in.channels : steps.before.front().in.channels;
    layer.weight = layer.weight.reshape({rows, inputs, steps.product.in.channels / inputs});
  }
}

void CutNetwork::Parts::check_input(int layer, const at::Tensor& gathered) const {
  const CutLayer& of = plan.layers[static_cast<std::size_t>(layer)];
  std::vector<std::int64_t> shape{of.inputs};
  shape.insert(shape.end(), of.input_shape.begin(), of.input_shape.end());
  if (!gathered.defined() || gathered.dim() != static_cast<std::int64_t>(shape.size()) + 1 ||
      gathered.sizes().slice(1) != at::IntArrayRef(shape)) {
    refuse(layer, "its gathered input has another shape");
  }
}

/// The positions of these neurons among the held ones.
Neurons CutNetwork::Parts::places(int layer, const Neurons& neurons) const {
  const Neurons& held = layers[static_cast<std::size_t>(layer)].held;
  if (neurons.size() == held.size() && neurons == held) return all_of(static_cast<std::int64_t>(held.size()));
  Neurons places;
  for (const std::int64_t neuron : neurons) {
    const auto found = std::lower_bound(held.begin(), held.end(), neuron);
    if (found == held.end() || *found != neuron) {
      refuse(layer, "neuron " + std::to_string(neuron) + " is not held");
    }
    places.push_back(found - held.begin());
  }
  return places;
}

at::Tensor CutNetwork::Parts::prepared(int layer, const at::Tensor& gathered) const {
  const std::vector<Step>& before = plan.steps[static_cast<std::size_t>(layer)].before;
  at::Tensor x = gathered;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto& norm = layers[static_cast<std::size_t>(layer)].norms[i];
    x = before[i].kind == StepKind::flatten ? x.flatten(1) : normalised(x, before[i], norm[0], norm[1]);
  }
  return x;
}

at::Tensor CutNetwork::Parts::selected(int layer, const Neurons& rows, const Neurons& live) const {
  const at::Tensor& weight = layers[static_cast<std::size_t>(layer)].weight;
  if (live.empty() && consecutive(rows)) return rows_of(weight, rows);
  return cache->get({layer, rows, live}, [&] {
    const at::Tensor part = rows_of(weight, rows);
    return live.empty() ? part : part.index_select(1, index_of(live));
  });
}

at::Tensor CutNetwork::Parts::multiply(int layer, const at::Tensor& x, const at::Tensor& weight,
                                       const at::Tensor& bias, std::int64_t groups) const {
  const Step& step = plan.steps[static_cast<std::size_t>(layer)].product;
  if (x.dim() == 2 && x.size(0) == 1) {  // a matrix product would pack the weights first
    return at::addmv(bias, weight.flatten(1), x.squeeze(0)).unsqueeze(0);
  }
  if (x.dim() == 2) return at::linear(x, weight.flatten(1), bias);
  // Channels last: LibTorch's poolings are many times faster than on planes, and its convolutions are as
  // fast.
  const at::Tensor images = x.contiguous(at::MemoryFormat::ChannelsLast);
  if (step.kind == StepKind::convolution) {
    return at::conv2d(images, weight, bias, step.stride, step.padding, 1, groups);
  }
  return at::conv2d(images, weight.unsqueeze(3), bias);  // the same product at every pixel
}

at::Tensor CutNetwork::Parts::nothing(std::int64_t rows, const std::vector<std::int64_t>& pixels) const {
  std::vector<std::int64_t> shape{rows, 0};
  shape.insert(shape.end(), pixels.begin(), pixels.end());
  return at::empty(shape);
}

at::Tensor CutNetwork::Parts::product(int layer, const at::Tensor& gathered, const Neurons& neurons,
                                      const Neurons& live) const {
  check_input(layer, gathered);
  const CutLayer& of = plan.layers[static_cast<std::size_t>(layer)];
  const Layer& own = layers[static_cast<std::size_t>(layer)];
  const Neurons rows = places(layer, neurons);
  const auto count = static_cast<std::int64_t>(rows.size());
  if (count == 0) {
    const ImageShape& out = plan.steps[static_cast<std::size_t>(layer)].product.out;
    return nothing(gathered.size(0), of.output_shape.empty()
                                         ? of.output_shape
                                         : std::vector<std::int64_t>{out.height, out.width});
  }
  const at::Tensor bias = rows_of(own.bias, rows);
  if (of.depthwise) {
    at::Tensor x = prepared(layer, gathered);
    if (own.channels.defined()) {
      x = x.index_select(1, rows_of(own.channels, rows).flatten());
    } else if (count < of.inputs) {
      x = x.index_select(1, index_of(neurons));
    }
    return multiply(layer, x, selected(layer, rows, {}), bias, count);
  }
  const bool some = !of.dense_input && static_cast<std::int64_t>(live.size()) < of.inputs && !live.empty();
  const at::Tensor x = prepared(layer, some ? gathered.index_select(1, index_of(live)) : gathered);
  return multiply(layer, x, selected(layer, rows, some ? live : Neurons{}), bias, 1);
}

/// Works in place if it can.
at::Tensor CutNetwork::Parts::finish(int layer, at::Tensor x, const Neurons& neurons,
                                     const at::Tensor& residual) const {
  const CutLayer& of = plan.layers[static_cast<std::size_t>(layer)];
  if (neurons.empty()) return nothing(x.size(0), of.output_shape);
  for (const Step& step : plan.steps[static_cast<std::size_t>(layer)].after) {
    if (step.kind == StepKind::relu) {
      x = x.relu_();
    } else if (step.kind == StepKind::gelu) {
      x = x.dim() == 2 ? at::gelu(x)  // on the last dimension, for speed
                       : at::gelu(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
    } else if (step.kind == StepKind::max_pool) {
      x = at::max_pool2d(x, step.kernel, step.stride);
    } else if (step.kind == StepKind::adaptive_average_pool) {
      x = at::adaptive_avg_pool2d(x, {step.out.height, step.out.width});
    } else if (step.kind == StepKind::add) {
      check_input(of.residual, residual);
      const at::Tensor kept = prepared(of.residual, residual);
      x = x.add_(static_cast<std::int64_t>(neurons.size()) < of.neurons
                     ? kept.index_select(1, index_of(neurons))
                     : kept);
    } else {
      refuse(layer, "an operation is unknown");
    }
  }
  return x;
}

}  // namespace deepfog
