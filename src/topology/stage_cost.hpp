#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/layer_size.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The cost of one stage: its layers and linear expansions.
StageCost cost_of(const Topology& topology, const Stage& stage);

/// A hyperconnection that is a message between two nodes (DDNN, section III-E): the bits that one sample
/// takes if it travels on it, and the number of exits that it must have passed to do so.
struct LinkCost {
  int link = 0;
  std::string kind;  ///< "data"; "verdict": which rows have left; "answer": scores on their way to the node
                     ///< that collects them
  std::int64_t bits = 0;
  std::int64_t exits_passed = 0;
};
std::vector<LinkCost> link_costs(const Topology& topology);

}  // namespace deepfog
