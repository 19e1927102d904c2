#pragma once

#include <cstdint>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// The outcome of every failure combination: [2^n], counted from 1; 0 if nothing flows. Combinations with the
/// same outcome predict every sample alike, because they belong to one class of the last stage of the failure
/// diagram. With exits, every combination in which information flows is its own outcome.
/// Throws DiagramTooLarge, and std::invalid_argument for n > 30.
std::vector<std::int32_t> outcome_rows(const Topology& topology);

/// Number of outcomes.
std::int64_t outcome_count(const std::vector<std::int32_t>& rows);

}  // namespace deepfog
