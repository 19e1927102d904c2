#pragma once

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "partition/robust_partition.hpp"

namespace deepfog::test {

/// Linear layers with these numbers of neurons and 10 bytes per neuron.
inline std::vector<CutLayer> layers_of(const std::vector<std::int64_t>& sizes) {
  std::vector<CutLayer> layers;
  for (const std::int64_t size : sizes) {
    CutLayer layer;
    layer.name = "layer" + std::to_string(layers.size());
    layer.kind = CutLayer::Kind::linear;
    layer.neurons = size;
    layer.neuron_bytes = 10;
    layers.push_back(layer);
  }
  return layers;
}

inline LayerScores random_scores(std::int64_t neurons, std::uint64_t seed) {
  RandomStream stream(seed);
  LayerScores scores(static_cast<std::size_t>(neurons));
  for (Score& score : scores) score = {100 * stream.uniform(), stream.uniform(), 1e-4 * stream.uniform()};
  return scores;
}

/// Neurons with the given first scores; the other scores are zero.
inline LayerScores on_a_line(const std::vector<double>& values) {
  LayerScores scores;
  for (const double value : values) scores.push_back({value, 0, 0});
  return scores;
}

}  // namespace deepfog::test
