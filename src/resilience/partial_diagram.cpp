#include "resilience/partial_diagram.hpp"

#include <algorithm>
#include <limits>

namespace deepfog {
namespace {

/// Walks back from the last stage and marks the stages that are read: those with a live reader. The inputs of
/// a failed node are not read. Returns the nodes whose fates were read.
Combination mark_needed(const Topology& topology, Combination combination, std::vector<char>& needed) {
  Combination read = 0;
  needed.assign(topology.stages().size(), 0);
  needed.back() = 1;
  for (std::size_t s = needed.size(); s-- > 0;) {
    if (needed[s] == 0) continue;
    const Stage& stage = topology.stages()[s];
    const int position = topology.nodes()[stage.node].position;
    if (position >= 0) read |= Combination{1} << position;
    if (!alive(combination, position)) continue;
    for_class_inputs(topology, static_cast<int>(s), [&](int vertex, bool) {
      if (vertex >= 0 && !topology.is_source(vertex)) needed[topology.stage_of(vertex)] = 1;
    });
  }
  return read;
}

}  // namespace

PartialDiagram::PartialDiagram(const Topology& topology)
    : topology_(topology), stages_(topology.stages().size()), emitted_(topology.stages().size()) {
  for (int s = 0; s <= topology.last_stage(); ++s) tables_.emplace_back(class_inputs(topology, s).size());
}

std::int32_t PartialDiagram::append(Combination combination) {
  mark_needed(topology_, combination, needed_);
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    const Stage& stage = topology_.stages()[s];
    emitted_[s] = 0;
    if (needed_[s] == 0 || !alive(combination, topology_.nodes()[stage.node].position)) continue;
    inputs_.clear();
    bool any = false;
    for_class_inputs(topology_, static_cast<int>(s), [&](int vertex, bool carries) {
      const std::int32_t input = vertex < 0                    ? 0
                                 : topology_.is_source(vertex) ? 1
                                                               : emitted_[topology_.stage_of(vertex)];
      any = any || (carries && input != 0);
      inputs_.push_back(input);
    });
    if (any) emitted_[s] = number(s);
  }
  return emitted_.back();
}

std::int32_t PartialDiagram::number(std::size_t stage) {
  StageClasses& classes = stages_[stage];
  const std::int32_t number = tables_[stage].number(inputs_.data()) + 1;
  if (number > classes.count) {
    if (number == std::numeric_limits<std::int32_t>::max()) {
      throw DiagramTooLarge(topology_.name() + ": 2^31 classes of stage " + topology_.stages()[stage].name);
    }
    classes.count = number;
    classes.inputs.insert(classes.inputs.end(), inputs_.begin(), inputs_.end());
  }
  return number;
}

std::vector<std::int32_t> PartialDiagram::append(const std::vector<Combination>& combinations) {
  std::vector<std::int32_t> classes;
  classes.reserve(combinations.size());
  for (const Combination combination : combinations) classes.push_back(append(combination));
  return classes;
}

std::vector<std::int64_t> PartialDiagram::counts() const {
  std::vector<std::int64_t> counts;
  for (const StageClasses& stage : stages_) counts.push_back(stage.count);
  return counts;
}

std::int64_t PartialDiagram::evaluations() const {
  std::int64_t sum = 0;
  for (const StageClasses& stage : stages_) sum += stage.count;
  return sum;
}

Cube cube_of(const Topology& topology, Combination combination) {
  std::vector<char> needed;
  const Combination decisive = mark_needed(topology, combination, needed);
  return {decisive, combination & decisive};
}

double probability(const Cube& cube, const Reliability& reliability) {
  double product = 1;
  for (std::size_t i = 0; i < reliability.size(); ++i) {
    if (!alive(cube.decisive, static_cast<int>(i))) continue;
    product *= alive(cube.fates, static_cast<int>(i)) ? reliability[i] : 1 - reliability[i];
  }
  return product;
}

}  // namespace deepfog
