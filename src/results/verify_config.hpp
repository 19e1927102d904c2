#pragma once

#include "results/results_file.hpp"
#include "results/violations.hpp"

namespace deepfog::verification {

/// verify() for what the file says of itself against the config it was made with (attribute config_text, of
/// `deepfog run` and `deepfog partition`): experiments, models, runs, reliability settings, topologies, and
/// how each model was trained. Keys that the config does not have, as those of older versions, are left out;
/// so is a text without any experiment (of `deepfog infer`, whose text is its command line).
void verify_config(const Results& results, Violations& violations);

}  // namespace deepfog::verification
