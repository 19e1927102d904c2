#pragma once

#include <vector>

#include "campaign/spec.hpp"
#include "cli/setting_reader.hpp"

namespace deepfog {

/// The keys of [campaign] that say how networks are trained and combinations swept: trainer, device, engine,
/// memory, class_limit, beyond, bound_width, max_combinations, sampling_draws. Throws UserError.
void read_engine(SettingReader& campaign, CampaignSpec& spec);

/// Once the models are known: engine and memory never decide numbers, the trainer when it is not LibTorch,
/// the device when it is not the processor, the others only where a model has more failing nodes than its
/// table is listed for.
void settle_engine(const CampaignSpec& spec, std::vector<EffectiveSetting>& effective);

}  // namespace deepfog
