#pragma once

#include <cstdint>
#include <vector>

#include "results/results_file.hpp"

namespace deepfog {

/// Accuracy of a model under every failure combination, from its results file.
struct StateTable {
  std::vector<std::vector<double>> runs;  ///< [finished run][2^n]
  std::vector<std::uint8_t> flow;         ///< [2^n] 0: nothing flows
};

/// Expands a table of classes. `runs` is empty if no run is finished. Throws UserError for a table of bounds,
/// for more than `most_nodes` nodes that can fail, and for an inconsistent diagram.
StateTable state_table(const ExperimentResults& experiment, const ModelResults& model, int most_nodes = 24);

/// Class of every combination in a table of classes: [2^n]. Throws like state_table().
std::vector<std::int32_t> class_of_combination(const ExperimentResults& experiment, const ModelResults& model,
                                               int most_nodes = 24);

}  // namespace deepfog
