#pragma once

#include <vector>

#include "comm/communicator.hpp"
#include "distributed/round_recorder.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Half a round trip of plain MPI on every hyperconnection between two ranks, with messages of the size that
/// the run sends: what a hop costs at least. With more than 64 of them (a cut network has hundreds) only on
/// the widest one of each ordered pair of nodes, see measured_links(). All ranks of all groups call it
/// together, before anybody may fail; each gets its own group's figures. A link that could not be measured in
/// time is left out.
/// @param groups  groups of as many ranks as the topology has nodes, from rank 0 on
std::vector<Hop> measure_hops(const Communicator& world, const Topology& topology, std::int64_t batch,
                              int groups);

/// The hyperconnections that are measured, ascending.
std::vector<int> measured_links(const Topology& topology);

}  // namespace deepfog
