#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// The minimal cut sets of an event that more failures never undo (nothing flows): sets of nodes, bit i =
/// node i is in it, whose failure alone brings it about while that of no proper subset does. By size, then by
/// combination.
/// @param flow  [2^n], index = combination: 0 where the event holds
/// Throws std::invalid_argument where `flow` is not monotone or not of a size 2^n.
std::vector<Combination> minimal_cut_sets(const std::vector<std::uint8_t>& flow);

}  // namespace deepfog
