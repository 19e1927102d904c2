#include "partition/scored_network.hpp"

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "models/cnn.hpp"

namespace deepfog {
namespace {

std::size_t at_index(int layer) {
  return static_cast<std::size_t>(layer);
}

/// Reshapes one value per neuron to broadcast along the first dimension of `like`.
at::Tensor along(const at::Tensor& values, const at::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = like.size(0);
  return values.reshape(shape);
}

}  // namespace

ScoredNetwork::ScoredNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where) {
  const CnnPlan plan = plan_cnn(spec);
  plan_ = cut_plan(plan);
  std::map<std::string, at::Tensor> sources;
  for (const NamedTensor* tensor : matched(shapes_of(plan), weights, where)) {
    sources[tensor->name] =
        torch::from_blob(const_cast<float*>(tensor->values.data()), tensor->shape, torch::kFloat32);
  }
  const auto of = [&](const Step& step) {
    std::vector<at::Tensor> tensors;
    for (const CnnTensor& tensor : tensors_of(step)) tensors.push_back(sources.at(tensor.name));
    return tensors;
  };
  for (const CutSteps& steps : plan_.steps) {
    Tensors own{of(steps.product), {}, {}};
    for (const Step& step : steps.before) own.before.push_back(of(step));
    for (const Step& step : steps.folded) own.folded.push_back(of(step));
    tensors_.push_back(own);
  }
}

void ScoredNetwork::differentiate_weights(bool wanted) {
  for (Tensors& own : tensors_) {
    for (at::Tensor& tensor : own.product) tensor.requires_grad_(wanted);
  }
}

at::Tensor ScoredNetwork::prepared(int layer, const at::Tensor& gathered) const {
  const std::vector<Step>& before = plan_.steps[at_index(layer)].before;
  at::Tensor x = gathered;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::vector<at::Tensor>& norm = tensors_[at_index(layer)].before[i];
    if (before[i].kind == StepKind::flatten) {
      x = x.flatten(1);
    } else if (x.dim() == 2) {
      x = at::layer_norm(x, {before[i].in.channels}, norm[0], norm[1], before[i].epsilon);
    } else {
      x = at::layer_norm(x.permute({0, 2, 3, 1}), {before[i].in.channels}, norm[0], norm[1],
                         before[i].epsilon)
              .permute({0, 3, 1, 2});
    }
  }
  return x;
}

/// Batch norm and layer scale are folded into the weights, which costs less than applying them.
at::Tensor ScoredNetwork::multiplied(int layer, const at::Tensor& x) const {
  const CutSteps& steps = plan_.steps[at_index(layer)];
  const Tensors& own = tensors_[at_index(layer)];
  at::Tensor weight = own.product[0], bias = own.product[1];
  for (std::size_t i = 0; i < steps.folded.size(); ++i) {
    const std::vector<at::Tensor>& with = own.folded[i];
    const bool scale =
        steps.folded[i].kind == StepKind::layer_scale;  // otherwise batch norm: weight, bias, mean, variance
    const at::Tensor factor =
        scale ? with[0].flatten() : with[0] * (with[3] + steps.folded[i].epsilon).rsqrt();
    weight = weight * along(factor, weight);
    bias = scale ? bias * factor : (bias - with[2]) * factor + with[1];
  }
  if (steps.product.kind == StepKind::convolution) {
    return at::conv2d(x.contiguous(at::MemoryFormat::ChannelsLast), weight, bias, steps.product.stride,
                      steps.product.padding, 1, steps.product.depthwise ? x.size(1) : 1);
  }
  if (x.dim() == 2) return at::linear(x, weight, bias);
  return at::linear(x.permute({0, 2, 3, 1}), weight, bias).permute({0, 3, 1, 2});
}

at::Tensor ScoredNetwork::run(int layer, const std::vector<at::Tensor>& inputs) const {
  at::Tensor x = multiplied(layer, prepared(layer, inputs[at_index(layer)]));
  for (const Step& step : plan_.steps[at_index(layer)].after) {
    switch (step.kind) {
      case StepKind::relu:
        x = x.relu();
        break;
      case StepKind::gelu:
        x = x.dim() == 2 ? at::gelu(x) : at::gelu(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
        break;
      case StepKind::max_pool:
        x = at::max_pool2d(x, step.kernel, step.stride);
        break;
      case StepKind::adaptive_average_pool:
        x = at::adaptive_avg_pool2d(x, {step.out.height, step.out.width});
        break;
      case StepKind::add: {
        const int residual = plan_.layers[at_index(layer)].residual;
        x = x + prepared(residual, inputs[at_index(residual)]);
        break;
      }
      default:
        throw Failure(plan_.spec.name + ", " + step.name + ": no score is known for such an operation");
    }
  }
  return x;
}

std::vector<at::Tensor> ScoredNetwork::trace(const at::Tensor& images) const {
  std::vector<at::Tensor> inputs(at_index(layers()) + 1);
  inputs[0] = images;
  for (int l = 0; l < layers(); ++l) {
    inputs[at_index(l) + 1] = run(l, inputs);
    // The images need no derivative: the graph begins at the first layer's output.
    if (l == 0 && at::GradMode::is_enabled() && !inputs[1].requires_grad()) inputs[1].requires_grad_(true);
  }
  return inputs;
}

at::Tensor ScoredNetwork::scores_from(int layer, const at::Tensor& gathered,
                                      const std::function<at::Tensor(int)>& kept) const {
  std::vector<at::Tensor> inputs(at_index(layers()) + 1);
  inputs[at_index(layer)] = gathered;
  for (int l = layer; l < layers(); ++l) {
    const int residual = plan_.layers[at_index(l)].residual;
    if (residual >= 0 && !inputs[at_index(residual)].defined()) inputs[at_index(residual)] = kept(residual);
    inputs[at_index(l) + 1] = run(l, inputs);
    for (int i = 0; i <= l; ++i) {
      if (plan_.layers[at_index(i)].last_use <= l) inputs[at_index(i)] = at::Tensor();
    }
  }
  return inputs.back();
}

std::int64_t ScoredNetwork::values_per_image() const {
  std::int64_t values = 0;
  for (const CutSteps& steps : plan_.steps) values += 3 * steps.product.out.values();
  return values;
}

std::int64_t ScoredNetwork::largest_layer_values(int from) const {
  std::int64_t largest = 0;
  for (int l = from; l < layers(); ++l) {
    const Step& product = plan_.steps[at_index(l)].product;
    largest = std::max(largest, product.in.values() + 3 * product.out.values());
  }
  return largest;
}

}  // namespace deepfog
