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
/// "features.1.0.layer_scale" ...), so that weights trained there run here. In evaluation mode dropout and
/// stochastic depth do nothing and batch norm uses its running statistics.
class CnnImpl : public torch::nn::Module {
 public:
  /// Zeros, until initialise() or load(). Throws UserError as plan_cnn does.
  explicit CnnImpl(const CnnSpec& spec);

  /// He-uniform weights where a rectifier follows, variance 1 / fan-in elsewhere, zero biases, norms that
  /// change nothing; drawn from `seed` alone.
  void initialise(std::uint64_t seed);

  /// Where dropout and stochastic depth draw from. Copies of a module draw from the same stream.
  void seed_noise(std::uint64_t seed);

  /// Where that stream stands: a checkpoint keeps it. Throws Failure for the state of no such stream.
  std::vector<std::uint8_t> noise_state() const;
  void set_noise_state(const std::vector<std::uint8_t>& state);

  /// @param images [batch, channels, height, width]
  /// @return scores [batch, classes]
  torch::Tensor forward(const torch::Tensor& images);

  /// Node: the network's name. Order: the state dict's, without num_batches_tracked.
  Weights weights() const;

  /// Entries named "*.num_batches_tracked" are skipped. Throws UserError naming `where` and the first five
  /// mismatches.
  void load(const Weights& weights, const std::string& where);

  const CnnPlan& plan() const { return plan_; }

 private:
  /// The tensors of a step, in the order of tensors_of(); batches is batch norm's num_batches_tracked.
  struct StepTensors {
    std::vector<torch::Tensor> tensors;
    torch::Tensor batches;
  };
  torch::nn::Module& module_at(const std::string& path);
  torch::Tensor apply(std::size_t step, const torch::Tensor& x);
  torch::Tensor normalise_batch(std::size_t step, const torch::Tensor& x);
  /// Zeros at `rate`, 1 / (1 - rate) elsewhere, of this shape.
  torch::Tensor mask(std::vector<std::int64_t> shape, double rate);
  std::vector<torch::Tensor> in_state_dict_order() const;

  CnnPlan plan_;
  std::vector<StepTensors> tensors_;
  at::Generator noise_;
};
TORCH_MODULE(Cnn);

/// What the weights of a network are called and how large they are, without values.
Weights shapes_of(const CnnPlan& plan);

/// Throws UserError naming `where` and the first five mismatches of names and shapes. Skips
/// num_batches_tracked.
/// @return where each of the expected tensors stands in `given`
std::vector<const NamedTensor*> matched(const Weights& expected, const Weights& given,
                                        const std::string& where);

}  // namespace deepfog
