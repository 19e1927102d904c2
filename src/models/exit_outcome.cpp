#include "models/exit_outcome.hpp"

#include <numeric>

namespace deepfog {

std::int64_t ExitTally::all_correct() const {
  return std::accumulate(correct.begin(), correct.end(), std::int64_t{0});
}

const std::vector<double>& threshold_grid() {
  static const std::vector<double> grid = [] {
    std::vector<double> values;
    for (int i = 0; i <= 20; ++i) values.push_back(i / 20.0);
    return values;
  }();
  return grid;
}

int answering_exit(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                   std::size_t row) {
  int last = -1;
  for (std::size_t e = 0; e < outcomes.size(); ++e) {
    if (!outcomes[e].live()) continue;
    last = static_cast<int>(e);
    if (outcomes[e].entropy[row] < static_cast<float>(thresholds[e])) break;  // as in with_verdict()
  }
  return last;
}

ExitTally tally(const std::vector<ExitOutcome>& outcomes, const std::vector<double>& thresholds,
                const std::int64_t* truth) {
  ExitTally tally;
  tally.answered.assign(outcomes.size(), 0);
  tally.correct.assign(outcomes.size(), 0);
  std::size_t rows = 0;
  for (const ExitOutcome& outcome : outcomes) rows = outcome.live() ? outcome.labels.size() : rows;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto exit = static_cast<std::size_t>(answering_exit(outcomes, thresholds, row));
    ++tally.answered[exit];
    tally.correct[exit] += outcomes[exit].labels[row] == truth[row];
  }
  return tally;
}

}  // namespace deepfog
