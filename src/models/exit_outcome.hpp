#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

/// What an exit says of every row, whether or not the row comes so far. Empty: nothing reaches the exit.
struct ExitOutcome {
  std::vector<float> entropy;        ///< normalised, 0 (sure) to 1
  std::vector<std::int64_t> labels;  ///< the largest score, the first of equals
  bool live() const { return !labels.empty(); }
};

/// Of some rows: how many each exit answers, and how many of these rightly.
struct ExitTally {
  std::vector<std::int64_t> answered, correct;
  std::int64_t all_correct() const;
};

/// The exit that answers a row: the first live one that is sure (entropy below its threshold), else the last
/// live one; -1 when none is live. The last exit of the list takes all that reach it.
/// @param thresholds  an exit
int answering_exit(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                   std::size_t row);

/// @param truth  labels of the rows
ExitTally tally(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                const std::int64_t* truth);

/// 0, 0.05, ... 1: thresholds over which accuracies are counted.
const std::vector<double>& threshold_grid();

}  // namespace deepfog
