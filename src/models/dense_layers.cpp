// Layers that read plain vectors.
#include "models/layer_body.hpp"

namespace deepfog {
namespace {

class Dense : public LayerBody {
 public:
  Dense(const Layer& layer, std::int64_t inputs, LayerTensors& tensors)
      : relu_(layer.kind == LayerKind::relu),
        weight_(tensors.add("weight", {layer.width, inputs})),
        bias_(tensors.add("bias", {layer.width})) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode) const override {
    const torch::Tensor y = product(x, weight_, bias_);
    return relu_ ? y.relu_() : y;
  }

 private:
  bool relu_;
  torch::Tensor weight_, bias_;  ///< [out, in], [out]
};

class NormLinear : public LayerBody {
 public:
  NormLinear(const Layer& layer, std::int64_t inputs, LayerTensors& tensors)
      : binary_(layer.kind == LayerKind::binary_linear),
        weight_(tensors.add("weight", {layer.width, inputs})),
        norm_(tensors, "norm.", layer.width) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    return norm_.forward(product(x, binary_ ? to_signs(weight_) : weight_, {}), mode.training);
  }
  void clip() override {
    if (binary_) weight_.clamp_(-1, 1);
  }

 private:
  bool binary_;
  torch::Tensor weight_;  ///< [out, in]
  BatchNorm norm_;
};

class Residual : public LayerBody {
 public:
  Residual(const Layer& layer, std::int64_t inputs, LayerTensors& tensors)
      : width_(layer.width),
        first_(tensors.add("first.weight", {width_, inputs})),
        first_bias_(tensors.add("first.bias", {width_})),
        second_(tensors.add("second.weight", {width_, width_})),
        second_bias_(tensors.add("second.bias", {width_})) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode) const override {
    const torch::Tensor inside = product(x, first_, first_bias_).relu_();
    return (resized(x, width_) + product(inside, second_, second_bias_)).relu_();
  }

 private:
  std::int64_t width_;
  torch::Tensor first_, first_bias_, second_, second_bias_;
};

/// Masks are drawn on the processor, so that a seed drops the same units on every device.
class Dropout : public LayerBody {
 public:
  explicit Dropout(double rate) : rate_(rate) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    if (!mode.training) return x;
    TORCH_INTERNAL_ASSERT(mode.dropout != nullptr);
    torch::Tensor mask = torch::empty(x.sizes(), torch::kFloat32);
    float* values = mask.data_ptr<float>();
    const auto kept = static_cast<float>(1 / (1 - rate_));
    for (std::int64_t i = 0; i < mask.numel(); ++i) values[i] = mode.dropout->uniform() < rate_ ? 0 : kept;
    return x * mask.to(x.options());
  }

 private:
  double rate_;
};

}  // namespace

std::unique_ptr<LayerBody> make_dense(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors) {
  switch (layer.kind) {
    case LayerKind::dropout:
      return std::make_unique<Dropout>(layer.rate);
    case LayerKind::residual:
      return std::make_unique<Residual>(layer, inputs.width, tensors);
    case LayerKind::norm_linear:
    case LayerKind::binary_linear:
      return std::make_unique<NormLinear>(layer, inputs.width, tensors);
    default:
      return std::make_unique<Dense>(layer, inputs.width, tensors);
  }
}

}  // namespace deepfog
