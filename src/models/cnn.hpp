#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A convolutional network as one LibTorch module. named_parameters() and named_buffers() have the names and
/// shapes of TorchVision's state dict ("features.0.weight", "features.1.running_mean",
/// "features.1.0.layer_scale" ...), so that weights trained with TorchVision can be loaded. In evaluation
/// mode, dropout and stochastic depth do nothing and batch norm uses its running statistics.
class CnnImpl : public torch::nn::Module {
 public:
  /// All tensors are zero until initialise() or load() is called. Throws UserError as plan_cnn() does.
  explicit CnnImpl(const CnnSpec& spec);

  /// Sets He-uniform weights if a rectifier follows and weights of variance 1 / fan-in otherwise, zero
  /// biases, and norms that are the identity. The values depend on `seed` only.
  void initialise(std::uint64_t seed);

  /// Seeds the stream that dropout and stochastic depth draw from. Copies of a module share the stream.
  void seed_noise(std::uint64_t seed);

  /// The state of that stream, which a checkpoint stores. The setter throws Failure if `state` has the wrong
  /// size.
  std::vector<std::uint8_t> noise_state() const;
  void set_noise_state(const std::vector<std::uint8_t>& state);

  /// @param images [batch, channels, height, width]
  /// @return scores [batch, classes]
  torch::Tensor forward(const torch::Tensor& images);

  /// The node of every tensor is the network's name. The order is that of the state dict, without
  /// num_batches_tracked.
  Weights weights() const;

  /// Skips entries named "*.num_batches_tracked". Throws UserError, which names `where` and the first five
  /// mismatches.
  void load(const Weights& weights, const std::string& where);

  const CnnPlan& plan() const { return plan_; }

 private:
  /// The tensors of a step, in the order of tensors_of(); `batches` is num_batches_tracked of batch norm.
  struct StepTensors {
    std::vector<torch::Tensor> tensors;
    torch::Tensor batches;
  };
  torch::nn::Module& module_at(const std::string& path);
  torch::Tensor apply(std::size_t step, const torch::Tensor& x);
  torch::Tensor normalise_batch(std::size_t step, const torch::Tensor& x);
  /// A tensor of this shape that is zero with probability `rate` and 1 / (1 - rate) otherwise.
  torch::Tensor mask(std::vector<std::int64_t> shape, double rate);
  std::vector<torch::Tensor> in_state_dict_order() const;

  CnnPlan plan_;
  std::vector<StepTensors> tensors_;
  at::Generator noise_;
};
TORCH_MODULE(Cnn);

/// Names and shapes of a network's weights, without values.
Weights shapes_of(const CnnPlan& plan);

/// Skips num_batches_tracked. Throws UserError, which names `where` and the first five mismatches of names
/// and shapes.
/// @return the tensor of `given` for each expected tensor
std::vector<const NamedTensor*> matched(const Weights& expected, const Weights& given,
                                        const std::string& where);

}  // namespace deepfog
