#pragma once

#include "results/results_file.hpp"
#include "results/violations.hpp"

namespace deepfog::verification {

/// verify() for how a model's network was cut over devices; nothing for a model of another kind. Every layer
/// is held whole by the devices together and at most once by each, replicas are where the method makes them,
/// nobody holds more than the network, and the Pareto front is that of the points. Runs not done are left
/// out; `done` is known to have its size.
void verify_partition(const ExperimentResults& experiment, const ModelResults& model, Violations& violations);

}  // namespace deepfog::verification
