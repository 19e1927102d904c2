#include <algorithm>

#include "core/error.hpp"
#include "models/cnn.hpp"
#include "models/cut_network_parts.hpp"

namespace deepfog {
namespace {

/// The size of the largest set, which is the number of sums.
std::int64_t most_of(const std::vector<Neurons>& sets) {
  std::size_t most = 0;
  for (const Neurons& set : sets) most = std::max(most, set.size());
  return static_cast<std::int64_t>(most);
}

/// For a depthwise layer: the channel that each kernel of each sum reads, [sums, sets].
at::Tensor channels_of(const std::vector<Neurons>& sets) {
  std::vector<at::Tensor> channels;
  for (const Neurons& set : sets) {
    Neurons reads(static_cast<std::size_t>(most_of(sets)), 0);
    std::copy(set.begin(), set.end(), reads.begin());
    channels.push_back(index_of(reads));
  }
  return at::stack(channels, 1);
}

/// The shape of a layer's weights as the network holds them.
std::vector<std::int64_t> sum_shape(const CutPlan& plan, std::size_t layer,
                                    const std::vector<Neurons>& sets) {
  const CutSteps& steps = plan.steps[layer];
  std::vector<std::int64_t> shape = tensors_of(steps.product)[0].shape;
  shape[0] = most_of(sets);
  if (plan.layers[layer].depthwise) shape[1] = static_cast<std::int64_t>(sets.size());
  if (steps.product.kind != StepKind::linear) return shape;
  const std::int64_t inputs = plan.layers[layer].inputs;
  return {shape[0], inputs, shape[1] / inputs};
}

}  // namespace

CutNetwork CutNetwork::coded(const std::vector<std::vector<Neurons>>& sets) const {
  const at::NoGradGuard no_grad;
  if (sets.size() != layers().size() || parts_->coded) {
    throw Failure(plan().spec.name + ": sums need one list of sets for each layer of whole neurons");
  }
  auto parts = std::make_unique<Parts>();
  parts->plan = plan();
  parts->coded = true;
  for (std::size_t l = 0; l < sets.size(); ++l) {
    const Parts::Layer& of = parts_->layers[l];
    std::vector<std::int64_t> shape = of.weight.sizes().vec();
    shape[0] = most_of(sets[l]);
    Parts::Layer sum{all_of(shape[0]), at::zeros(shape), at::zeros({shape[0]}), of.norms, {}};
    std::vector<at::Tensor> apart;  // depthwise: the neurons of each device read their own channels
    for (const Neurons& set : sets[l]) {
      const auto size = static_cast<std::int64_t>(set.size());
      const Neurons rows = parts_->places(static_cast<int>(l), set);
      sum.bias.narrow(0, 0, size).add_(of.bias.index_select(0, index_of(rows)));
      at::Tensor weight = layers()[l].depthwise ? at::zeros(shape) : sum.weight;
      weight.narrow(0, 0, size).add_(of.weight.index_select(0, index_of(rows)));
      apart.push_back(weight);
    }
    if (layers()[l].depthwise) {
      sum.weight = at::cat(apart, 1);
      sum.channels = channels_of(sets[l]);
    }
    parts->layers.push_back(sum);
  }
  return CutNetwork(std::move(parts));
}

Weights CutNetwork::sums() const {
  if (!parts_->coded) throw Failure(plan().spec.name + ": a network of neurons has no sums");
  Weights sums;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    const at::Tensor own = tensor.contiguous();
    const float* values = own.data_ptr<float>();
    sums.push_back(
        {plan().spec.name, name, own.sizes().vec(), std::vector<float>(values, values + own.numel())});
  };
  for (std::size_t l = 0; l < layers().size(); ++l) {
    const CutSteps& steps = plan().steps[l];
    for (std::size_t b = 0; b < steps.before.size(); ++b) {
      const auto names = tensors_of(steps.before[b]);
      for (std::size_t t = 0; t < names.size(); ++t) add(names[t].name, parts_->layers[l].norms[b][t]);
    }
    const auto names = tensors_of(steps.product);
    add(names[0].name, parts_->layers[l].weight);
    add(names[1].name, parts_->layers[l].bias);
  }
  return sums;
}

CutNetwork CutNetwork::coded(const CnnSpec& spec, const std::vector<std::vector<Neurons>>& sets,
                             const Weights& sums, const std::string& where) {
  const at::NoGradGuard no_grad;
  auto parts = std::make_unique<Parts>();
  parts->plan = cut_plan(plan_cnn(spec));
  parts->coded = true;
  if (sets.size() != parts->plan.layers.size()) {
    throw Failure(spec.name + ": sums need one list of sets for each layer");
  }
  const std::string node = sums.empty() ? spec.name : sums.front().node;
  Weights expected;
  for (std::size_t l = 0; l < sets.size(); ++l) {
    const CutSteps& steps = parts->plan.steps[l];
    for (const Step& step : steps.before) {
      for (const CnnTensor& tensor : tensors_of(step))
        expected.push_back({node, tensor.name, tensor.shape, {}});
    }
    const auto names = tensors_of(steps.product);
    expected.push_back({node, names[0].name, sum_shape(parts->plan, l, sets[l]), {}});
    expected.push_back({node, names[1].name, {most_of(sets[l])}, {}});
  }
  const std::vector<const NamedTensor*> given = matched(expected, sums, where);
  std::size_t next = 0;
  const auto take = [&] {
    const NamedTensor& tensor = *given[next++];
    return torch::from_blob(const_cast<float*>(tensor.values.data()), tensor.shape, torch::kFloat32).clone();
  };
  for (std::size_t l = 0; l < sets.size(); ++l) {
    Parts::Layer layer;
    layer.held = all_of(most_of(sets[l]));
    for (const Step& step : parts->plan.steps[l].before) {
      layer.norms.emplace_back();
      for (std::size_t t = 0; t < tensors_of(step).size(); ++t) layer.norms.back().push_back(take());
    }
    layer.weight = take();
    layer.bias = take();
    if (parts->plan.layers[l].depthwise) layer.channels = channels_of(sets[l]);
    parts->layers.push_back(layer);
  }
  return CutNetwork(std::move(parts));
}

}  // namespace deepfog
