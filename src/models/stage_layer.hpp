#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/layer_body.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// One layer of a stage, of any kind (LayerKind) except those of cut networks: its tensors and its
/// computation.
class StageLayer {
 public:
  /// Parameters are zero and batch norm is the identity.
  /// @param inputs  width of the input
  /// @param shape   shape of the input if it is an image: {channels, height, width}
  StageLayer(const Layer& layer, std::int64_t inputs, const Shape& shape);

  /// Sets Glorot-uniform weights.
  void initialise(RandomStream& stream);

  /// @param x  [rows, inputs]
  /// @param training  batch norm uses the mean and variance of these rows and updates its running statistics
  /// @param dropout   draws the units that drop out in training
  /// @return [rows, outputs]; images in the order channels, height, width
  torch::Tensor forward(const torch::Tensor& x, bool training, RandomStream* dropout = nullptr) const {
    return body_->forward(x, {training, dropout});
  }

  /// Clips binary weights, which are the signs of real ones, to [-1, 1]; called after every step.
  void clip() { body_->clip(); }

  const std::vector<LayerTensor>& tensors() const { return tensors_.list(); }

 private:
  LayerTensors tensors_;
  std::unique_ptr<LayerBody> body_;
};

/// Fills a weight uniformly in [-bound, bound] with Glorot's bound. The stream is portable, so that a seed
/// gives the same network with every version of LibTorch.
void fill_glorot(torch::Tensor weight, RandomStream& stream);

}  // namespace deepfog
