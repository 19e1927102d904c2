#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "evaluation/sweep.hpp"
#include "models/cut_network.hpp"
#include "partition/partition.hpp"
#include "topology/samples.hpp"

namespace at {
class Tensor;
}

namespace deepfog {

/// The number of rows per block of samples for which the activations stay within about `memory_bytes`: in
/// every layer, the gathered inputs of all layers are in memory at the same time as the input and output of
/// its product and their rearranged copies. It is limited to what is fast. It depends on the network only,
/// never on the partition or the caller. Throws UserError if a single row does not fit.
std::int64_t block_rows(const CutPlan& plan, std::int64_t memory_bytes);

/// Predictions of a network that is cut over devices, under given failure combinations of its data devices: a
/// neuron that no live device has is zero for all its readers (RobustDiCE, section 4).
///
/// Combinations with the same live neurons in all layers so far have the same activations, so they share one
/// evaluation of each of these layers. The evaluations form a trie that is walked depth first, one block of
/// rows at a time; inputs that no later layer reads are freed. A combination under which CDC recovers
/// everything (cdc_recoverable()) is treated as the one without failures: the results are equal by identity,
/// whereas a distributed run subtracts and so rounds. CDC's spare is assumed never to fail.
///
/// The same samples in the same blocks give the same labels on the same machine with the same number of
/// threads. In other blocks, scores may differ by rounding, and labels if two scores are nearly equal. Counts
/// of parts add up to those of the whole if the parts begin at multiples of block().
class CutSweep {
 public:
  /// @param network       with all neurons; kept by reference. It caches selected weights between blocks, see
  ///                      CutNetwork::limit_cache(). Selecting them again for every block would take a tenth
  ///                      of the time (vgg16_bn, blocks of 7 images of 224x224).
  /// @param combinations  bit d (least significant first): data device d is alive. Any order; repetitions are
  ///                      allowed.
  /// @param memory_bytes  approximate limit for activations: block_rows()
  /// Throws UserError as check_partition() and block_rows() do; Failure for a network that lacks neurons or
  /// for combinations with bits of other devices.
  CutSweep(const CutNetwork& network, const Partition& partition, std::vector<Combination> combinations,
           std::int64_t memory_bytes = std::int64_t{1} << 30);

  /// Counts by combination, in the order given; 0 where nothing flows. Sample hits have a row for each of
  /// outcomes().
  /// @param samples  values [size, channels * height * width]; throws Failure for another width
  SweepCounts sweep(const SampleView& samples, SweepDetail detail) const;

  /// Correct predictions alone, [combinations].
  std::vector<std::int64_t> count(const SampleView& samples) const { return sweep(samples, false).correct; }

  /// The predicted labels, [combination][row]; empty if no information flows. Does not read the labels of the
  /// samples.
  std::vector<std::vector<std::int64_t>> labels(const SampleView& samples) const;

  /// The outcome of each combination, from 1; 0 where nothing flows. Combinations of one outcome predict
  /// every sample alike.
  const std::vector<std::int32_t>& outcomes() const { return outcomes_; }

  /// Whether there is anybody: a live data device or a spare. A spare alone knows sums of nothing: all scores
  /// are zero then, and class 0 is predicted.
  bool flows(std::size_t combination) const { return outcomes_.at(combination) != 0; }

  std::int64_t block() const { return block_; }  ///< number of rows

  /// The number of evaluations (of some neurons of a layer) per block, and what it would be without sharing.
  std::int64_t evaluations() const;
  std::int64_t naive_evaluations() const { return naive_; }

 private:
  class Kernel;
  /// A layer of all combinations with the same live neurons in it and in all layers before.
  struct Evaluation {
    int layer = -1;
    Neurons neurons;                ///< alive
    std::vector<std::size_t> next;  ///< of the layer behind, places in trie_
    std::int32_t outcome = 0;       ///< behind the last layer
  };
  /// Told the scores of every outcome, [rows, classes].
  using Use = std::function<void(std::int32_t outcome, const at::Tensor& scores)>;
  std::int32_t outcome_of(const Partition& partition, Combination alive);
  std::size_t next_of(std::size_t place, Neurons neurons);
  void walk(const SampleView& block, const Use& use) const;
  void visit(std::size_t place, std::vector<at::Tensor> inputs, const Neurons& live, const Use& use) const;
  void go_on(const Evaluation& from, std::vector<at::Tensor> inputs, const Use& use) const;

  const CutNetwork& network_;
  std::vector<Evaluation> trie_;  ///< the first one stands before the first layer
  std::vector<std::int32_t> outcomes_;
  std::int32_t last_outcome_ = 0;
  std::int64_t naive_ = 0, block_ = 0;
};

}  // namespace deepfog
