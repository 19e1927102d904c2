#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "resilience/partial_diagram.hpp"

namespace deepfog {

/// Evaluates the classes of the last stage beyond known.back(), and of the others what these need; stage s
/// had known[s] classes at the last call. Returns their accuracies, in order: stages.back().count -
/// known.back() values.
using EvaluateClasses = std::function<std::vector<double>(const std::vector<StageClasses>& stages,
                                                          const std::vector<std::int64_t>& known)>;

/// Accuracy per class of the last stage, each evaluated once however often it is asked for: what bounds and
/// sampling share.
class ClassAccuracies {
 public:
  /// `guess`: accuracy of class 0, where nothing flows. Keeps a reference to the topology.
  ClassAccuracies(const Topology& topology, double guess, EvaluateClasses evaluate);

  /// The class of a combination; a new one is evaluated by the next evaluate_new().
  std::int32_t add(Combination combination) { return diagram_.append(combination); }

  /// One call of the evaluation for all new classes; none where nothing is new. Throws std::runtime_error
  /// when it returns another number of values, or one outside 0..1.
  void evaluate_new();

  /// Accuracies of some combinations, with one call of the evaluation at most.
  std::vector<double> of(const std::vector<Combination>& combinations);

  const std::vector<double>& values() const { return values_; }  ///< index = class, evaluated so far
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
