#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "resilience/diagram.hpp"
#include "resilience/tuple_table.hpp"

namespace deepfog {

/// Visits the stages; a state is [classes of the vertices still needed, fates of the nodes still needed].
class DiagramBuilder {
 public:
  DiagramBuilder(const Topology& topology, const DiagramLimits& limits, DiagramDetail detail)
      : topology_(topology), limits_(limits), detail_(detail) {
    const auto stages = static_cast<int>(topology.stages().size());
    last_use_.assign(topology.vertices(), -1);
    for (int s = 0; s < stages; ++s) {
      for_class_inputs(topology, s, [&](int vertex, bool) {
        if (vertex >= 0) last_use_[vertex] = s;
      });
    }
    last_use_[topology.vertex_of(stages - 1)] = stages;  // the result
    first_stage_of_node_.assign(topology.nodes().size(), stages);
    last_stage_of_node_.assign(topology.nodes().size(), -1);
    for (int s = 0; s < stages; ++s) {
      const int node = topology.stages()[s].node;
      first_stage_of_node_[node] = std::min(first_stage_of_node_[node], s);
      last_stage_of_node_[node] = s;
    }
  }

  void build(Diagram& diagram) {
    diagram.n_ = topology_.failing();
    TupleTable states(0);
    states.number(nullptr);
    for (std::size_t s = 0; s < topology_.stages().size(); ++s) {
      states = step(static_cast<int>(s), states, diagram);
    }
    for (std::int64_t i = 0; i < states.size(); ++i) diagram.final_class_.push_back(states.tuple(i)[0]);
  }

 private:
  /// What the entries of a state mean between two stages.
  struct Frontier {
    std::vector<int> vertices, nodes;
    std::size_t length() const { return vertices.size() + nodes.size(); }
  };

  Frontier frontier_after(int s) const {
    Frontier frontier;
    for (int t = 0; t <= s; ++t) {
      if (last_use_[topology_.vertex_of(t)] > s) frontier.vertices.push_back(topology_.vertex_of(t));
    }
    for (std::size_t n = 0; n < topology_.nodes().size(); ++n) {
      if (first_stage_of_node_[n] <= s && last_stage_of_node_[n] > s && topology_.nodes()[n].can_fail()) {
        frontier.nodes.push_back(static_cast<int>(n));
      }
    }
    return frontier;
  }

  static int place(const std::vector<int>& list, int value) {
    const auto it = std::find(list.begin(), list.end(), value);
    return it == list.end() ? -1 : static_cast<int>(it - list.begin());
  }

  /// Where the entries of a state come from: indices into the previous state, or what the stage has just
  /// decided.
  static constexpr int kEmitted = -1, kFate = -2;
  std::vector<int> origins(int s, const Frontier& next) const {
    std::vector<int> origin;
    for (int vertex : next.vertices) {
      origin.push_back(vertex == topology_.vertex_of(s) ? kEmitted : place(before_.vertices, vertex));
    }
    for (int node : next.nodes) {
      const int known = place(before_.nodes, node);  // not known yet: the node begins with this stage
      origin.push_back(known < 0 ? kFate : static_cast<int>(before_.vertices.size()) + known);
    }
    return origin;
  }

  /// A class input of a stage: its index in the state, and whether it makes the stage emit.
  struct Input {
    int place;
    bool carries;
  };
  static constexpr int kSource = -1, kNothing = -2;  ///< always class 1, always class 0
  std::vector<Input> inputs_of(int s) const {
    std::vector<Input> inputs;
    for_class_inputs(topology_, s, [&](int vertex, bool carries) {
      const int at = vertex < 0                    ? kNothing
                     : topology_.is_source(vertex) ? kSource
                                                   : place(before_.vertices, vertex);
      inputs.push_back({at, carries});
    });
    return inputs;
  }

  TupleTable step(int s, const TupleTable& states, Diagram& diagram) {
    const Stage& stage = topology_.stages()[s];
    const Frontier next = frontier_after(s);
    const std::vector<int> origin = origins(s, next);
    const std::vector<Input> from = inputs_of(s);
    const int known = place(before_.nodes, stage.node);  // an earlier stage of the node has decided its fate
    Diagram::Step step;
    step.position = known >= 0 ? -1 : topology_.nodes()[stage.node].position;
    TupleTable classes(from.size()), after(next.length());
    std::vector<std::int32_t> inputs(from.size()), state(next.length());
    const auto move = [&](const std::int32_t* now, std::int32_t emitted, std::int32_t fate) {
      for (std::size_t k = 0; k < origin.size(); ++k) {
        state[k] = origin[k] == kEmitted ? emitted : origin[k] == kFate ? fate : now[origin[k]];
      }
      return after.number(state.data());
    };
    const Room room = room_left(diagram, states);
    for (std::int64_t i = 0; i < states.size(); ++i) {
      const std::int32_t* now = states.tuple(i);
      std::int32_t any = 0;
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        inputs[k] = from[k].place >= 0 ? now[from[k].place] : from[k].place == kSource ? 1 : 0;
        if (from[k].carries) any |= inputs[k];
      }
      const bool up = known < 0 || now[before_.vertices.size() + known] != 0;
      step.alive.push_back(move(now, any != 0 && up ? class_of(classes, inputs) : 0, 1));
      if (step.position >= 0) step.failed.push_back(move(now, 0, 0));
      check(room, stage, classes, after);
    }
    before_ = next;
    diagram.stages_.push_back(finish(classes));
    // A gate behind an exit only passes classes on under new numbers: its step would map every state to
    // itself.
    const bool renames = step.position < 0 && after.size() == states.size();
    if (renames && topology_.has_exits()) return after;
    if (step.position < 0) step.failed = step.alive;
    step.states_after = after.size();
    held_ += 8 * states.size();  // the step's two rows
    diagram.steps_.push_back(std::move(step));
    return after;
  }

  std::int32_t class_of(TupleTable& classes, const std::vector<std::int32_t>& inputs) const {
    return detail_ == DiagramDetail::flow ? 1 : classes.number(inputs.data()) + 1;
  }

  StageClasses finish(TupleTable& classes) {
    StageClasses result;
    result.count = detail_ == DiagramDetail::flow ? 1 : classes.size();
    result.inputs = classes.release();
    held_ += static_cast<std::int64_t>(sizeof(std::int32_t) * result.inputs.capacity());
    return result;
  }

  /// What the limits leave for one stage.
  struct Room {
    std::int64_t classes, states, bytes;
  };
  Room room_left(const Diagram& diagram, const TupleTable& states) const {
    const std::int64_t most = std::numeric_limits<std::int32_t>::max() - 1;
    return {std::min(limits_.classes - diagram.evaluations(), most),
            std::min(limits_.states - diagram.states(), most),
            limits_.bytes - held_ - states.bytes() - 8 * states.size()};
  }

  void check(const Room& room, const Stage& stage, const TupleTable& classes, const TupleTable& after) const {
    const bool many_classes = classes.size() > room.classes, many_states = after.size() > room.states;
    if (!many_classes && !many_states && classes.bytes() + after.bytes() <= room.bytes) return;
    const std::string limit = many_classes  ? std::to_string(limits_.classes) + " classes"
                              : many_states ? std::to_string(limits_.states) + " states"
                                            : std::to_string(limits_.bytes >> 20) + " MB";
    throw DiagramTooLarge(topology_.name() + ": the failure diagram passes " + limit + " at stage " +
                          stage.name + " (next best: bounds over the most probable combinations)");
  }

  const Topology& topology_;
  DiagramLimits limits_;
  DiagramDetail detail_;
  std::vector<int> last_use_;  ///< last stage that reads a vertex
  std::vector<int> first_stage_of_node_, last_stage_of_node_;
  Frontier before_;
  std::int64_t held_ = 0;  ///< bytes of the finished steps and classes
};

Diagram::Diagram(const Topology& topology, const DiagramLimits& limits, DiagramDetail detail) {
  DiagramBuilder(topology, limits, detail).build(*this);
}

}  // namespace deepfog
