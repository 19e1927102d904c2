#pragma once

#include <vector>

#include "core/codec.hpp"
#include "resilience/combination.hpp"
#include "training/dense_map.hpp"
#include "training/entry_inputs.hpp"

namespace deepfog {

/// The parameters of one run and the state of its optimiser.
class RunParameters {
 public:
  /// @param weights  in the order of NetworkImpl::weights()
  RunParameters(const Topology& topology, const Weights& weights);
  Weights weights() const;

  /// Saves or restores parameters and optimiser state, bit for bit. restore() throws Failure if the data do
  /// not fit.
  void save(Encoder& encoder) const;
  void restore(Decoder& decoder);

  struct StageMaps {
    std::vector<DenseMap> expansions;  ///< of the trainable links, in the order of Stage::incoming
    std::vector<DenseMap> layers;
  };
  std::vector<StageMaps>& stages() { return stages_; }

 private:
  Weights form_;  ///< names and shapes; the values are the initial ones
  std::vector<StageMaps> stages_;
};

/// NetworkImpl::forward() and its derivative written out, over buffers that are allocated once: for networks
/// of this size, LibTorch spends most of a step on calls instead of arithmetic. One instance serves any
/// number of runs.
class StepNetwork {
 public:
  /// @param capacity  maximum number of rows per batch
  StepNetwork(const Topology& topology, std::int64_t capacity);
  std::int64_t capacity() const { return capacity_; }

  /// Scores [count, classes] of the samples `rows`. If data is null, no information flows and the class is
  /// guessed.
  RowsView forward(RunParameters& run, const EntryInputs& inputs, const std::int64_t* rows,
                   std::int64_t count, Combination combination);

  /// The caller stores the derivative of the loss by the scores of the last forward() here, [count, classes].
  FloatRows& score_gradient() { return spaces_.back().gradient; }

  /// Makes one step of the optimiser from score_gradient(). Parameters on which the loss does not depend stay
  /// unchanged.
  void learn(RunParameters& run, std::int64_t count, const Optimiser& optimiser);

 private:
  struct Space {
    FloatRows input;                  ///< after the expansion layer
    std::vector<FloatRows> outputs;   ///< one per layer
    std::vector<FloatRows> carried;   ///< the vector that each trainable link carries
    FloatRows gradient;               ///< derivative of the loss by the stage's output
    bool live = false, used = false;  ///< live: has an output; used: the loss depends on it
  };
  FloatRows& output(int stage) {
    return spaces_[stage].outputs.empty() ? spaces_[stage].input : spaces_[stage].outputs.back();
  }
  const Hyperconnection& link(int index) const { return topology_.hyperconnections()[index]; }
  bool gather(int stage, RunParameters& run, const EntryInputs& inputs, const std::int64_t* rows,
              std::int64_t count);
  void learn_stage(int stage, RunParameters& run, std::int64_t count, const Optimiser& optimiser);
  void pass_back(int from, RowsView d, std::int64_t count, const Hyperconnection& h);
  bool hears_a_stage(int stage) const;

  const Topology& topology_;
  std::int64_t capacity_;
  std::vector<Space> spaces_;
  FloatRows gradient_[2], link_gradient_;  ///< at a layer's output and at its input, alternating
  DenseScratch scratch_;
};

}  // namespace deepfog
