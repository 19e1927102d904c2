#pragma once

#include "cutting/network.hpp"
#include "partition/partition.hpp"

namespace deepfog {

/// Writes what deepfog infer runs: a weights file with the topology of the devices, each with its own rows.
/// Throws Failure.
void save_device_weights(const CuttingJob& job, const StoredNetwork& network,
                         const CutExperimentSpec& experiment, const CutModelSpec& model,
                         const Partition& partition, std::int64_t run);

/// The topology of a partition of a study, its text.
std::string topology_text(const CuttingJob& job, const CutExperimentSpec& experiment,
                          const CutModelSpec& model, const Partition& partition);

}  // namespace deepfog
