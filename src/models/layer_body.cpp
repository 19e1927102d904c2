#include "models/layer_body.hpp"

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

}  // namespace

torch::Tensor LayerTensors::add(const std::string& name, const std::vector<std::int64_t>& shape, double value,
                                bool learnt) {
  list_.push_back({name, torch::full(shape, value), learnt});
  return list_.back().tensor;
}

std::unique_ptr<LayerBody> make_body(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors) {
  switch (layer.kind) {
    case LayerKind::conv:
    case LayerKind::binary_conv:
    case LayerKind::conv3:
    case LayerKind::separable:
    case LayerKind::residual_conv:
    case LayerKind::pool:
      return make_image_layer(layer, inputs, tensors);
    case LayerKind::gru:
    case LayerKind::last:
      return make_series_layer(layer, inputs, tensors);
    default:
      return make_dense(layer, inputs, tensors);
  }
}

BatchNorm::BatchNorm(LayerTensors& tensors, const std::string& prefix, std::int64_t outputs)
    : scale_(tensors.add(prefix + "scale", {outputs}, 1)),
      shift_(tensors.add(prefix + "shift", {outputs}, 0)),
      mean_(tensors.add(prefix + "mean", {outputs}, 0, false)),
      variance_(tensors.add(prefix + "variance", {outputs}, 1, false)) {}

/// With running statistics, batch norm is one product and one sum per value, in this order: packed kernels do
/// the same.
torch::Tensor BatchNorm::forward(const torch::Tensor& x, bool training) const {
  if (training)
    return torch::batch_norm(x, scale_, shift_, mean_, variance_, true, kMomentum, kEpsilon, false);
  const torch::Tensor scale = scale_ / (variance_ + kEpsilon).sqrt();
  const torch::Tensor shift = shift_ - mean_ * scale;
  if (x.dim() == 2) return x * scale + shift;
  return x * scale.view({1, -1, 1, 1}) + shift.view({1, -1, 1, 1});
}

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

torch::Tensor resized(const torch::Tensor& x, std::int64_t width) {
  if (x.size(1) >= width) return x.narrow(1, 0, width);
  std::vector<std::int64_t> padding(static_cast<std::size_t>(2 * (x.dim() - 1)),
                                    0);  // starts with the last dimension
  padding.back() = width - x.size(1);
  return torch::constant_pad_nd(x, padding);
}

}  // namespace deepfog
