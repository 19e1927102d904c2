#pragma once

#include <cstdint>
#include <string>

namespace deepfog {

/// What a random topology may contain.
struct RandomTopologyOptions {
  int most_failing = 10;         ///< maximum number of nodes that can fail
  int classes = 3;               ///< of the last stage
  bool shared_nodes = true;      ///< nodes that host two stages
  bool linear_expansion = true;  ///< expand=linear
  bool weights = true;           ///< weights other than 1
  bool beyond_dense = false;     ///< rescaled sums, residual layers and dropout
};

/// The text of a valid topology file, which depends on the seed only. It has one to three sources, up to
/// most_failing nodes that can fail and one or two that cannot, various widths of 1 to 9, any number of
/// skips, stages without layers, and statements out of topological order. The sources are named s0, s1, ...
std::string random_topology_text(std::uint64_t seed, const RandomTopologyOptions& options = {});

}  // namespace deepfog
