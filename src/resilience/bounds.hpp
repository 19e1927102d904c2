#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "resilience/class_accuracies.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// Reliability settings by name, as in a config: R of each is bounded at once.
using NamedReliability = std::vector<std::pair<std::string, Reliability>>;

/// When to stop, and what is certain about every accuracy.
struct BoundsTarget {
  double width = 0.002;                    ///< upper - lower wanted of every setting
  std::int64_t combinations = 10'000'000;  ///< looked at, over all settings (some 50 bytes each)
  std::int64_t classes = 100'000;          ///< of the last stage in `accuracies`, those known before included
  std::int64_t batch = 100'000;    ///< new classes of the last stage a call of the evaluation, at most
  double lowest = 0, highest = 1;  ///< no combination is less or more accurate
};

/// Certified bounds of the average accuracy A(R), Equation 3: lower <= A <= upper whatever the combinations
/// that were not explored do (up to rounding, some 1e-12).
struct SettingBounds {
  std::string name;
  double lower = 0, upper = 1;
  double explored = 0;          ///< probability of the combinations whose accuracy is known
  double unexplored_guess = 0;  ///< probability of the others of which it is known that nothing flows
  bool closed = false;          ///< upper - lower <= target.width
  double width() const { return upper - lower; }
};

/// Combinations that share one class of the last stage. With the accuracies per class this bounds any
/// setting, also one that nobody had thought of.
struct ExploredCube {
  Cube cube;
  std::int32_t number = 0;  ///< of the class
};

enum class StoppedBy { width, combinations, classes };

struct BoundsResult {
  std::vector<SettingBounds> settings;  ///< in the order given
  StoppedBy stopped_by = StoppedBy::width;
  std::int64_t combinations = 0;       ///< looked at
  std::vector<ExploredCube> explored;  ///< disjoint, in the order they were taken
  std::int64_t classes = 0;            ///< of the last stage, evaluated by then
  std::int64_t evaluations = 0;        ///< over all stages
};

/// Most-probable-first exploration for all settings: each open setting in turn gives its most probable
/// combination that is not explored yet, with the whole cube it stands for (cube_of), and every setting gains
/// the cube's probability. With S the explored part of Equation 3, u the unexplored mass and z the part of it
/// where nothing flows, S + z guess + (u - z) lowest <= A <= S + z guess + (u - z) highest. z is exact where
/// the diagram of flow alone is small enough, else 0. Which combinations are taken does not depend on
/// accuracies. Accuracies known before count too, so a second call with a narrower target goes on cheaply.
/// Throws std::invalid_argument for a setting of another size or a target that makes no sense.
BoundsResult bound_averages(const NamedReliability& settings, const BoundsTarget& target,
                            ClassAccuracies& accuracies);

}  // namespace deepfog
