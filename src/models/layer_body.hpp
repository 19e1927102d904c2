#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "topology/layer_size.hpp"

namespace deepfog {

/// One tensor of a layer. What is not learnt belongs to the weights all the same: the running mean and
/// variance of batch norm, an exit's threshold.
struct LayerTensor {
  std::string name;
  torch::Tensor tensor;
  bool learnt = true;
};

/// The tensors of a layer, in the order of Weights. Those with rows and columns are drawn, biases begin as
/// zeros, batch norm as the identity.
class LayerTensors {
 public:
  torch::Tensor add(const std::string& name, const std::vector<std::int64_t>& shape, double value = 0,
                    bool learnt = true);
  const std::vector<LayerTensor>& list() const { return list_; }

 private:
  std::vector<LayerTensor> list_;
};

/// How a layer is run.
struct LayerMode {
  bool training = false;            ///< batch norm by the rows at hand; units drop out
  RandomStream* dropout = nullptr;  ///< what says which do; needed by dropout in training alone
};

/// What one kind of layer computes with its tensors.
class LayerBody {
 public:
  virtual ~LayerBody() = default;

  /// @param x  [rows, inputs]
  /// @return [rows, outputs]; images in the order channels, height, width
  virtual torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const = 0;

  /// See StageLayer.
  virtual void clip() {}
};

/// The body of any kind but those of cut networks.
/// @param inputs  what it reads, which it can (wanted_by)
std::unique_ptr<LayerBody> make_body(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors);

// The same of a room's part each.
std::unique_ptr<LayerBody> make_dense(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors);
std::unique_ptr<LayerBody> make_image_layer(const Layer& layer, const VectorSize& inputs,
                                            LayerTensors& tensors);
std::unique_ptr<LayerBody> make_series_layer(const Layer& layer, const VectorSize& inputs,
                                             LayerTensors& tensors);

/// Batch norm over rows, or over rows and pixels.
class BatchNorm {
 public:
  /// @param prefix  of the names, "norm." say
  BatchNorm(LayerTensors& tensors, const std::string& prefix, std::int64_t outputs);

  /// @param x  [rows, outputs] or [rows, outputs, height, width]
  torch::Tensor forward(const torch::Tensor& x, bool training) const;

 private:
  torch::Tensor scale_, shift_, mean_, variance_;  ///< [outputs]
};

/// -1 or 1, 1 for 0. The gradient passes where |x| <= 1 (straight-through estimator; DDNN, section III-B).
torch::Tensor to_signs(const torch::Tensor& x);

/// @param bias  may be undefined. A row alone is multiplied as a vector in c10::InferenceMode.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias);

/// Zeros behind the last column, or fewer columns. Of images: channels.
torch::Tensor resized(const torch::Tensor& x, std::int64_t width);

}  // namespace deepfog
