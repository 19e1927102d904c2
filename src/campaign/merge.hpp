#pragma once

#include <string>

#include "campaign/campaign.hpp"

namespace deepfog {

/// Puts the shards of a campaign together: the results file of the whole, verified, as a run of the whole
/// would have made it. The shards are removed when it is VALID. Where tasks are missing it says which shards
/// lack them, nothing is written, and the outcome's code is `interrupted`. Computes nothing, needs no MPI.
/// Throws UserError when there are no shards, one belongs to another campaign, or a job holds one.
CampaignOutcome merge_shards(const CampaignSpec& spec, const CampaignOptions& options);

}  // namespace deepfog
