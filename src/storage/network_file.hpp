#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology/normalisation.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A network that was trained, or read, and scored once for all partitions of it.
struct StoredNetwork {
  std::string key;  ///< SHA-256 of all that decides it
  Weights weights;
  Normalisation normalisation;  ///< of the data set's columns; empty: none
  double validation_accuracy = 0, train_seconds = 0, score_seconds = 0;
  std::int64_t best_epoch = 0;                             ///< 0: not trained here
  std::vector<std::string> layers;                         ///< cut layers
  std::vector<std::vector<std::array<double, 3>>> scores;  ///< [layer][neuron]; empty: none were asked for
};

/// Writes format "deepfog-network", version 1: /tensors (names, nodes, shapes), /weights (all values, one
/// after the other), /normalisation, /scores/names, /scores/neurons, /scores/values [neurons of all layers,
/// 3]. Whole or not at all. Throws Failure.
void save_network(const std::string& path, const StoredNetwork& network);

/// Nothing where there is no file, or one of another key. Throws UserError "file:object: what (allowed)" for
/// a file that is damaged.
std::optional<StoredNetwork> load_network(const std::string& path, const std::string& key);

}  // namespace deepfog
