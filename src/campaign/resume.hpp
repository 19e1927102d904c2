#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/spec.hpp"
#include "results/results_file.hpp"
#include "storage/record_log.hpp"

namespace deepfog {

/// How a campaign begins on rank 0: anew, where an earlier session stopped, or already finished.
struct ResumedCampaign {
  std::vector<DatasetSummary> datasets;  ///< an experiment
  std::unique_ptr<RecordLog> journal;  ///< held (locked) until the end; null for a shard of a finished whole
  std::string created;                 ///< of the first session
  std::vector<SessionResults> sessions;              ///< earlier ones
  std::optional<Results> finished;                   ///< the same campaign, complete and valid: nothing to do
  std::vector<std::string> notes;                    ///< for the user
  std::optional<std::vector<LogRecord>> in_force{};  ///< where an earlier config has left records
  bool changed = false;  ///< the config is another one than when the journal was last opened
  const std::vector<LogRecord>& records() const { return in_force ? *in_force : journal->records(); }
};

/// Checks the spec against its data sets and the files beside the output. An unfinished campaign may go on
/// with other models: what does not depend on the change is kept (lineage.hpp), and a note says what has
/// changed. Throws UserError when something does not fit, when the output belongs to a different campaign
/// (with the difference) or is finished with another config and `restart` is not set, or when another job
/// holds it. With `restart` earlier results, journal, shards and weights are
/// removed; of a shard its own.
ResumedCampaign open_campaign(const CampaignSpec& spec, bool restart);

std::optional<Results> earlier_results(const std::string& path);  ///< nothing where there is no file
bool complete_and_valid(const Results& results);

/// That `spec` may go on where these results stand: the same config where they are finished and valid, else
/// the same campaign (lineage.hpp). Throws UserError with the difference.
void demand_same_results(const std::string& path, const Results& earlier, const CampaignSpec& spec,
                         const std::string& inputs);

/// The parts that need no files. Throws UserError.
void check_spec(const CampaignSpec& spec);

}  // namespace deepfog
