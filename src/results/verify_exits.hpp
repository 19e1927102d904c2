#pragma once

#include "results/results_file.hpp"
#include "results/violations.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {

/// verify() for what the exits of a network did: their names, thresholds and links, and under every failure
/// combination that each test sample is answered once.
/// @param topology  of the model; its failing nodes are those of the experiment
void verify_exits(const ExperimentResults& experiment, const ModelResults& model, const Topology& topology,
                  Violations& violations);

}  // namespace deepfog::verification
