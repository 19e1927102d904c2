#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// The accuracies of all failure combinations in ascending order, with their probabilities. Figures of the
/// distribution's tail are computed by walking along this list.
class AccuracyRisk {
 public:
  /// @param values        [2^n] accuracy
  /// @param distribution  [2^n] sums to 1
  /// Throws std::invalid_argument if the sizes differ or are 0.
  AccuracyRisk(const std::vector<double>& values, const std::vector<double>& distribution);

  /// The smallest accuracy x with P(accuracy <= x) >= share; `share` in (0, 1].
  double quantile(double share) const;
  /// Conditional value at risk: mean accuracy of the worst `share` of the probability (Rockafellar and
  /// Uryasev, 2000).
  double worst_mean(double share) const;
  /// P(accuracy >= x). Accuracies within 1e-12 of x count as x.
  double at_least(double x) const;
  double deviation() const;  ///< standard deviation over the combinations

 private:
  struct Step {
    double value, chance;
  };
  std::vector<Step> steps_;
};

/// All combinations with the same number of failed nodes; `mean` weights them equally.
struct FailuresRow {
  int failed = 0;
  std::int64_t combinations = 0;
  double chance = 0;  ///< probability of this number of failures
  double best = 0, mean = 0, worst = 0;
  Combination best_at = 0, worst_at = 0;  ///< the first one, if several are equal
};
std::vector<FailuresRow> by_failures(const std::vector<double>& values,
                                     const std::vector<double>& distribution);

}  // namespace deepfog
