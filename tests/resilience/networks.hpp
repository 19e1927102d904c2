#pragma once

#include <string>

#include "core/seed.hpp"
#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

inline Topology shipped(const std::string& name) {
  return load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/" + name + ".topology");
}

/// Random survival probabilities between 0 and 1.
inline Reliability random_reliability(RandomStream& stream, int n) {
  Reliability reliability;
  for (int i = 0; i < n; ++i) reliability.push_back(stream.uniform());
  return reliability;
}

}  // namespace deepfog
