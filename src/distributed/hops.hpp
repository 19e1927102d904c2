#pragma once

#include <vector>

#include "comm/communicator.hpp"
#include "distributed/round_recorder.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Measures half a round trip of plain MPI on every hyperconnection between two ranks, with messages of the
/// size that the run sends: the least that a hop costs. With more than 64 of them (a cut network has
/// hundreds), only the widest one of each ordered pair of nodes is measured, see measured_links(). All ranks
/// of all groups call this together, before any rank may fail; each gets the figures of its own group. A link
/// that could not be measured in time is left out.
/// @param groups  groups of as many ranks as the topology has nodes, starting at rank 0
std::vector<Hop> measure_hops(const Communicator& world, const Topology& topology, std::int64_t batch,
                              int groups);

/// The hyperconnections that are measured, in ascending order.
std::vector<int> measured_links(const Topology& topology);

}  // namespace deepfog
