#include "training/exit_thresholds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace deepfog {
namespace {

/// The threshold below which this share of the entropies lies, midway between two of them if possible.
double threshold_of_share(std::vector<float> entropies, double share) {
  std::sort(entropies.begin(), entropies.end());
  const auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(entropies.size())));
  if (wanted == 0) return 0;
  if (wanted >= entropies.size()) return std::min(1.0, std::nextafter(double(entropies.back()), 2.0) + 1e-6);
  return (double(entropies[wanted - 1]) + double(entropies[wanted])) / 2;
}

std::vector<double> by_share(double share, std::vector<double> thresholds,
                             const std::vector<ExitOutcome>& outcomes, std::size_t rows) {
  std::vector<bool> gone(rows, false);
  for (std::size_t e = 0; e + 1 < outcomes.size(); ++e) {
    if (!outcomes[e].live()) continue;
    std::vector<float> reached;
    for (std::size_t row = 0; row < rows; ++row) {
      if (!gone[row]) reached.push_back(outcomes[e].entropy[row]);
    }
    if (reached.empty()) break;
    thresholds[e] = threshold_of_share(std::move(reached), share);
    for (std::size_t row = 0; row < rows; ++row) {
      gone[row] = gone[row] || outcomes[e].entropy[row] < static_cast<float>(thresholds[e]);
    }
  }
  return thresholds;
}

/// Tries all grid points for all exits but the last, from the highest thresholds downwards, and keeps the
/// first of equals.
void search(std::size_t exit, std::vector<double>& now, const std::vector<ExitOutcome>& outcomes,
            const std::vector<std::int64_t>& labels, std::int64_t& most, std::vector<double>& best) {
  if (exit + 1 >= outcomes.size()) {
    const std::int64_t correct = tally(outcomes, now, labels.data()).all_correct();
    if (correct <= most) return;
    most = correct;
    best = now;
    return;
  }
  const auto& grid = threshold_grid();
  for (auto value = grid.rbegin(); value != grid.rend(); ++value) {
    now[exit] = *value;
    search(exit + 1, now, outcomes, labels, most, best);
  }
}

}  // namespace

std::vector<double> find_exit_thresholds(const ThresholdRule& rule, const std::vector<double>& own,
                                         const std::vector<ExitOutcome>& outcomes,
                                         const std::vector<std::int64_t>& labels) {
  std::vector<double> thresholds = own;
  if (rule.how == "topology") return thresholds;
  if (rule.how == "fixed") {
    std::fill(thresholds.begin(), thresholds.end() - 1, rule.value);
    return thresholds;
  }
  if (rule.how == "share") return by_share(rule.value, thresholds, outcomes, labels.size());
  if (rule.how != "best") {
    throw UserError("exit_threshold", "unknown '" + rule.how + "'", "a number, share NUMBER, best");
  }
  std::int64_t most = -1;
  std::vector<double> best = own;
  search(0, thresholds, outcomes, labels, most, best);
  return best;
}

}  // namespace deepfog
