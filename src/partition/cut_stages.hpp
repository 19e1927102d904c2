#pragma once

#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "partition/partition.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// What a stage of a cut topology does.
struct CutStage {
  static constexpr int image = -1, kept = -2;
  LayerKind kind = LayerKind::gather;
  int layer = 0;  ///< that it computes, or whose input it gathers; one past the last: the scores, on the host
  int device = -1;           ///< -1: the host
  std::vector<int> senders;  ///< of each incoming hyperconnection, for what gathers: the device whose part
                             ///< comes, `image`, or `kept`: the earlier input that is added
};

/// Those of all stages, in the topology's order. Throws UserError naming `where` unless the topology is that
/// of the partition (cut_topology_text(); comments and order of lines aside).
std::vector<CutStage> cut_stages(const Topology& topology, const CutPlan& plan, const Partition& partition,
                                 const std::string& where);

}  // namespace deepfog
