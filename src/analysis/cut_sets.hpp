#pragma once

#include <cstdint>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// The minimal cut sets of an event that further failures never undo (nothing flows): sets of nodes (bit i:
/// node i is in the set) whose failure causes the event while the failure of no proper subset does. They are
/// sorted by size, then by combination.
/// @param flow  [2^n], index = combination; 0 if the event holds
/// Throws std::invalid_argument if `flow` is not monotone or its size is no 2^n.
std::vector<Combination> minimal_cut_sets(const std::vector<std::uint8_t>& flow);

}  // namespace deepfog
