#include "resilience/class_accuracies.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace deepfog {

ClassAccuracies::ClassAccuracies(const Topology& topology, double guess, EvaluateClasses evaluate)
    : topology_(topology),
      diagram_(topology),
      evaluate_(std::move(evaluate)),
      known_(diagram_.counts()),
      values_{guess} {}

void ClassAccuracies::evaluate_new() {
  const std::int64_t wanted = diagram_.last_classes() - known_.back();
  if (wanted == 0) return;
  const std::vector<double> values = evaluate_(diagram_.stages(), known_);
  if (static_cast<std::int64_t>(values.size()) != wanted) {
    throw std::runtime_error("the evaluation of " + std::to_string(wanted) + " classes returned " +
                             std::to_string(values.size()) + " accuracies");
  }
  for (const double value : values) {
    if (!(value >= 0 && value <= 1)) {
      throw std::runtime_error("accuracy " + std::to_string(value) + " of a class (0 to 1)");
    }
  }
  values_.insert(values_.end(), values.begin(), values.end());
  known_ = diagram_.counts();
}

std::vector<double> ClassAccuracies::of(const std::vector<Combination>& combinations) {
  const std::vector<std::int32_t> classes = diagram_.append(combinations);
  evaluate_new();
  std::vector<double> result;
  result.reserve(classes.size());
  for (const std::int32_t number : classes) result.push_back(values_[number]);
  return result;
}

}  // namespace deepfog
