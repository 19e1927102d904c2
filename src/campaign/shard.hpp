#pragma once

#include <optional>
#include <string>
#include <vector>

#include "campaign/plan.hpp"
#include "campaign/spec.hpp"
#include "storage/record_log.hpp"

namespace deepfog {

/// "2/4". Throws UserError naming `where`.
Shard parse_shard(const std::string& text, const std::string& where);
std::string text_of(const Shard& shard);  ///< "2 of 4"; empty for the whole

/// Makes the spec one of this shard: it writes OUTPUT.shards/2-of-4.h5, its weights stay where those of the
/// whole campaign do. Shards have no run in common, so jobs can do them at the same time.
void take_shard(CampaignSpec& spec, const Shard& shard);

/// The tasks of a shard. Runs are dealt out, with those of the models that are swept with their weights, the
/// dearest training first, each to the shard with the least to do: it follows from the config and the data
/// alone, whatever engine sweeps.
Plan shard_of(Plan plan, const Shard& shard);

/// A journal of a shard, in the folder of shards.
struct ShardJournal {
  Shard shard;
  std::string path;
};
/// By number of shards, then by shard. Empty where there is no folder.
std::vector<ShardJournal> shard_journals(const CampaignSpec& spec);

/// Finished tasks of this shard's plan that stand in the journals of other shards alone: after a change of
/// the config the runs are dealt out anew. Only journals that began with another config are looked into.
/// @param own  the records in force of the shard's own journal
std::vector<LogRecord> finished_elsewhere(const CampaignSpec& spec, const Plan& plan,
                                          const std::string& inputs, const std::vector<LogRecord>& own);

/// Removes the shards, journals and all. Throws UserError when a job holds one of them, before any is
/// removed.
void remove_shards(const CampaignSpec& spec);
/// The same by one that holds them all.
void remove_folder_of_shards(const CampaignSpec& spec);

}  // namespace deepfog
