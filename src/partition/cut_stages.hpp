#pragma once

#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "partition/partition.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The role of a stage of a cut topology.
struct CutStage {
  static constexpr int image = -1, kept = -2;
  LayerKind kind = LayerKind::gather;
  int layer = 0;    ///< the layer that it computes or whose input it gathers; one past the last on the host
                    ///< (the scores)
  int device = -1;  ///< -1: the host
  std::vector<int> senders;  ///< for gathering stages, per incoming hyperconnection: the device that sends
                             ///< its part, `image`, or `kept` for the earlier input that is added
};

/// The roles of all stages, in the topology's order. Throws UserError, which names `where`, unless the
/// topology is that of the partition (cut_topology_text(); comments and the order of lines may differ).
std::vector<CutStage> cut_stages(const Topology& topology, const CutPlan& plan, const Partition& partition,
                                 const std::string& where);

}  // namespace deepfog
