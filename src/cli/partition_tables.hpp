#pragma once

#include <string>

#include "cutting/cutting.hpp"

namespace deepfog {

/// A table an experiment of all partitions: bytes of the largest device, saved against full replication and,
/// with counts, accuracy by the number of failed devices: mean over the C(N, k) combinations, with best and
/// worst (RobustDiCE, Fig. 4); mean over the runs.
std::string partition_tables(const CuttingJob& job, const CuttingOutcome& outcome);

/// One greppable line a partition: "RESULT partition=robustdice experiment=d4 devices=4 device_bytes=...".
std::string partition_lines(const CuttingJob& job, const CuttingOutcome& outcome);

/// What would be done, for --dry-run.
std::string partition_plan(const CuttingJob& job);

}  // namespace deepfog
