#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "resilience/class_accuracies.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// Reliability settings by name, as in a config; all are bounded together.
using NamedReliability = std::vector<std::pair<std::string, Reliability>>;

/// When to stop, and what is known for certain about every accuracy.
struct BoundsTarget {
  double width = 0.002;                    ///< upper - lower to reach for every setting
  std::int64_t combinations = 10'000'000;  ///< examined, over all settings (about 50 bytes each)
  std::int64_t classes = 100'000;          ///< of the last stage in `accuracies`, including those known
                                           ///< before
  std::int64_t batch = 100'000;            ///< most new classes of the last stage per call of the evaluation
  double lowest = 0, highest = 1;          ///< no combination's accuracy is outside this range
};

/// Certified bounds of the average accuracy A(R), Equation 3: lower <= A <= upper for any accuracies of the
/// combinations that were not explored (up to rounding, about 1e-12).
struct SettingBounds {
  std::string name;
  double lower = 0, upper = 1;
  double explored = 0;          ///< probability of the combinations whose accuracy is known
  double unexplored_guess = 0;  ///< probability of the other combinations for which it is known that nothing
                                ///< flows
  bool closed = false;          ///< upper - lower <= target.width
  double width() const { return upper - lower; }
};

/// Combinations that share one class of the last stage. With the accuracies per class, these bound any
/// setting, including settings chosen later.
struct ExploredCube {
  Cube cube;
  std::int32_t number = 0;  ///< of the class; 0: nothing flows
};

enum class StoppedBy { width, combinations, classes };

struct BoundsResult {
  std::vector<SettingBounds> settings;  ///< in the order given
  StoppedBy stopped_by = StoppedBy::width;
  std::int64_t combinations = 0;       ///< examined
  std::vector<ExploredCube> explored;  ///< disjoint, in the order in which they were explored
  std::int64_t classes = 0;            ///< of the last stage, evaluated so far
  std::int64_t evaluations = 0;        ///< over all stages
};

/// Explores combinations for all settings, most probable first. Each open setting in turn takes its most
/// probable combination that is not explored yet, together with the whole cube that it represents (cube_of),
/// and every setting gains the cube's probability. With S the explored part of Equation 3, u the unexplored
/// mass and z the part of it where nothing flows, S + z guess + (u - z) lowest <= A <= S + z guess + (u - z)
/// highest. z is exact if the diagram of flow alone is small enough, otherwise 0. The choice of combinations
/// does not depend on accuracies. Accuracies known before are used, so a second call with a narrower target
/// continues at little cost. Throws std::invalid_argument for a setting of the wrong size or an impossible
/// target.
BoundsResult bound_averages(const NamedReliability& settings, const BoundsTarget& target,
                            ClassAccuracies& accuracies);

}  // namespace deepfog
