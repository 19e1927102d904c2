#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/exit_outcome.hpp"
#include "models/stage_network.hpp"
#include "resilience/combination.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A partitioned network as one LibTorch module: a function of its inputs and of a failure combination.
/// Training (failout draws the combination), the sweep (all of them) and the tests call the same forward().
/// Made and initialised on the processor; to() moves it, and samples must be where it is.
class NetworkImpl : public torch::nn::Module {
 public:
  /// @param columns  where each source of the topology stands in the samples (match_sources)
  NetworkImpl(const Topology& topology, const std::vector<Columns>& columns);

  /// Glorot-uniform weights and zero biases (Keras' default, which the authors of deepFogGuard used), drawn
  /// from `seed` alone, as is what drops out in training. On the camera data He-uniform, twice as wide,
  /// halves what skip hyperconnections gain.
  void initialise(std::uint64_t seed);

  /// @param samples [batch, features]
  /// @return scores [batch, classes], or an undefined tensor: Φ at the last stage, the class is guessed. With
  ///         exits [batch, classes + 1], the last column numbers the exit that answers.
  torch::Tensor forward(const torch::Tensor& samples, Combination combination);

  /// The same when exactly these hyperconnections were used by their receivers.
  /// @param used  one entry a hyperconnection: not 0 = its vector went into the receiver's sum. Throws
  ///              Failure when there are not as many, or one whose sender has no output was used.
  torch::Tensor forward_over(const torch::Tensor& samples, const std::vector<std::uint8_t>& used);

  /// Scores of every head, [batch, classes] in the order of Topology::heads(), undefined for Φ. No row
  /// leaves.
  /// @param training  batch norm by the rows of this batch, which its running figures follow; units drop out
  std::vector<torch::Tensor> heads(const torch::Tensor& samples, Combination combination, bool training);

  /// One stage alone, no row leaves: see StageNetwork::forward.
  torch::Tensor run_stage(int stage, const std::vector<torch::Tensor>& inputs) const;

  /// Binary weights back to [-1, 1].
  void clip();

  /// Thresholds of the exits, in the order of Topology::exits().
  std::vector<double> thresholds() const;
  void set_thresholds(const std::vector<double>& thresholds);

  Weights weights() const;

  /// Of the stream that says what drops out in training: a checkpoint keeps it.
  std::uint64_t dropout_state() const { return dropout_.state(); }
  void set_dropout_state(std::uint64_t state) { dropout_ = RandomStream(state); }

  /// Throws UserError naming `where` and the first five mismatches.
  void load(const Weights& weights, const std::string& where);

  const Topology& topology() const { return topology_; }

 private:
  /// @param used  of (index of a hyperconnection, output of its sender): whether the receiver takes it
  /// @return outputs of all vertices
  template <class Used>
  std::vector<torch::Tensor> run(const torch::Tensor& samples, const Used& used, StageMode mode) const;

  std::vector<torch::Tensor> run_combination(const torch::Tensor& samples, Combination combination,
                                             StageMode mode) const;

  Topology topology_;
  std::vector<Columns> columns_;
  std::vector<StageNetwork> stages_;
  std::vector<Parameter> parameters_;  ///< of all stages, in the order of Weights
  RandomStream dropout_{0};
};
TORCH_MODULE(Network);

/// What every exit says of every row under a combination, in the order of Topology::exits(); no row leaves.
std::vector<ExitOutcome> outcomes_of(Network& network, const torch::Tensor& samples, Combination combination);

}  // namespace deepfog
