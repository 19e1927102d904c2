#pragma once

#include "inference/link_set.hpp"
#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The hyperconnections whose vectors go into the answer when exactly the nodes of `combination` are alive
/// and no message is missed: what a distributed round has to report as used.
LinkSet flow_links(const Topology& topology, Combination combination);

}  // namespace deepfog
