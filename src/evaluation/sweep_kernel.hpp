#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "evaluation/sweep.hpp"
#include "models/exit_outcome.hpp"
#include "resilience/diagram.hpp"

namespace deepfog {

/// Counts what the classes of the last stage predict, for every kind of network. A kernel reports each block
/// of samples here; class 0 (Φ) is never reported.
class SweepCounter {
 public:
  /// @param classes  of the last stage
  /// @param labels   that a sample may have
  SweepCounter(std::int64_t classes, std::int64_t labels, SweepDetail detail);
  /// The same for a network with or without exits.
  /// @param thresholds  of its exits
  SweepCounter(const Topology& topology, const std::vector<double>& thresholds, std::int64_t classes,
               SweepDetail detail);

  /// Scores of some rows of the block under a class of the last stage.
  /// @param sample  of the first row, within the block
  /// @param scores  [rows, labels], rows `stride` floats apart
  void scores(std::int32_t of, std::int64_t sample, std::int64_t rows, const float* scores,
              std::int64_t stride);

  /// What the heads of a network with exits say of the whole block under a class of the last stage.
  /// @param heads  in the order of Topology::heads(), null for Φ
  void answers(std::int32_t of, const std::vector<const ExitOutcome*>& heads);

  void begin_samples(std::int64_t size);  ///< that the next blocks make up
  void begin_block(const SampleView& block, std::int64_t begin);
  void end_samples();

  /// Predictions of the block that single precision leaves open, as (sample, class): decide() each of them.
  /// Only where the kernel can decide them; otherwise the first of the largest scores is the prediction.
  void keep_close(bool keep) { keeps_close_ = keep; }
  std::vector<std::pair<std::int64_t, std::int32_t>> take_close();
  void decide(std::int64_t sample, std::int32_t of, const std::vector<double>& scores);

  const SweepCounts& counts() const { return counts_; }

 private:
  void record(std::int32_t of, std::int64_t sample, std::int64_t predicted);
  void tally(std::size_t of, const std::vector<std::pair<std::size_t, const ExitOutcome*>>& live);

  std::int64_t labels_;
  std::vector<std::size_t> exits_;  ///< places among the heads
  std::size_t heads_ = 0;
  std::vector<float> thresholds_, grid_;
  SweepCounts counts_;
  bool with_sample_hits_, keeps_close_ = false;
  SampleHits right_;  ///< of the samples being added
  SampleView block_;
  std::int64_t begin_ = 0;  ///< of the block, among the samples being added
  std::vector<std::pair<std::int64_t, std::int32_t>> close_;
};

/// What computes the last stage's classes for a block of samples: dense panels, LibTorch stages, masked
/// layers of a cut network, or the plain loop, which walks combinations.
class SweepKernel {
 public:
  virtual ~SweepKernel() = default;

  /// Rows of a block. A tail of fewer than `smallest` rows joins the block before it: in LibTorch small
  /// batches round differently.
  struct Block {
    std::int64_t rows = 0, smallest = 1;
  };
  virtual Block block() const = 0;

  /// Computes all classes for a block and reports them.
  virtual void run(const SampleView& block, SweepCounter& to) = 0;

  /// Scores of one sample of the block just run in double precision; valid until the next call. Sorted calls
  /// are cheapest. Null: the kernel has none.
  virtual const std::vector<double>* exact(const float* /*sample*/, std::int32_t /*of*/) { return nullptr; }
  virtual bool decides_close() const { return false; }

  /// Of the network's exits.
  virtual std::vector<double> thresholds() const { return {}; }
};

/// The end of the block that begins at `begin`.
std::int64_t block_end(std::int64_t begin, std::int64_t size, SweepKernel::Block block);

/// Adds the counts of all blocks of some samples.
void sweep_blocks(SweepKernel& kernel, SweepCounter& counter, const SampleView& samples);

/// Rows a block of networks of more than dense layers and sums, whatever the memory: rows of another batch
/// round differently, and an entropy may lie at a threshold.
constexpr SweepKernel::Block kStageBlock{256, 64};

/// LibTorch stages, for networks of any kind. Classes of the last stage that do not fit into the memory
/// together are evaluated in ranges. Throws UserError if one class takes more (check_sweep_memory()).
std::unique_ptr<SweepKernel> torch_stages(const Topology& topology, const std::vector<Columns>& columns,
                                          const Weights& weights, const std::vector<StageClasses>& classes,
                                          std::int64_t memory_bytes, const Device& device);

}  // namespace deepfog
