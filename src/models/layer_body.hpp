#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "topology/layer_size.hpp"

namespace deepfog {

/// One tensor of a layer. Tensors that are not learnt, such as the running mean and variance of batch norm or
/// the threshold of an exit, belong to the weights, too.
struct LayerTensor {
  std::string name;
  torch::Tensor tensor;
  bool learnt = true;
};

/// The tensors of a layer, in the order of Weights. Matrices are drawn at random; biases start at zero and
/// batch norm as the identity.
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
  bool training = false;  ///< batch norm uses the statistics of the rows at hand, and units drop out
  RandomStream* dropout = nullptr;  ///< draws the units that drop out; needed by dropout in training only
};

/// The computation of one kind of layer on its tensors.
class LayerBody {
 public:
  virtual ~LayerBody() = default;

  /// @param x  [rows, inputs]
  /// @return [rows, outputs]; images in the order channels, height, width
  virtual torch::Tensor forward(const torch::Tensor& x, LayerMode mode) const = 0;

  /// See StageLayer.
  virtual void clip() {}
};

/// The body of any kind of layer except those of cut networks.
/// @param inputs  size of the input, which the layer must accept (wanted_by)
std::unique_ptr<LayerBody> make_body(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors);

// make_body() for each family of layer kinds.
std::unique_ptr<LayerBody> make_dense(const Layer& layer, const VectorSize& inputs, LayerTensors& tensors);
std::unique_ptr<LayerBody> make_image_layer(const Layer& layer, const VectorSize& inputs,
                                            LayerTensors& tensors);
std::unique_ptr<LayerBody> make_series_layer(const Layer& layer, const VectorSize& inputs,
                                             LayerTensors& tensors);

/// Batch norm over rows, or over rows and pixels.
class BatchNorm {
 public:
  /// @param prefix  prefix of the tensor names, e.g. "norm."
  BatchNorm(LayerTensors& tensors, const std::string& prefix, std::int64_t outputs);

  /// @param x  [rows, outputs] or [rows, outputs, height, width]
  torch::Tensor forward(const torch::Tensor& x, bool training) const;

 private:
  torch::Tensor scale_, shift_, mean_, variance_;  ///< [outputs]
};

/// -1 or 1; 1 for 0. The gradient passes if |x| <= 1 (straight-through estimator; DDNN, section III-B).
torch::Tensor to_signs(const torch::Tensor& x);

/// @param bias  may be undefined. In c10::InferenceMode, a single row is multiplied as a vector.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias);

/// Appends zero columns, or drops the last columns. For images, the columns are channels.
torch::Tensor resized(const torch::Tensor& x, std::int64_t width);

}  // namespace deepfog
