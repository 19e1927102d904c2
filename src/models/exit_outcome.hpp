#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

/// What an exit says about every row, whether or not the row gets that far. Empty if nothing reaches the
/// exit.
struct ExitOutcome {
  std::vector<float> entropy;        ///< normalised, 0 (sure) to 1
  std::vector<std::int64_t> labels;  ///< class with the largest score, the first of equals
  bool live() const { return !labels.empty(); }
};

/// For a set of rows: how many each exit answers, and how many of these it answers correctly.
struct ExitTally {
  std::vector<std::int64_t> answered, correct;
  std::int64_t all_correct() const;
};

/// The exit that answers a row: the first live exit whose entropy is below its threshold, otherwise the last
/// live exit; -1 if none is live. The last exit in the list answers all rows that reach it.
/// @param thresholds  one per exit
int answering_exit(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                   std::size_t row);

/// @param truth  true labels of the rows
ExitTally tally(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                const std::int64_t* truth);

/// 0, 0.05, ... 1: the thresholds for which accuracies are counted.
const std::vector<double>& threshold_grid();

}  // namespace deepfog
