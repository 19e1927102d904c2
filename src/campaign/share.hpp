#pragma once

#include <optional>
#include <string>
#include <vector>

#include "campaign/plan.hpp"
#include "campaign/spec.hpp"
#include "storage/journal.hpp"

namespace deepfog {

/// "2/4". Throws UserError naming `where`.
Share parse_share(const std::string& text, const std::string& where);
std::string text_of(const Share& share);  ///< "2 of 4"; empty for the whole

/// Makes the spec one of this share: it writes OUTPUT.shares/2-of-4.h5, its weights stay where those of the
/// whole campaign do. Shares have no run in common, so jobs can do them at the same time.
void take_share(CampaignSpec& spec, const Share& share);

/// The units of a share. Runs are dealt out, with those of the models that are swept with their weights, the
/// dearest training first, each to the share with the least to do: it follows from the config and the data
/// alone, whatever engine sweeps.
Plan share_of(Plan plan, const Share& share);

/// A journal of a share, in the folder of shares.
struct ShareJournal {
  Share share;
  std::string path;
};
/// By number of shares, then by share. Empty where there is no folder.
std::vector<ShareJournal> share_journals(const CampaignSpec& spec);

/// Finished units of this share's plan that stand in the journals of other shares alone: after a change of
/// the config the runs are dealt out anew. Only journals that began with another config are looked into.
/// @param own  the records in force of the share's own journal
std::vector<JournalRecord> finished_elsewhere(const CampaignSpec& spec, const Plan& plan,
                                              const std::string& inputs,
                                              const std::vector<JournalRecord>& own);

/// Removes the shares, journals and all. Throws UserError when a job holds one of them, before any is
/// removed.
void remove_shares(const CampaignSpec& spec);
/// The same by one that holds them all.
void remove_folder_of_shares(const CampaignSpec& spec);

}  // namespace deepfog
