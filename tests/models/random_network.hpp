#pragma once

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/network.hpp"
#include "topology/random_topology.hpp"

namespace deepfog::test {

/// The columns of the sources side by side, in the order of the topology.
inline std::vector<Columns> columns_of(const Topology& topology) {
  std::vector<Columns> columns;
  std::int64_t begin = 0;
  for (const Source& source : topology.sources()) {
    columns.push_back({begin, begin + source.width});
    begin += source.width;
  }
  return columns;
}

/// A network and samples that depend on a seed only; biases and norms are random, too.
struct RandomNetwork {
  RandomNetwork(const Topology& of, std::uint64_t seed, std::int64_t samples)
      : topology(of), columns(columns_of(of)), network(of, columns) {
    network->initialise(seed);
    weights = network->weights();
    RandomStream stream(seed);
    const auto draw = [&] { return static_cast<float>(2 * stream.uniform() - 1); };
    for (NamedTensor& tensor : weights) {
      if (tensor.shape.size() == 1) {
        for (float& value : tensor.values) value = draw();
      }
      if (tensor.name.find("variance") != std::string::npos) {
        for (float& value : tensor.values) value = 0.5F + value * value;
      }
    }
    network->load(weights, "drawn");
    set.features = columns.back().end;
    set.labels.assign(static_cast<std::size_t>(samples), 0);
    for (std::int64_t i = 0; i < samples * set.features; ++i) set.values.push_back(draw());
  }
  explicit RandomNetwork(std::uint64_t seed, std::int64_t samples = 64)
      : RandomNetwork(parse_topology(random_topology_text(seed), "random " + std::to_string(seed)), seed,
                      samples) {}

  Topology topology;
  std::vector<Columns> columns;
  Network network;
  Weights weights;
  SampleSet set;
};

}  // namespace deepfog::test
