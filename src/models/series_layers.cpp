// Layers that read series, which are images of {features, 1, steps}.
#include "models/layer_body.hpp"

namespace deepfog {
namespace {

class Gru : public LayerBody {
 public:
  Gru(const Layer& layer, const Shape& shape, LayerTensors& tensors)
      : shape_(shape),
        hidden_(layer.width),
        input_(tensors.add("input.weight", {3 * hidden_, shape[0]})),
        state_(tensors.add("state.weight", {3 * hidden_, hidden_})),
        input_bias_(tensors.add("input.bias", {3 * hidden_})),
        state_bias_(tensors.add("state.bias", {3 * hidden_})) {}

  /// Gates are in LibTorch's order: reset, update, new. The initial state is zero.
  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    const std::int64_t rows = x.size(0), steps = shape_[2];
    const torch::Tensor series = x.reshape({rows, shape_[0], steps}).permute({2, 0, 1});
    const torch::Tensor begin = torch::zeros({1, rows, hidden_}, x.options());
    const auto [states, end] = torch::gru(series, begin, {input_, state_, input_bias_, state_bias_}, true, 1,
                                          0.0, mode.training, false, false);
    return states.permute({1, 2, 0}).reshape({rows, hidden_ * steps});
  }

 private:
  Shape shape_;
  std::int64_t hidden_;
  torch::Tensor input_, state_, input_bias_,
      state_bias_;  ///< [3 hidden, features], [3 hidden, hidden], [3 hidden]
};

class Last : public LayerBody {
 public:
  explicit Last(const Shape& shape) : shape_(shape) {}
  torch::Tensor forward(const torch::Tensor& x, LayerMode) const override {
    return x.reshape({x.size(0), shape_[0], shape_[2]}).select(2, shape_[2] - 1);
  }

 private:
  Shape shape_;
};

}  // namespace

std::unique_ptr<LayerBody> make_series_layer(const Layer& layer, const VectorSize& inputs,
                                             LayerTensors& tensors) {
  if (layer.kind == LayerKind::last) return std::make_unique<Last>(inputs.shape);
  return std::make_unique<Gru>(layer, inputs.shape, tensors);
}

}  // namespace deepfog
