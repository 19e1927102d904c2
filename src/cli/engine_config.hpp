#pragma once

#include <vector>

#include "campaign/spec.hpp"
#include "cli/setting_reader.hpp"

namespace deepfog {

/// Reads the keys of [campaign] that say how networks are trained and combinations swept: trainer, device,
/// engine, memory, class_limit, beyond, bound_width, max_combinations, sampling_draws. Throws UserError.
void read_engine(SettingReader& campaign, CampaignSpec& spec);

/// Marks, once the models are known, which of these keys decide the numbers: engine and memory never do, the
/// trainer does unless it is LibTorch, the device unless it is the CPU, and the others only if a model has
/// too many failing nodes for a table of combinations.
void settle_engine(const CampaignSpec& spec, std::vector<EffectiveSetting>& effective);

}  // namespace deepfog
