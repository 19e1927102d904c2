#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "results/results_file.hpp"

namespace deepfog {

/// What every test sample of a model got under every outcome of the failures, in its finished runs.
struct SampleTable {
  std::vector<std::int64_t> runs;  ///< numbers of the finished runs
  std::int64_t rows = 0, samples = 0;
  std::vector<std::uint8_t> bits;    ///< [finished run][rows][ceil(samples / 8)], as SampleHits has them
  std::vector<std::int32_t> row_of;  ///< [2^n] from 1; 0: nothing flows
  std::vector<double> guess;         ///< [samples] chance of a right guess; empty: alike for all
  double guess_accuracy = 0;         ///< mean of it

  std::int64_t stride() const { return (samples + 7) / 8; }
  const std::uint8_t* row(std::size_t run, std::int64_t row) const {
    return bits.data() + (static_cast<std::int64_t>(run) * rows + row) * stride();
  }

  /// A sum over the failure combinations, [2^n], as a sum over the outcomes: [rows + 1], the first where
  /// nothing flows.
  std::vector<double> by_row(const std::vector<double>& weights) const;
};

/// Nothing where the file keeps no bits (older, left out, or of another form), or where no run is finished.
/// Throws as state_table().
std::optional<SampleTable> sample_table(const ExperimentResults& experiment, const ModelResults& model,
                                        int most_nodes = 24);

/// The same table of some runs alone. Throws std::invalid_argument for one that it has not.
SampleTable with_runs(const SampleTable& table, const std::vector<std::int64_t>& runs);

}  // namespace deepfog
