#pragma once

#include <string>

#include "results/results_file.hpp"

namespace deepfog {

/// Tables of each distributed run: one row per phase (rounds, latency, accuracy, timeouts), only the sum over
/// all phases if there are many; throughput; traffic, memory and energy per image (RobustDiCE, Table 2); and
/// the state of the nodes.
std::string inference_tables(const Results& results);

/// Greppable lines "RESULT inference=... phase=... p50_us=... ": one per phase if there are at most 16, and
/// one for the whole run.
std::string inference_lines(const Results& results, const std::string& output, double seconds);

}  // namespace deepfog
