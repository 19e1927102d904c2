#include "evaluation/diagram_sweep.hpp"

namespace deepfog {
namespace {

/// Numbers the classes of one stage that are needed, in their order; 0 (Φ) stays 0, the others are not used.
std::vector<std::int32_t> numbered(const std::vector<char>& needed) {
  std::vector<std::int32_t> number(needed.size(), 0);
  std::int32_t last = 0;
  for (std::size_t c = 1; c < needed.size(); ++c) {
    if (needed[c] != 0) number[c] = ++last;
  }
  return number;
}

}  // namespace

std::vector<StageClasses> needed_classes(const Topology& topology, const std::vector<StageClasses>& stages,
                                         std::int64_t first_last, std::int64_t end_last) {
  std::vector<std::vector<char>> needed;   // index = class
  std::vector<std::vector<int>> vertices;  // that a stage's inputs come from
  for (std::size_t s = 0; s < stages.size(); ++s) {
    needed.emplace_back(static_cast<std::size_t>(stages[s].count) + 1);
    vertices.push_back(class_inputs(topology, static_cast<int>(s)));
  }
  std::fill(needed.back().begin() + first_last + 1, needed.back().begin() + end_last + 1, 1);
  const auto is_stage = [&](int vertex) { return vertex >= 0 && !topology.is_source(vertex); };
  for (std::size_t s = stages.size(); s-- > 0;) {
    const std::size_t inputs = vertices[s].size();
    for (std::size_t c = 1; c < needed[s].size(); ++c) {
      if (needed[s][c] == 0) continue;
      for (std::size_t k = 0; k < inputs; ++k) {
        if (!is_stage(vertices[s][k])) continue;
        needed[static_cast<std::size_t>(topology.stage_of(vertices[s][k]))]
              [static_cast<std::size_t>(stages[s].inputs[(c - 1) * inputs + k])] = 1;
      }
    }
  }
  std::vector<std::vector<std::int32_t>> number;
  for (const auto& stage : needed) number.push_back(numbered(stage));
  std::vector<StageClasses> result(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const std::size_t inputs = vertices[s].size();
    for (std::size_t c = 1; c < needed[s].size(); ++c) {
      if (needed[s][c] == 0) continue;
      ++result[s].count;
      for (std::size_t k = 0; k < inputs; ++k) {
        const std::int32_t input = stages[s].inputs[(c - 1) * inputs + k];
        const int vertex = vertices[s][k];
        result[s].inputs.push_back(
            is_stage(vertex)
                ? number[static_cast<std::size_t>(topology.stage_of(vertex))][static_cast<std::size_t>(input)]
                : input);
      }
    }
  }
  return result;
}

}  // namespace deepfog
