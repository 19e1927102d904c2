#pragma once

#include <string>
#include <vector>

#include "results/inference_results.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// What a distributed run cost an image: with throughput, the columns of RobustDiCE's Table 2. Figures that
/// cannot be told (nobody reported, no energy meter) are NaN. The node "host" of a cut network only puts its
/// last layer together and is no device.
struct InferenceCosts {
  double bytes_per_image = 0;     ///< over all hyperconnections between nodes, headers included
  double messages_per_image = 0;  ///< likewise, Φ included
  std::string largest_device;     ///< by resident memory; empty: nobody reported
  double resident_bytes = 0;
  double energy_j_per_image = 0;  ///< of the device that needs most
};

/// @param topology  that of the run
InferenceCosts inference_costs(const InferenceResults& run, const Topology& topology);

/// Bytes an image from node to node over all groups, [sender][receiver] in the topology's order; NaN where no
/// hyperconnection goes.
std::vector<std::vector<double>> traffic_between_nodes(const InferenceResults& run, const Topology& topology);

/// The same as a table for people, where there are more than 40 hyperconnections (a cut network has up to a
/// thousand) and at most 16 nodes; else empty.
std::string traffic_table(const InferenceResults& run, const Topology& topology);

}  // namespace deepfog
