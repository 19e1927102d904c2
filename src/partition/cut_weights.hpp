#pragma once

#include <string>

#include "models/cnn_plan.hpp"
#include "partition/partition.hpp"
#include "topology/cut_origin.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// The weights of a cut network, those of each device under the name of its node (cut_node_name()): the rows
/// of its neurons and all layer norms. CDC's spare has the sums of the other devices' rows, with batch norm
/// and layer scale folded in (CutNetwork::sums()). The host has none.
/// @param whole  of the whole network, as Cnn::weights()
/// Throws UserError, which names `where`, if the weights do not fit, and as check_cut() does.
Weights cut_weights(const CnnSpec& spec, const Weights& whole, const Partition& partition,
                    const std::string& where);

/// Converts a partition to its form in a weights file and back. The way back throws UserError, which names
/// `where`, for data that cannot be a partition of the network.
CutOrigin cut_origin(const CnnSpec& spec, const Partition& partition);
CnnSpec spec_of(const CutOrigin& origin);
Partition partition_of(const CutOrigin& origin, const std::string& where);

/// The neurons of one device, [layer].
std::vector<Neurons> neurons_of(const Partition& partition, int device);

/// The neurons of the data devices, [layer][device], as CutNetwork::coded() sums them.
std::vector<std::vector<Neurons>> summed_sets(const Partition& partition);

}  // namespace deepfog
