#pragma once

#include <cstdint>
#include <vector>

#include "models/exit_outcome.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// Returns one threshold per exit, chosen by a rule (ThresholdRule). The last exit accepts every sample, so
/// its threshold is not changed.
/// @param own       the thresholds in the topology
/// @param outcomes  one per exit, on the validation samples
/// @param labels    labels of these samples
/// Throws UserError for an unknown rule.
std::vector<double> find_exit_thresholds(const ThresholdRule& rule, const std::vector<double>& own,
                                         const std::vector<ExitOutcome>& outcomes,
                                         const std::vector<std::int64_t>& labels);

}  // namespace deepfog
