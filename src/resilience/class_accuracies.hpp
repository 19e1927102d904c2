#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "resilience/partial_diagram.hpp"

namespace deepfog {

/// Evaluates the classes of the last stage beyond known.back(), and the classes of the other stages that
/// these need; stage s had known[s] classes at the last call. Returns the accuracies in order:
/// stages.back().count - known.back() values.
using EvaluateClasses = std::function<std::vector<double>(const std::vector<StageClasses>& stages,
                                                          const std::vector<std::int64_t>& known)>;

/// Accuracy per class of the last stage. Each class is evaluated once, however often it is requested. Bounds
/// and sampling share these.
class ClassAccuracies {
 public:
  /// @param guess  accuracy of class 0, in which nothing flows
  /// Keeps a reference to the topology.
  ClassAccuracies(const Topology& topology, double guess, EvaluateClasses evaluate);

  /// Returns the class of a combination. A new class is evaluated by the next evaluate_new().
  std::int32_t add(Combination combination) { return diagram_.append(combination); }

  /// Evaluates all new classes with one call, or none if there are none. Throws std::runtime_error if the
  /// evaluation returns the wrong number of values, or a value outside 0..1.
  void evaluate_new();

  /// Accuracies of some combinations, with at most one call of the evaluation.
  std::vector<double> of(const std::vector<Combination>& combinations);

  const std::vector<double>& values() const { return values_; }  ///< index = class, those evaluated so far
  const PartialDiagram& diagram() const { return diagram_; }
  const Topology& topology() const { return topology_; }

 private:
  const Topology& topology_;
  PartialDiagram diagram_;
  EvaluateClasses evaluate_;
  std::vector<std::int64_t> known_;
  std::vector<double> values_;
};

}  // namespace deepfog
