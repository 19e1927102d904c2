// Layers that read images, [channels, height, width] per row.
#include "models/layer_body.hpp"

namespace deepfog {
namespace {

torch::Tensor images_of(const torch::Tensor& x, const Shape& shape) {
  return x.reshape({x.size(0), shape[0], shape[1], shape[2]});
}

/// A block of a DDNN: 3x3 convolution, max-pool, batch norm, and max(0, x) or the sign.
class PooledConv : public LayerBody {
 public:
  PooledConv(const Layer& layer, const Shape& shape, LayerTensors& tensors)
      : binary_(layer.kind == LayerKind::binary_conv),
        shape_(shape),
        weight_(tensors.add("weight", {layer.width, shape[0], 3, 3})),
        norm_(tensors, "norm.", layer.width) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    const torch::Tensor filtered =
        torch::conv2d(images_of(x, shape_), binary_ ? to_signs(weight_) : weight_, {}, 1, 1);
    const torch::Tensor y = norm_.forward(torch::max_pool2d(filtered, 3, 2, 1), mode.training);
    return (binary_ ? to_signs(y) : y.relu()).flatten(1);
  }
  void clip() override {
    if (binary_) weight_.clamp_(-1, 1);
  }

 private:
  bool binary_;
  Shape shape_;
  torch::Tensor weight_;  ///< [filters, channels, 3, 3]
  BatchNorm norm_;
};

/// A convolution followed by batch norm.
class NormConv {
 public:
  /// @param prefix  prefix of the tensor names
  /// @param groups  number of groups of channels that are convolved separately: 1 or the number of channels
  NormConv(LayerTensors& tensors, const std::string& prefix, std::int64_t channels, std::int64_t filters,
           std::int64_t window, std::int64_t stride, std::int64_t groups = 1)
      : stride_(stride),
        padding_(window / 2),
        groups_(groups),
        weight_(tensors.add(prefix + "weight", {filters, channels / groups, window, window})),
        norm_(tensors, prefix + "norm.", filters) {}

  torch::Tensor forward(const torch::Tensor& images, bool training) const {
    return norm_.forward(torch::conv2d(images, weight_, {}, stride_, padding_, 1, groups_), training);
  }

 private:
  std::int64_t stride_, padding_, groups_;
  torch::Tensor weight_;
  BatchNorm norm_;
};

class PlainConv : public LayerBody {
 public:
  PlainConv(const Layer& layer, const Shape& shape, LayerTensors& tensors)
      : shape_(shape), conv_(tensors, "", shape[0], layer.width, 3, layer.stride) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    return conv_.forward(images_of(x, shape_), mode.training).relu_().flatten(1);
  }

 private:
  Shape shape_;
  NormConv conv_;
};

class Separable : public LayerBody {
 public:
  Separable(const Layer& layer, const Shape& shape, LayerTensors& tensors)
      : shape_(shape),
        depth_(tensors, "depth.", shape[0], shape[0], 3, layer.stride, shape[0]),
        point_(tensors, "point.", shape[0], layer.width, 1, 1) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    const torch::Tensor within = depth_.forward(images_of(x, shape_), mode.training).relu_();
    return point_.forward(within, mode.training).relu_().flatten(1);
  }

 private:
  Shape shape_;
  NormConv depth_, point_;
};

class ResidualConv : public LayerBody {
 public:
  ResidualConv(const Layer& layer, const Shape& shape, LayerTensors& tensors)
      : filters_(layer.width),
        stride_(layer.stride),
        shape_(shape),
        first_(tensors, "first.", shape[0], layer.width, 3, layer.stride),
        second_(tensors, "second.", layer.width, layer.width, 3, 1) {}

  torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const override {
    const torch::Tensor images = images_of(x, shape_);
    const torch::Tensor inside = first_.forward(images, mode.training).relu_();
    const torch::Tensor every =
        torch::slice(torch::slice(images, 2, 0, shape_[1], stride_), 3, 0, shape_[2], stride_);
    return (resized(every, filters_) + second_.forward(inside, mode.training)).relu_().flatten(1);
  }

 private:
  std::int64_t filters_, stride_;
  Shape shape_;
  NormConv first_, second_;
};

class Pool : public LayerBody {
 public:
  explicit Pool(const Shape& shape) : shape_(shape) {}
  torch::Tensor forward(const torch::Tensor& x, LayerMode) const override {
    return images_of(x, shape_).mean(c10::IntArrayRef({2, 3}));
  }

 private:
  Shape shape_;
};

}  // namespace

std::unique_ptr<LayerBody> make_image_layer(const Layer& layer, const VectorSize& inputs,
                                            LayerTensors& tensors) {
  const Shape& shape = inputs.shape;
  switch (layer.kind) {
    case LayerKind::conv3:
      return std::make_unique<PlainConv>(layer, shape, tensors);
    case LayerKind::separable:
      return std::make_unique<Separable>(layer, shape, tensors);
    case LayerKind::residual_conv:
      return std::make_unique<ResidualConv>(layer, shape, tensors);
    case LayerKind::pool:
      return std::make_unique<Pool>(shape);
    default:
      return std::make_unique<PooledConv>(layer, shape, tensors);
  }
}

}  // namespace deepfog
