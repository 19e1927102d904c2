#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/layer_size.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Of one stage: layers and linear expansions.
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
