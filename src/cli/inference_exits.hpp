#pragma once

#include <string>

#include "results/inference_results.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Table of a distributed run of a network with exits (DDNN): for each exit, the share of samples it
/// answered, their accuracy and latencies, and the bytes that the devices sent: by the formula (section
/// III-E), as measured, and with headers. Devices are the nodes whose data has passed no exit yet. Empty for
/// other networks.
std::string exits_table(const InferenceResults& run, const Topology& topology);

/// The same as "RESULT exit=..." lines, each beginning with `head`.
std::string exits_lines(const InferenceResults& run, const Topology& topology, const std::string& head);

}  // namespace deepfog
