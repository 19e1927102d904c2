#pragma once

#include <vector>

#include "distributed/spec.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The phases of a run. `failures = all`: all 2^n failure combinations in the order of a Gray code, so that
/// from one to the next a single node dies or comes back. With several timeouts: a phase each timeout and
/// variant, nobody suspected (every round pays, as in RobustDiCE, Fig. 3).
/// @param test_samples  of the data set
/// Throws UserError naming the option.
std::vector<Phase> make_plan(const DistributedSpec& spec, const Topology& topology,
                             std::int64_t test_samples);

/// The failing nodes that are dead in a combination: "f1+f2 dead", "all alive".
std::string alive_names(const Topology& topology, Combination combination);

}  // namespace deepfog
