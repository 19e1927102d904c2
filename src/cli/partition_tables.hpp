#pragma once

#include <string>

#include "cutting/cutting.hpp"

namespace deepfog {

/// One table per experiment with all partitions: bytes of the largest device, savings against full
/// replication and, with counts, accuracy by the number of failed devices: best, worst and mean over the C(N,
/// k) combinations (RobustDiCE, Fig. 4), averaged over the runs.
std::string partition_tables(const CuttingJob& job, const CuttingOutcome& outcome);

/// One greppable line per partition: "RESULT partition=robustdice experiment=d4 devices=4 device_bytes=...".
std::string partition_lines(const CuttingJob& job, const CuttingOutcome& outcome);

/// Describes what would be done, for --dry-run.
std::string partition_plan(const CuttingJob& job);

}  // namespace deepfog
