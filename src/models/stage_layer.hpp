#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// One tensor of a layer. What is not learnt belongs to the weights all the same: the running mean and
/// variance of batch norm, an exit's threshold.
struct LayerTensor {
  std::string name;
  torch::Tensor tensor;
  bool learnt = true;
};

/// -1 or 1, 1 for 0. The gradient passes where |x| <= 1 (straight-through estimator; DDNN, section III-B).
torch::Tensor to_signs(const torch::Tensor& x);

/// One layer of a stage: dense, or a block of a DDNN (LayerKind).
class StageLayer {
 public:
  /// Parameters of zeros, batch norm of the identity.
  /// @param inputs  width of what it reads
  /// @param shape   of the same, for convolutions: {channels, height, width}
  StageLayer(const Layer& layer, std::int64_t inputs, const Shape& shape);

  /// Glorot-uniform weights.
  void initialise(RandomStream& stream);

  /// @param x  [rows, inputs]
  /// @param training  batch norm by the mean and variance of these rows, which the running ones follow
  /// @return [rows, outputs]; images in the order channels, height, width
  torch::Tensor forward(const torch::Tensor& x, bool training) const;

  /// Binary weights are the signs of real ones, which are kept in [-1, 1] after every step.
  void clip();

  const std::vector<LayerTensor>& tensors() const { return tensors_; }

 private:
  torch::Tensor add(const std::string& name, const std::vector<std::int64_t>& shape, double value,
                    bool learnt = true);
  torch::Tensor convolve(const torch::Tensor& x) const;
  torch::Tensor norm(const torch::Tensor& x, bool training) const;

  LayerKind kind_;
  Shape shape_;
  torch::Tensor weight_, bias_;  ///< [out, in] or [filters, channels, 3, 3]; [out] or undefined
  torch::Tensor scale_, shift_, mean_, variance_;  ///< of batch norm: [out]
  std::vector<LayerTensor> tensors_;
};

/// @param bias  may be undefined. A row alone is multiplied as a vector in c10::InferenceMode.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias);

/// Uniform in [-bound, bound] with Glorot's bound, from a portable stream, so that a seed means the same
/// network with every LibTorch.
void fill_glorot(torch::Tensor weight, RandomStream& stream);

}  // namespace deepfog
