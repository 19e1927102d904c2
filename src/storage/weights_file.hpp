#pragma once

#include <string>

#include "topology/weights.hpp"

namespace deepfog {

/// Writes weights to HDF5 (format "deepfog-weights", version 1): /nodes/<node>/<tensor>, float32 with the
/// tensor's shape, attribute `position` (place in Weights), root attributes topology_text, experiment, model,
/// run, sha256. Temporary file, fsync, rename. Returns the sha256 over names, shapes and values.
struct WeightsOrigin {
  std::string experiment, model, topology_text;
  std::int64_t run = 0;
};
std::string save_weights(const std::string& path, const Weights& weights, const WeightsOrigin& origin);

/// All tensors in order. Checks format, sizes and sha256. Throws UserError "file:object: what (allowed)".
Weights load_weights(const std::string& path);

/// Only the tensors of one physical node (a rank loads its own part); sha256 is not checked.
Weights load_node_weights(const std::string& path, const std::string& node);

/// sha256 as save_weights computes it.
std::string checksum(const Weights& weights);

}  // namespace deepfog
