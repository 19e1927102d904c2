#pragma once

#include <cstdint>
#include <vector>

#include "analysis/sample_table.hpp"
#include "core/seed.hpp"

namespace deepfog {

/// A draw of the samples with replacement, as many as there are. The counts are kept in bit planes, so that
/// hits are counted 64 samples at a time.
class SampleDraw {
 public:
  /// Starts with every sample drawn once.
  SampleDraw(std::int64_t samples, std::uint64_t seed);

  void next();  ///< makes a new draw

  /// Hits of a run under every outcome, weighted by the draw: [rows + 1]; the first entry is the number
  /// expected from guessing.
  void count(const SampleTable& table, std::size_t run, std::vector<double>& to) const;

  const std::vector<std::uint8_t>& times() const {
    return times_;
  }  ///< [samples] number of times each was drawn

 private:
  void make_planes();
  std::int64_t samples_;
  RandomStream stream_;
  std::vector<std::uint8_t> times_;                 ///< padded to whole 64-bit words
  std::vector<std::vector<std::uint64_t>> planes_;  ///< bit p of the counts, 64 samples per word
};

}  // namespace deepfog
