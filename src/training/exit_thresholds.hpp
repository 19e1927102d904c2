#pragma once

#include <cstdint>
#include <vector>

#include "models/exit_outcome.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// A threshold an exit by a rule (ThresholdRule); the last exit keeps its own, it takes all in any case.
/// @param own       what the topology says
/// @param outcomes  on validation samples, an exit
/// @param labels    of the same samples
/// Throws UserError for a rule that is none.
std::vector<double> find_exit_thresholds(const ThresholdRule& rule, const std::vector<double>& own,
                                         const std::vector<ExitOutcome>& outcomes,
                                         const std::vector<std::int64_t>& labels);

}  // namespace deepfog
