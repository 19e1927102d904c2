#include "models/stage_layer.hpp"

#include <cmath>

namespace deepfog {
namespace {

constexpr double kMomentum = 0.1, kEpsilon = 1e-5;

class StraightThrough : public torch::autograd::Function<StraightThrough> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    context->save_for_backward({x});
    return at::where(x.ge(0), at::ones({}, x.options()), at::full({}, -1.0, x.options()));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::Tensor x = context->get_saved_variables()[0];
    return {gradients[0] * x.abs().le(1).to(x.scalar_type())};
  }
};

bool is_binary(LayerKind kind) {
  return kind == LayerKind::binary_conv || kind == LayerKind::binary_linear;
}

}  // namespace

torch::Tensor to_signs(const torch::Tensor& x) {
  return StraightThrough::apply(x);
}

torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
  if (x.size(0) == 1 && c10::InferenceMode::is_enabled()) {  // a matrix product packs the weights every time
    const torch::Tensor row = x.squeeze(0);
    return (bias.defined() ? at::addmv(bias, weight, row) : at::mv(weight, row)).unsqueeze_(0);
  }
  return torch::linear(x, weight, bias);
}

void fill_glorot(torch::Tensor weight, RandomStream& stream) {
  const std::int64_t window = weight.dim() == 4 ? weight.size(2) * weight.size(3) : 1;
  const double bound = std::sqrt(6.0 / double((weight.size(0) + weight.size(1)) * window));
  float* values = weight.data_ptr<float>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>((2.0 * stream.uniform() - 1.0) * bound);
  }
}

StageLayer::StageLayer(const Layer& layer, std::int64_t inputs, const Shape& shape)
    : kind_(layer.kind), shape_(shape) {
  const std::int64_t outputs = layer.width;
  if (is_conv(kind_)) {
    weight_ = add("weight", {outputs, shape_[0], 3, 3}, 0);
  } else {
    weight_ = add("weight", {outputs, inputs}, 0);
  }
  if (!is_block(kind_)) {
    bias_ = add("bias", {outputs}, 0);
    return;
  }
  scale_ = add("norm.scale", {outputs}, 1);
  shift_ = add("norm.shift", {outputs}, 0);
  mean_ = add("norm.mean", {outputs}, 0, false);
  variance_ = add("norm.variance", {outputs}, 1, false);
}

torch::Tensor StageLayer::add(const std::string& name, const std::vector<std::int64_t>& shape, double value,
                              bool learnt) {
  tensors_.push_back({name, torch::full(shape, value), learnt});
  return tensors_.back().tensor;
}

void StageLayer::initialise(RandomStream& stream) {
  fill_glorot(weight_, stream);
  if (bias_.defined()) bias_.zero_();
}

torch::Tensor StageLayer::convolve(const torch::Tensor& x) const {
  const torch::Tensor images = x.reshape({x.size(0), shape_[0], shape_[1], shape_[2]});
  const torch::Tensor weight = is_binary(kind_) ? to_signs(weight_) : weight_;
  return torch::max_pool2d(torch::conv2d(images, weight, {}, 1, 1), 3, 2, 1);
}

/// By the running values it is one product and one sum a value, in this order: a packed kernel does the same.
torch::Tensor StageLayer::norm(const torch::Tensor& x, bool training) const {
  if (training)
    return torch::batch_norm(x, scale_, shift_, mean_, variance_, true, kMomentum, kEpsilon, false);
  const torch::Tensor scale = scale_ / (variance_ + kEpsilon).sqrt();
  const torch::Tensor shift = shift_ - mean_ * scale;
  if (x.dim() == 2) return x * scale + shift;
  return x * scale.view({1, -1, 1, 1}) + shift.view({1, -1, 1, 1});
}

torch::Tensor StageLayer::forward(const torch::Tensor& x, bool training) const {
  switch (kind_) {
    case LayerKind::relu:
      return product(x, weight_, bias_).relu_();
    case LayerKind::binary_conv:
      return to_signs(norm(convolve(x), training)).flatten(1);
    case LayerKind::conv:
      return norm(convolve(x), training).relu().flatten(1);
    case LayerKind::norm_linear:
      return norm(product(x, weight_, {}), training);
    case LayerKind::binary_linear:
      return norm(product(x, to_signs(weight_), {}), training);
    default:
      return product(x, weight_, bias_);
  }
}

void StageLayer::clip() {
  if (is_binary(kind_)) weight_.clamp_(-1, 1);
}

}  // namespace deepfog
