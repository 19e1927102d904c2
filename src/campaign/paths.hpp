#pragma once

#include <string>

#include "campaign/spec.hpp"
#include "campaign/task.hpp"

namespace deepfog {

/// Files beside the results file.
std::string journal_path(const CampaignSpec& spec);
std::string whole_output(const CampaignSpec& spec);  ///< also of a shard
std::string shards_folder(
    const CampaignSpec& spec);  ///< where the shards of a campaign are kept until they are merged
std::string weights_folder(const CampaignSpec& spec);
std::string weights_path(const CampaignSpec& spec, const RunKey& key);

/// Refuses, before any work, a campaign whose results, journal or weights could not be written. Throws
/// UserError.
void check_outputs(const CampaignSpec& spec);

/// Makes the folders for output and weights. Throws UserError.
void make_folders(const CampaignSpec& spec);

/// Removes the weights of all runs, and their folder when it is empty then.
void remove_weights(const CampaignSpec& spec);

}  // namespace deepfog
