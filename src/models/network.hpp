#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "models/stage_network.hpp"
#include "resilience/combination.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A partitioned network as one LibTorch module: a function of its inputs and of a failure combination.
/// Training (failout draws the combination), the sweep (all of them) and the tests call the same forward().
class NetworkImpl : public torch::nn::Module {
 public:
  /// @param columns  where each source of the topology stands in the samples (match_sources)
  NetworkImpl(const Topology& topology, const std::vector<Columns>& columns);

  /// Glorot-uniform weights and zero biases (Keras' default, which the authors of deepFogGuard used), drawn
  /// from `seed` alone. On the camera data He-uniform, twice as wide, halves what skip hyperconnections gain.
  void initialise(std::uint64_t seed);

  /// @param samples [batch, features]
  /// @return scores [batch, classes], or an undefined tensor: Φ at the last stage, the class is guessed.
  torch::Tensor forward(const torch::Tensor& samples, Combination combination);

  /// The same when exactly these hyperconnections were used by their receivers.
  /// @param used  one entry a hyperconnection: not 0 = its vector went into the receiver's sum. Throws
  ///              Failure when there are not as many, or one whose sender has no output was used.
  torch::Tensor forward_over(const torch::Tensor& samples, const std::vector<std::uint8_t>& used);

  Weights weights() const;

  /// Throws UserError naming `where` and the first five mismatches.
  void load(const Weights& weights, const std::string& where);

  const Topology& topology() const { return topology_; }

 private:
  /// @param used  of (index of a hyperconnection, output of its sender): whether the receiver takes it
  template <class Used>
  torch::Tensor run(const torch::Tensor& samples, const Used& used) const;

  Topology topology_;
  std::vector<Columns> columns_;
  std::vector<StageNetwork> stages_;
  std::vector<Parameter> parameters_;  ///< of all stages, in the order of Weights
};
TORCH_MODULE(Network);

}  // namespace deepfog
