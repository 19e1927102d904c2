#pragma once

#include "results/results_file.hpp"
#include "results/violations.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {

/// What every test sample got, where the file keeps it: sizes, the rows of the combinations by the topology,
/// and as many right samples in every row as are counted.
void verify_sample_hits(const ExperimentResults& experiment, const ModelResults& model,
                        const Topology& topology, Violations& violations);

}  // namespace deepfog::verification
