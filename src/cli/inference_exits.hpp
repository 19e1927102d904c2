#pragma once

#include <string>

#include "results/inference_results.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Of a distributed run of a network with exits (DDNN): for each exit the shard of samples it answered, their
/// accuracy and latencies, and what the devices sent: by the formula (section III-E), measured, and with
/// headers. Devices are the nodes whose data no exit decides on. Empty for other networks.
std::string exits_table(const InferenceResults& run, const Topology& topology);

/// The same as "RESULT exit=..." lines, each beginning with `head`.
std::string exits_lines(const InferenceResults& run, const Topology& topology, const std::string& head);

}  // namespace deepfog
