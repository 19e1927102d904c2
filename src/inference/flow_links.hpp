#pragma once

#include "inference/link_set.hpp"
#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The hyperconnections whose vectors contribute to the answer if exactly the nodes of `combination` are
/// alive and no message is missed: a distributed round must report these as used.
LinkSet flow_links(const Topology& topology, Combination combination);

}  // namespace deepfog
