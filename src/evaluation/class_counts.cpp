#include "evaluation/class_counts.hpp"

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
                                         std::int64_t known_last) {
  std::vector<std::vector<char>> needed;  // index = class
  for (const StageClasses& stage : stages) needed.emplace_back(static_cast<std::size_t>(stage.count) + 1);
  for (std::size_t c = static_cast<std::size_t>(known_last) + 1; c < needed.back().size(); ++c) {
    needed.back()[c] = 1;
  }
  std::vector<StageClasses> result(stages.size());
  const auto from = [&](std::size_t s, std::size_t k) {
    return topology.hyperconnections()[static_cast<std::size_t>(topology.stages()[s].incoming[k])].from;
  };
  for (std::size_t s = stages.size(); s-- > 0;) {
    const std::size_t inputs = topology.stages()[s].incoming.size();
    for (std::size_t c = 1; c < needed[s].size(); ++c) {
      if (needed[s][c] == 0) continue;
      for (std::size_t k = 0; k < inputs; ++k) {
        const int vertex = from(s, k);
        if (topology.is_source(vertex)) continue;
        needed[static_cast<std::size_t>(topology.stage_of(vertex))]
              [static_cast<std::size_t>(stages[s].inputs[(c - 1) * inputs + k])] = 1;
      }
    }
  }
  std::vector<std::vector<std::int32_t>> number;
  for (const auto& stage : needed) number.push_back(numbered(stage));
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const std::size_t inputs = topology.stages()[s].incoming.size();
    for (std::size_t c = 1; c < needed[s].size(); ++c) {
      if (needed[s][c] == 0) continue;
      ++result[s].count;
      for (std::size_t k = 0; k < inputs; ++k) {
        const std::int32_t input = stages[s].inputs[(c - 1) * inputs + k];
        const int vertex = from(s, k);
        result[s].inputs.push_back(topology.is_source(vertex)
                                       ? input
                                       : number[static_cast<std::size_t>(topology.stage_of(vertex))]
                                               [static_cast<std::size_t>(input)]);
      }
    }
  }
  return result;
}

std::vector<std::int64_t> sweep_new_classes(const Topology& topology, const std::vector<Columns>& columns,
                                            const Weights& weights, const SampleView& samples,
                                            const std::vector<StageClasses>& stages, std::int64_t known_last,
                                            std::int64_t memory_bytes) {
  const std::vector<StageClasses> classes = needed_classes(topology, stages, known_last);
  DiagramSweep sweep(topology, columns, weights, classes, false, memory_bytes);
  sweep.add(samples);
  return {sweep.counts().correct.begin() + 1, sweep.counts().correct.end()};
}

}  // namespace deepfog
