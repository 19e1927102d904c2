#include "resilience/diagram.hpp"

#include <stdexcept>
#include <string>

namespace deepfog {

std::vector<int> class_inputs(const Topology& topology, int stage) {
  std::vector<int> vertices;
  for_class_inputs(topology, stage, [&](int vertex, bool) { vertices.push_back(vertex); });
  return vertices;
}

std::int64_t Diagram::evaluations() const {
  std::int64_t sum = 0;
  for (const StageClasses& stage : stages_) sum += stage.count;
  return sum;
}

std::int64_t Diagram::states() const {
  std::int64_t sum = 1;
  for (const Step& step : steps_) sum += step.states_after;
  return sum;
}

std::vector<double> Diagram::class_probabilities(const Reliability& reliability) const {
  if (static_cast<int>(reliability.size()) != n_) {
    throw std::invalid_argument("reliability of " + std::to_string(reliability.size()) +
                                " nodes for a diagram of " + std::to_string(n_));
  }
  return fold(&reliability);
}

std::vector<double> Diagram::class_sizes() const {
  return fold(nullptr);
}

/// Distributes a mass of 1 from the first state over the classes, step by step. Without a reliability both
/// branches have the weight 1, which counts combinations.
std::vector<double> Diagram::fold(const Reliability* reliability) const {
  std::vector<double> now{1.0};
  for (const Step& step : steps_) {
    std::vector<double> next(step.states_after, 0.0);
    double up = 1, down = 1;
    if (step.position >= 0 && reliability != nullptr) {
      up = (*reliability)[step.position];
      down = 1 - up;
    }
    for (std::size_t state = 0; state < now.size(); ++state) {
      next[step.alive[state]] += now[state] * up;
      if (step.position >= 0) next[step.failed[state]] += now[state] * down;
    }
    now = std::move(next);
  }
  std::vector<double> mass(last_classes() + 1, 0.0);
  for (std::size_t state = 0; state < now.size(); ++state) mass[final_class_[state]] += now[state];
  return mass;
}

std::int32_t Diagram::class_of(Combination combination) const {
  std::int32_t state = 0;
  for (const Step& step : steps_) {
    state = alive(combination, step.position) ? step.alive[state] : step.failed[state];
  }
  return final_class_[state];
}

DiagramMap Diagram::map() const {
  DiagramMap map;
  for (const Step& step : steps_) {
    map.position.push_back(step.position);
    map.states.push_back(static_cast<std::int64_t>(step.alive.size()));
    map.failed.insert(map.failed.end(), step.failed.begin(), step.failed.end());
    map.alive.insert(map.alive.end(), step.alive.begin(), step.alive.end());
  }
  map.class_of_state = final_class_;
  return map;
}

std::vector<std::int32_t> Diagram::class_of_combination() const {
  if (n_ > 30) {
    throw std::invalid_argument("a table over " + std::to_string(n_) + " nodes that can fail (at most 30)");
  }
  std::vector<std::int32_t> table(std::size_t{1} << n_);
  fill(0, 0, 0, table);
  return table;
}

/// Follows all paths from a state: each node that can fail is decided exactly once, so every entry is written
/// once.
void Diagram::fill(std::size_t step, std::int32_t state, Combination combination,
                   std::vector<std::int32_t>& table) const {
  for (; step < steps_.size() && steps_[step].position < 0; ++step) state = steps_[step].alive[state];
  if (step == steps_.size()) {
    table[combination] = final_class_[state];
    return;
  }
  const Step& decided = steps_[step];
  fill(step + 1, decided.failed[state], combination, table);
  fill(step + 1, decided.alive[state], combination | (Combination{1} << decided.position), table);
}

}  // namespace deepfog
