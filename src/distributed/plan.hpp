#pragma once

#include <vector>

#include "distributed/spec.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The phases of a run. With `failures = all`, these are all 2^n failure combinations in the order of a Gray
/// code, so that only one node dies or returns between two phases. With several timeouts there is one phase
/// per timeout and variant, in which nobody is suspected (every round waits for the timeout, as in
/// RobustDiCE, Fig. 3).
/// @param test_samples  number of samples in the data set
/// Throws UserError, which names the option.
std::vector<Phase> make_plan(const DistributedSpec& spec, const Topology& topology,
                             std::int64_t test_samples);

/// Describes a combination by its dead nodes: "f1+f2 dead", "all alive".
std::string alive_names(const Topology& topology, Combination combination);

}  // namespace deepfog
