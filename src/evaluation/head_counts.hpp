#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "evaluation/sweep.hpp"
#include "models/exit_outcome.hpp"

namespace deepfog {

/// Counts of a network from what its heads say of every row. The same for the plain loop and for classes.
class HeadCounts {
 public:
  /// @param thresholds  an exit, of the network
  /// @param samples     that will be added; only bits of the samples need to know
  HeadCounts(const Topology& topology, const std::vector<double>& thresholds, SweepDetail detail,
             std::int64_t samples = 0);

  /// Adds some rows under one combination. Nothing is counted, of no head, where nobody answers: all exits
  /// are Φ, or the node of the last stage is dead, where answers are collected.
  /// @param heads  in the order of Topology::heads(), null for Φ
  void add(Combination combination, const std::vector<const ExitOutcome*>& heads, const std::int64_t* labels);

  void add_samples(std::int64_t samples) { counts_.samples += samples; }
  SweepCounts take() { return std::move(counts_); }

 private:
  void add_plain(Combination combination, const ExitOutcome& last, const std::int64_t* labels);
  void count(Combination combination, std::size_t row, std::int64_t predicted, std::int64_t truth);

  std::int64_t classes_;
  int last_node_;                   ///< position of the last stage's
  std::vector<std::size_t> exits_;  ///< places among the heads
  std::size_t heads_ = 0;
  std::vector<double> thresholds_;
  std::vector<std::int32_t> outcome_;  ///< [2^n] that the combination writes, 0: none
  SweepCounts counts_;
};

/// Rows a block, whatever the memory: rows of another batch round differently, and an entropy may lie at a
/// threshold.
constexpr std::int64_t kHeadRows = 256;

/// Blocks of rows that both ways of counting walk: [begin, end) from `begin` on. Small batches round
/// differently, so a small tail joins the block before it.
std::int64_t block_end(std::int64_t begin, std::int64_t size, std::int64_t block);

}  // namespace deepfog
