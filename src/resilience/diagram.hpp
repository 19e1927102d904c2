#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The distinct evaluations of one stage over all failure combinations. Class 0 is Φ; classes 1..count are
/// numbered in the order in which they are first met. Two combinations of the same class give the stage the
/// same live inputs, and therefore the same output.
struct StageClasses {
  std::int64_t count = 0;
  std::vector<std::int32_t> inputs;  ///< [count, class inputs]: the class of each input
};

/// Calls use(vertex, carries) for each class input of a stage: the vertices whose classes tell the classes of
/// the stage apart. These are the senders of its hyperconnections; an exit's verdict is none of them (vertex
/// -1, always class 0), because all rows are evaluated everywhere. The stage that collects the answers of
/// exits is told apart by all heads: class summaries are counted even if they lead to no answer, but they
/// carry none (`carries` is false).
template <class Use>
void for_class_inputs(const Topology& topology, int stage, Use use) {
  if (topology.has_exits() && stage == topology.last_stage()) {
    const std::vector<int>& exits = topology.exits();
    for (const int head : topology.heads()) {
      use(topology.vertex_of(head), std::find(exits.begin(), exits.end(), head) != exits.end());
    }
    return;
  }
  for (const int number : topology.stages()[static_cast<std::size_t>(stage)].incoming) {
    const Hyperconnection& link = topology.hyperconnections()[static_cast<std::size_t>(number)];
    use(link.verdict ? -1 : link.from, !link.verdict);
  }
}

/// The vertices of for_class_inputs().
std::vector<int> class_inputs(const Topology& topology, int stage);

/// A limit of the diagram was exceeded; the message names the topology, the stage and the limit. The
/// alternative is bounds over the most probable combinations (bounds.hpp).
class DiagramTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Limits that are checked while the diagram grows.
struct DiagramLimits {
  std::int64_t classes = 4'000'000;  ///< distinct evaluations over all stages
  std::int64_t states = 16'000'000;  ///< of the frontier, summed over all steps
  std::int64_t bytes = 1 << 30;      ///< of the tables held during construction (a growing table doubles)
};

/// Which evaluations the states of the diagram distinguish.
enum class DiagramDetail {
  classes,  ///< every distinct evaluation
  flow      ///< only whether a stage emits: one class per stage, far fewer states; stages() lists no inputs
};

/// A Diagram as plain vectors, to be stored in a file. The class of a combination is found by walking from
/// state 0: each step goes to the state's entry in `failed` or `alive`, according to the node at `position`
/// (both are equal if it is -1). The rows of all steps are concatenated in `failed` and `alive`.
struct DiagramMap {
  std::vector<std::int32_t> position;        ///< [steps] position in the reliability vector; -1: nothing is
                                             ///< decided
  std::vector<std::int64_t> states;          ///< [steps] before the step
  std::vector<std::int32_t> failed, alive;   ///< [sum of states] the next state
  std::vector<std::int32_t> class_of_state;  ///< [states after the last step]; 0: nothing flows
};

/// The failure diagram: all 2^n failure combinations as a small acyclic graph. Stages are visited in
/// topological order. A state is the tuple of classes that later stages still need (and the fates of nodes
/// that host later stages), so combinations that can no longer be distinguished are followed once.
/// Combinations are never listed.
class Diagram {
 public:
  /// Throws DiagramTooLarge.
  explicit Diagram(const Topology& topology, const DiagramLimits& limits = {},
                   DiagramDetail detail = DiagramDetail::classes);

  int failing() const { return n_; }  ///< n

  const std::vector<StageClasses>& stages() const { return stages_; }  ///< in topological order
  std::int64_t evaluations() const;  ///< sum of counts: what a sweep must compute
  std::int64_t last_classes() const { return stages_.back().count; }
  std::int64_t states() const;  ///< of the frontier, summed over all steps

  /// p(class | R) of the last stage, index = class (0: nothing flows), in one pass and exact up to rounding
  /// for any n.
  std::vector<double> class_probabilities(const Reliability& reliability) const;

  /// Number of combinations per class, index = class; as doubles, which are exact up to 2^53.
  std::vector<double> class_sizes() const;

  /// The last stage's class of every combination, index = combination; needs 4 bytes per entry and no more.
  /// Throws std::invalid_argument for n > 30.
  std::vector<std::int32_t> class_of_combination() const;

  /// The class of one combination, without a table.
  std::int32_t class_of(Combination combination) const;

  DiagramMap map() const;

 private:
  friend class DiagramBuilder;
  /// The step of one stage: the next state of each state if the stage's node is failed or alive. If nothing
  /// is decided (the node never fails, or its fate is known already), both are equal.
  struct Step {
    int position = -1;                 ///< of the node that is decided here; -1: none
    std::vector<std::int32_t> failed;  ///< [states]
    std::vector<std::int32_t> alive;   ///< [states]
    std::int64_t states_after = 0;
  };
  std::vector<double> fold(const Reliability* reliability) const;
  void fill(std::size_t step, std::int32_t state, Combination combination,
            std::vector<std::int32_t>& table) const;

  int n_ = 0;
  std::vector<StageClasses> stages_;
  std::vector<Step> steps_;
  std::vector<std::int32_t> final_class_;  ///< of each state after the last step
};

}  // namespace deepfog
