#pragma once

#include <cstdint>
#include <string>

namespace deepfog {

/// What may occur in a random topology.
struct RandomTopologyOptions {
  int most_failing = 10;         ///< nodes that can fail: 0 to this many
  int classes = 3;               ///< of the last stage
  bool shared_nodes = true;      ///< nodes that host two stages
  bool linear_expansion = true;  ///< expand=linear
  bool weights = true;           ///< weights other than 1
  bool beyond_dense = false;     ///< sums that are re-scaled, layers of residual and dropout
};

/// A valid topology file made of a seed: the same text for the same seed everywhere. One to three sources, up
/// to most_failing nodes that can fail and one or two that cannot, uneven widths of 1 to 9, any number of
/// skips, stages without layers, statements out of topological order. The sources are named s0, s1, ...
std::string random_topology_text(std::uint64_t seed, const RandomTopologyOptions& options = {});

}  // namespace deepfog
