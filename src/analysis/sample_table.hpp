#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "results/results_file.hpp"

namespace deepfog {

/// Sample hits of a model under every outcome of the failures, in its finished runs.
struct SampleTable {
  std::vector<std::int64_t> runs;  ///< numbers of the finished runs
  std::int64_t rows = 0, samples = 0;
  std::vector<std::uint8_t> bits;    ///< [finished run][rows][ceil(samples / 8)], laid out as in SampleHits
  std::vector<std::int32_t> row_of;  ///< [2^n] row of the combination, counted from 1; 0: nothing flows
  std::vector<double> guess;         ///< [samples] probability of a right guess; empty: the same for all
  double guess_accuracy = 0;         ///< its mean

  std::int64_t stride() const { return (samples + 7) / 8; }
  const std::uint8_t* row(std::size_t run, std::int64_t row) const {
    return bits.data() + (static_cast<std::int64_t>(run) * rows + row) * stride();
  }

  /// Converts the weights of a sum over the failure combinations, [2^n], to those of a sum over the outcomes,
  /// [rows + 1]; the first is the weight of "nothing flows".
  std::vector<double> by_row(const std::vector<double>& weights) const;
};

/// Returns nullopt if the file has no sample hits (it is older, they were left out, or the table has another
/// form), or if no run is finished. Throws like state_table().
std::optional<SampleTable> sample_table(const ExperimentResults& experiment, const ModelResults& model,
                                        int most_nodes = 24);

/// The same table restricted to some runs. Throws std::invalid_argument for a run that it does not contain.
SampleTable with_runs(const SampleTable& table, const std::vector<std::int64_t>& runs);

}  // namespace deepfog
