#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"
#include "resilience/diagram.hpp"
#include "resilience/tuple_table.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The failure diagram of some combinations instead of all, for topologies whose whole diagram is too large.
/// Combinations can be appended at any time; a class keeps its number, so evaluations remain valid. Numbers
/// differ from those of Diagram, which meets the classes in another order.
class PartialDiagram {
 public:
  /// Keeps a reference to the topology.
  explicit PartialDiagram(const Topology& topology);

  /// Returns the last stage's class under a combination (0: nothing flows); new classes are appended. Only
  /// what the last stage needs is evaluated. Throws DiagramTooLarge at 2^31 classes of a stage.
  std::int32_t append(Combination combination);
  std::vector<std::int32_t> append(const std::vector<Combination>& combinations);

  /// In topological order, as in Diagram::stages().
  const std::vector<StageClasses>& stages() const { return stages_; }
  std::vector<std::int64_t> counts() const;  ///< classes per stage
  std::int64_t last_classes() const { return stages_.back().count; }
  std::int64_t evaluations() const;  ///< sum of counts

 private:
  std::int32_t number(std::size_t stage);

  const Topology& topology_;
  std::vector<StageClasses> stages_;
  std::vector<TupleTable> tables_;
  std::vector<std::int32_t> emitted_, inputs_;  ///< of the current combination
  std::vector<char> needed_;
};

/// All combinations that agree with `fates` on the `decisive` nodes; the other nodes are free.
struct Cube {
  Combination decisive = 0;
  Combination fates = 0;  ///< 0 outside `decisive`
};

/// The combinations that certainly share the class of this combination, because they agree on the nodes from
/// which the class was derived: what is upstream of a failed node has no influence. The cubes of two
/// combinations are equal or disjoint.
Cube cube_of(const Topology& topology, Combination combination);

/// Sum of Equation 2 over a cube.
double probability(const Cube& cube, const Reliability& reliability);

}  // namespace deepfog
