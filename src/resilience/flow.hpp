#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Whether each stage emits anything other than Φ under a combination (null-vector rule, deepFogGuard section
/// 2).
std::vector<char> live_stages(const Topology& topology, Combination combination);

/// Whether information reaches the last stage; otherwise the class is guessed.
bool flows(const Topology& topology, Combination combination);

/// flows() for all 2^n combinations, index = combination. n <= 30.
std::vector<std::uint8_t> flow_table(const Topology& topology);

}  // namespace deepfog
