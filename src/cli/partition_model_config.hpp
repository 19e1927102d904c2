#pragma once

#include <vector>

#include "cli/setting_reader.hpp"
#include "cutting/spec.hpp"

namespace deepfog {

/// What a device may hold: of these one is set.
struct MemoryBudget {
  double shard = 0;  ///< of full replication
  std::int64_t bytes = 0;
};

/// One [model.NAME] of `deepfog partition`; what is in force is added to `effective`. Throws UserError
/// "file:line: what (allowed)".
/// @param budgets  of `memory`: one for all experiments of the model, or one for each; empty without
CutModelSpec read_cut_model(const IniSection& section, std::vector<EffectiveSetting>& effective,
                            std::vector<MemoryBudget>& budgets);

}  // namespace deepfog
