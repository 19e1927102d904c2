#pragma once

#include <cstdint>

#include "partition/partition.hpp"

namespace deepfog {

/// The baselines of RobustDiCE (its section 5). All functions throw UserError if the number of devices is out
/// of range.

/// Layer output partitioning (DeeperThings, Stahl et al. 2021): contiguous filters in parts whose sizes
/// differ by at most one, the larger ones first. No replicas.
Partition lop_partition(const std::vector<CutLayer>& layers, int devices);

/// Double, triple or quadruple modular redundancy: every device holds everything.
Partition replicated_partition(const std::vector<CutLayer>& layers, int devices);

/// A control: parts of the same sizes as with LOP, but of neurons drawn at random.
Partition random_partition(const std::vector<CutLayer>& layers, int devices, std::uint64_t seed);

/// Coded distributed computing (Hadidi et al. 2023): LOP over `data_devices`, and one more device that holds
/// the sums of their parts.
Partition cdc_partition(const std::vector<CutLayer>& layers, int data_devices);

}  // namespace deepfog
