#pragma once

#include <string>

#include "results/results_file.hpp"

namespace deepfog {

/// Of each distributed run: a row a phase (rounds, latency, accuracy, timeouts), the sum over all where there
/// are many, throughput, traffic, memory and energy an image (RobustDiCE, Table 2), and what became of the
/// nodes.
std::string inference_tables(const Results& results);

/// "RESULT inference=... phase=... p50_us=... ", one line a phase where there are at most 16, and one for the
/// whole run, greppable.
std::string inference_lines(const Results& results, const std::string& output, double seconds);

}  // namespace deepfog
