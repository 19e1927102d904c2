#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"
#include "resilience/diagram.hpp"
#include "resilience/tuple_table.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The failure diagram of some combinations instead of all: for topologies whose whole diagram is too large.
/// Combinations are appended at any time; a class keeps its number, so what has been evaluated stays
/// evaluated. Numbers differ from those of Diagram, which meets the classes in another order.
class PartialDiagram {
 public:
  /// Keeps a reference to the topology.
  explicit PartialDiagram(const Topology& topology);

  /// The last stage's class under a combination (0: nothing flows); classes not met before are appended. Only
  /// what the last stage needs is evaluated. Throws DiagramTooLarge at 2^31 classes of a stage.
  std::int32_t append(Combination combination);
  std::vector<std::int32_t> append(const std::vector<Combination>& combinations);

  /// Topological order, as Diagram::stages().
  const std::vector<StageClasses>& stages() const { return stages_; }
  std::vector<std::int64_t> counts() const;  ///< classes a stage
  std::int64_t last_classes() const { return stages_.back().count; }
  std::int64_t evaluations() const;  ///< sum of counts

 private:
  std::int32_t number(std::size_t stage);

  const Topology& topology_;
  std::vector<StageClasses> stages_;
  std::vector<TupleTable> tables_;
  std::vector<std::int32_t> emitted_, inputs_;  ///< of the combination at hand
  std::vector<char> needed_;
};

/// Combinations that agree with `fates` on the `decisive` nodes, whatever the others do.
struct Cube {
  Combination decisive = 0;
  Combination fates = 0;  ///< 0 outside `decisive`
};

/// All combinations that must share a combination's class because they give the nodes its class was read from
/// the same fates: behind a failed node nothing matters. The cubes of two combinations are equal or disjoint.
Cube cube_of(const Topology& topology, Combination combination);

/// Sum of Equation 2 over a cube.
double probability(const Cube& cube, const Reliability& reliability);

}  // namespace deepfog
