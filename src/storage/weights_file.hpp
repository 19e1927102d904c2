#pragma once

#include <optional>
#include <string>
#include <vector>

#include "topology/cut_origin.hpp"
#include "topology/normalisation.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// Where weights come from and what else a network needs to run elsewhere: its topology, what its samples go
/// through first, and how it guesses where nothing flows. Words as in results files.
struct WeightsOrigin {
  std::string experiment, model, topology_text;
  std::int64_t run = 0;
  std::string dataset, data_origin, data_sha256, split, guess;
  std::vector<double> guess_probabilities;  ///< [classes]
  Normalisation normalisation;              ///< of the data set's columns; empty: none
  std::optional<CutOrigin> cut{};           ///< of a cut network: what is cut, and how
};

/// Writes weights to HDF5 (format "deepfog-weights", version 1): /nodes/<node>/<tensor>, float32 with the
/// tensor's shape, attribute `position` (place in Weights); root attributes sha256 and those of the origin,
/// tables /normalisation/centre and /normalisation/deviation [features] unless there is none; of a cut
/// network the group /cut with attributes network, image, classes, method, devices, spare, and the tables
/// /cut/sizes [layers, devices] and /cut/neurons. Temporary file, fsync, rename. Returns the sha256 over
/// names, shapes and values. Throws Failure.
std::string save_weights(const std::string& path, const Weights& weights, const WeightsOrigin& origin);

/// All tensors in order. Checks format, sizes and sha256. Throws UserError "file:object: what (allowed)".
Weights load_weights(const std::string& path);

/// The same checks with one tensor at a time in memory. Returns the sha256.
std::string check_weights_file(const std::string& path);

/// The sha256 that the file says it has: what is in it is not looked at.
std::string stated_weights_sum(const std::string& path);

/// Only the tensors of one physical node (a rank loads its own part); sha256 is not checked. Empty for a node
/// that has no parameters in the file's topology.
Weights load_node_weights(const std::string& path, const std::string& node);

/// Everything but the weights, checked: the topology parses, sizes fit it, guess probabilities sum to 1,
/// centres are finite and deviations above 0, sizes of parts add up to their neurons. Throws UserError, also
/// for a file of an earlier version that does not say all of it.
WeightsOrigin load_weights_origin(const std::string& path);

/// sha256 as save_weights computes it.
std::string checksum(const Weights& weights);

}  // namespace deepfog
