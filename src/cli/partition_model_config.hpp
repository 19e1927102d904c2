#pragma once

#include <vector>

#include "cli/setting_reader.hpp"
#include "cutting/spec.hpp"

namespace deepfog {

/// The memory that a device may use; exactly one of the two is set.
struct MemoryBudget {
  double share = 0;  ///< as a fraction of full replication
  std::int64_t bytes = 0;
};

/// Reads one [model.NAME] of `deepfog partition`; effective values are added to `effective`. Throws UserError
/// "file:line: what (allowed)".
/// @param budgets  of `memory`: one for all experiments of the model, or one for each; empty if not given
CutModelSpec read_cut_model(const IniSection& section, std::vector<EffectiveSetting>& effective,
                            std::vector<MemoryBudget>& budgets);

}  // namespace deepfog
