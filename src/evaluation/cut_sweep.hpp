#pragma once

#include <cstdint>
#include <vector>

#include "models/cut_network.hpp"
#include "partition/partition.hpp"
#include "topology/samples.hpp"

namespace at {
class Tensor;
}

namespace deepfog {

/// Rows that a block of samples may have so that its activations stay within about `memory_bytes`: in every
/// layer the gathered inputs of all layers are there at once, and what its product reads and writes,
/// rearranged as well. No more than is quick. A function of the network alone, never of the partition or of
/// who asks. Throws UserError when a single row is too much.
std::int64_t block_rows(const CutPlan& plan, std::int64_t memory_bytes);

/// Predictions of a network that is cut over devices, under given failure combinations of its data devices: a
/// neuron that no live device has is zero in all that read it (RobustDiCE, section 4).
///
/// Combinations that have left the same live neurons in all layers so far have the same activations: they
/// share one evaluation of each of these layers. The evaluations form a trie, which is walked depth first a
/// block of rows at a time; what no layer to come reads is dropped. A combination with whose failures CDC
/// recovers everything (cdc_recoverable()) is that without a failure: equal by identity, where a distributed
/// run subtracts, and so rounds. CDC's spare presumably never fails.
///
/// The same samples in the same blocks give the same labels on the same machine with the same number of
/// threads; in other blocks scores may differ by rounding, and labels where two are nearly equal. Counts of
/// parts add up to those of the whole when the parts begin at multiples of block().
class CutSweep {
 public:
  /// @param network       all neurons; reference kept. It keeps selected weights from one block to the next,
  ///                      see CutNetwork::limit_cache(). Selecting them all again for each block takes a
  ///                      tenth of the time (vgg16_bn, blocks of 7 images of 224x224).
  /// @param combinations  bit d (least significant first): data device d is alive. Any order, also twice.
  /// @param memory_bytes  about what activations may take: block_rows()
  /// Throws UserError as check_partition() and block_rows() do; Failure for a network that lacks neurons and
  /// for combinations with bits of other devices.
  CutSweep(const CutNetwork& network, const Partition& partition, std::vector<Combination> combinations,
           std::int64_t memory_bytes = std::int64_t{1} << 30);

  /// Correct predictions, [combinations]; 0 where nothing flows. A prediction is largest_score()'s.
  /// @param samples  values [size, channels * height * width]; throws Failure for another width
  std::vector<std::int64_t> count(const SampleView& samples) const;

  /// [combination][row]; empty where nothing flows. The samples' own labels are not read.
  std::vector<std::vector<std::int64_t>> labels(const SampleView& samples) const;

  /// Whether there is anybody: a live data device or a spare. A spare alone knows sums of nothing: all scores
  /// are zero then, and class 0 is predicted.
  bool flows(std::size_t combination) const { return flows_.at(combination); }

  std::int64_t block() const { return block_; }  ///< rows a block

  /// Computations of some neurons of a layer a block, and what they would be without sharing.
  std::int64_t evaluations() const;
  std::int64_t naive_evaluations() const { return naive_; }

 private:
  /// A layer of all combinations with the same live neurons in it and in all layers before.
  struct Evaluation {
    int layer = -1;
    Neurons neurons;                        ///< alive
    std::vector<std::size_t> next;          ///< of the layer behind, places in trie_
    std::vector<std::size_t> combinations;  ///< behind the last layer
  };
  void add(std::size_t combination, const Partition& partition, Combination alive);
  std::size_t next_of(std::size_t place, Neurons neurons);
  void visit(std::size_t place, std::vector<at::Tensor> inputs, const Neurons& live,
             std::vector<std::vector<std::int64_t>>& labels) const;
  void go_on(const Evaluation& from, std::vector<at::Tensor> inputs,
             std::vector<std::vector<std::int64_t>>& labels) const;

  const CutNetwork& network_;
  std::vector<Evaluation> trie_;  ///< the first one stands before the first layer
  std::vector<bool> flows_;
  std::int64_t naive_ = 0, block_ = 0;
};

}  // namespace deepfog
