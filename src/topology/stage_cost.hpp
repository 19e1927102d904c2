#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// Of a convolution's output: 3x3 with stride 1, then a max-pool of stride 2 (LayerKind).
Shape convolved(const Shape& shape, std::int64_t filters);

/// What one stage learns and keeps, and what it computes for one sample: layers and linear expansions. Biases
/// and batch norm are parameters, but no multiply-adds.
struct StageCost {
  std::int64_t parameters = 0;
  std::int64_t kept = 0;  ///< with the parameters: the running figures of batch norm, an exit's threshold
  double multiply_adds = 0;
};
StageCost cost_of(const Topology& topology, const Stage& stage);

/// A hyperconnection that is a message between two nodes (DDNN, section III-E): what one sample takes on it
/// when it travels, and how many exits it must have passed for that.
struct LinkCost {
  int link = 0;
  std::string kind;  ///< "data"; "verdict": who has left; "answer": scores on the way to who collects them
  std::int64_t bits = 0;
  std::int64_t exits_passed = 0;
};
std::vector<LinkCost> link_costs(const Topology& topology);

}  // namespace deepfog
