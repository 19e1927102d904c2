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
/// Training (failout draws the combination), the sweep (all combinations) and the tests call the same
/// forward(). The module is created and initialised on the processor; to() moves it, and samples must be on
/// the same device.
class NetworkImpl : public torch::nn::Module {
 public:
  /// @param columns  the columns of each source of the topology in the samples (match_sources)
  NetworkImpl(const Topology& topology, const std::vector<Columns>& columns);

  /// Sets Glorot-uniform weights and zero biases (Keras' default, which the authors of deepFogGuard used).
  /// The weights and the units that drop out in training depend on `seed` only. On the camera data,
  /// He-uniform weights, which are twice as wide, halve the gain of skip hyperconnections.
  void initialise(std::uint64_t seed);

  /// @param samples [batch, features]
  /// @return scores [batch, classes], or an undefined tensor if the last stage has no output (Φ) and the
  ///         class is guessed. With exits [batch, classes + 1], where the last column is the index of the
  ///         exit that answers.
  torch::Tensor forward(const torch::Tensor& samples, Combination combination);

  /// forward() for the case that the receivers used exactly these hyperconnections.
  /// @param used  one entry per hyperconnection; not 0 means that its vector went into the receiver's sum.
  ///              Throws Failure if the number of entries is wrong or if a used hyperconnection has a sender
  ///              without output.
  torch::Tensor forward_over(const torch::Tensor& samples, const std::vector<std::uint8_t>& used);

  /// The scores of every head, [batch, classes] in the order of Topology::heads(); undefined for Φ. No row
  /// leaves.
  /// @param training  batch norm uses the statistics of this batch and updates its running statistics; units
  ///                  drop out
  std::vector<torch::Tensor> heads(const torch::Tensor& samples, Combination combination, bool training);

  /// Runs one stage alone; no row leaves. See StageNetwork::forward.
  torch::Tensor run_stage(int stage, const std::vector<torch::Tensor>& inputs) const;

  /// Clips binary weights to [-1, 1].
  void clip();

  /// The thresholds of the exits, in the order of Topology::exits().
  std::vector<double> thresholds() const;
  void set_thresholds(const std::vector<double>& thresholds);

  Weights weights() const;

  /// The state of the stream that draws dropout, which a checkpoint stores.
  std::uint64_t dropout_state() const { return dropout_.state(); }
  void set_dropout_state(std::uint64_t state) { dropout_ = RandomStream(state); }

  /// Throws UserError, which names `where` and the first five mismatches.
  void load(const Weights& weights, const std::string& where);

  const Topology& topology() const { return topology_; }

 private:
  /// @param used  predicate of (index of a hyperconnection, output of its sender): whether the receiver uses
  ///              it
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

/// The outcome of every exit for every row under a combination, in the order of Topology::exits(); no row
/// leaves.
std::vector<ExitOutcome> outcomes_of(Network& network, const torch::Tensor& samples, Combination combination);

}  // namespace deepfog
