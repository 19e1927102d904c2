#pragma once

#include <string>
#include <vector>

#include "results/inference_results.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Costs of a distributed run per image; with the throughput, these are the columns of RobustDiCE's Table 2.
/// Unknown figures (nobody reported, no energy meter) are NaN. The node "host" of a cut network only
/// assembles its last layer and is no device.
struct InferenceCosts {
  double bytes_per_image = 0;     ///< over all hyperconnections between nodes, including headers
  double messages_per_image = 0;  ///< likewise, including Φ
  std::string largest_device;     ///< by resident memory; empty: nobody reported
  double resident_bytes = 0;
  double energy_j_per_image = 0;  ///< of the device that needs the most
};

/// @param topology  that of the run
InferenceCosts inference_costs(const InferenceResults& run, const Topology& topology);

/// Bytes per image between nodes over all groups, [sender][receiver] in the topology's order; NaN if there is
/// no hyperconnection.
std::vector<std::vector<double>> traffic_between_nodes(const InferenceResults& run, const Topology& topology);

/// The same as a table for people, if there are more than 40 hyperconnections (a cut network has up to a
/// thousand) and at most 16 nodes; otherwise empty.
std::string traffic_table(const InferenceResults& run, const Topology& topology);

}  // namespace deepfog
