#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/layer_body.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// One layer of a stage, of any kind (LayerKind) but those of cut networks: its tensors and what it makes of
/// them.
class StageLayer {
 public:
  /// Parameters of zeros, batch norm of the identity.
  /// @param inputs  width of what it reads
  /// @param shape   of the same, for images: {channels, height, width}
  StageLayer(const Layer& layer, std::int64_t inputs, const Shape& shape);

  /// Glorot-uniform weights.
  void initialise(RandomStream& stream);

  /// @param x  [rows, inputs]
  /// @param training  batch norm by the mean and variance of these rows, which the running ones follow
  /// @param dropout   says which units drop out in training
  /// @return [rows, outputs]; images in the order channels, height, width
  torch::Tensor forward(const torch::Tensor& x, bool training, RandomStream* dropout = nullptr) const {
    return body_->forward(x, {training, dropout});
  }

  /// Binary weights are the signs of real ones, which are kept in [-1, 1] after every step.
  void clip() { body_->clip(); }

  const std::vector<LayerTensor>& tensors() const { return tensors_.list(); }

 private:
  LayerTensors tensors_;
  std::unique_ptr<LayerBody> body_;
};

/// Uniform in [-bound, bound] with Glorot's bound, from a portable stream, so that a seed means the same
/// network with every LibTorch.
void fill_glorot(torch::Tensor weight, RandomStream& stream);

}  // namespace deepfog
