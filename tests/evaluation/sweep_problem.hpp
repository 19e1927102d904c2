#pragma once

#include "core/seed.hpp"
#include "models/network.hpp"
#include "topology/random_topology.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A network with random weights and random samples to sweep.
struct SweepProblem {
  Topology topology;
  std::vector<Columns> columns;
  SampleSet samples;
  Weights weights;
};

inline SweepProblem problem_of(const Topology& topology, std::uint64_t seed, std::int64_t size) {
  SweepProblem problem;
  problem.topology = topology;
  std::int64_t features = 0;
  for (const Source& source : topology.sources()) {
    problem.columns.push_back({features, features + source.width});
    features += source.width;
  }
  RandomStream stream(seed);
  problem.samples.features = features;
  for (std::int64_t i = 0; i < size * features; ++i) {
    problem.samples.values.push_back(float(2 * stream.uniform() - 1));
  }
  for (std::int64_t i = 0; i < size; ++i) {
    problem.samples.labels.push_back(std::int64_t(stream.below(topology.classes())));
  }
  Network network(topology, problem.columns);
  network->initialise(seed);
  problem.weights = network->weights();
  return problem;
}

inline SweepProblem random_problem(std::uint64_t seed, std::int64_t size) {
  return problem_of(parse_topology(random_topology_text(seed), "random"), seed, size);
}

}  // namespace deepfog
