#pragma once

#include <cstdint>

#include "partition/partition.hpp"

namespace deepfog {

/// What RobustDiCE is compared with (its section 5). All throw UserError for devices out of range.

/// Layer output partitioning (DeeperThings, Stahl et al. 2021): contiguous filters, parts that differ by at
/// most one, the larger ones first. No replicas.
Partition lop_partition(const std::vector<CutLayer>& layers, int devices);

/// Double, triple, quadruple modular redundancy: everything on every device.
Partition replicated_partition(const std::vector<CutLayer>& layers, int devices);

/// Control: parts of LOP's sizes, of neurons drawn at random.
Partition random_partition(const std::vector<CutLayer>& layers, int devices, std::uint64_t seed);

/// Coded distributed computing (Hadidi et al. 2023): LOP over `data_devices`, and one more device that holds
/// the sums of their parts.
Partition cdc_partition(const std::vector<CutLayer>& layers, int data_devices);

}  // namespace deepfog
