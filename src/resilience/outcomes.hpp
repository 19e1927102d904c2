#pragma once

#include <cstdint>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// The outcomes of a network that failures can tell apart, of every failure combination: [2^n], counted from
/// 1; 0 where nothing flows. Combinations of one outcome predict every sample alike: they are of one class of
/// the failure diagram's last stage. With exits every combination in which anybody answers is an outcome of
/// its own.
/// Throws DiagramTooLarge, and std::invalid_argument for n > 30.
std::vector<std::int32_t> outcome_rows(const Topology& topology);

/// How many outcomes there are.
std::int64_t outcome_count(const std::vector<std::int32_t>& rows);

}  // namespace deepfog
