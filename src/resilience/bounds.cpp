#include "resilience/bounds.hpp"

#include <algorithm>
#include <stdexcept>

#include "resilience/exploration.hpp"

namespace deepfog {
namespace {

void check(const NamedReliability& settings, const BoundsTarget& target, const ClassAccuracies& accuracies) {
  const int n = accuracies.topology().failing();
  for (const auto& [name, reliability] : settings) {
    if (static_cast<int>(reliability.size()) != n) {
      throw std::invalid_argument("setting " + name + " has " + std::to_string(reliability.size()) +
                                  " values for " + std::to_string(n) + " nodes that can fail");
    }
  }
  const bool accuracies_known = target.lowest >= 0 && target.highest <= 1 && target.lowest <= target.highest;
  if (!(target.width >= 0) || target.combinations < 1 || target.classes < 1 || target.batch < 1 ||
      !accuracies_known) {
    throw std::invalid_argument(
        "bounds: width >= 0, limits and batch >= 1 and 0 <= lowest <= highest <= 1 are wanted");
  }
}

}  // namespace

BoundsResult bound_averages(const NamedReliability& settings, const BoundsTarget& target,
                            ClassAccuracies& accuracies) {
  check(settings, target, accuracies);
  accuracies.evaluate_new();  // combinations that the caller has added
  Exploration exploration(settings, target, accuracies);
  while (exploration.pick_batch()) accuracies.evaluate_new();
  return exploration.result();
}

}  // namespace deepfog
