#pragma once

#include <cstdint>
#include <vector>

#include "analysis/sample_table.hpp"
#include "core/seed.hpp"

namespace deepfog {

/// Samples drawn with replacement, as many as there are. How often each was drawn is kept in bit planes, so
/// that right samples are counted 64 at a time.
class SampleDraw {
 public:
  /// Every sample once.
  SampleDraw(std::int64_t samples, std::uint64_t seed);

  void next();  ///< draws anew

  /// Right samples of a run under every outcome: [rows + 1]; the first entry: what guessing gets.
  void count(const SampleTable& table, std::size_t run, std::vector<double>& to) const;

  const std::vector<std::uint8_t>& times() const { return times_; }  ///< [samples] drawn

 private:
  void make_planes();
  std::int64_t samples_;
  RandomStream stream_;
  std::vector<std::uint8_t> times_;                 ///< padded to whole words
  std::vector<std::vector<std::uint64_t>> planes_;  ///< bit p of the times of 64 samples a word
};

}  // namespace deepfog
