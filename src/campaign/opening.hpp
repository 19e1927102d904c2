#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/spec.hpp"
#include "storage/journal.hpp"
#include "storage/results_file.hpp"

namespace deepfog {

/// How a campaign begins on rank 0: anew, where an earlier session stopped, or already finished.
struct Opening {
  std::vector<DatasetSummary> datasets;  ///< an experiment
  std::unique_ptr<Journal> journal;      ///< held (locked) until the end
  std::string created;                   ///< of the first session
  std::optional<Results> finished;       ///< the same campaign, complete and valid: nothing to do
  std::vector<std::string> notes;        ///< for the user
};

/// Checks the spec against its data sets and the files beside the output. Throws UserError when something
/// does not fit, when the output belongs to a different campaign (with the difference) and `restart` is not
/// set, or when another job holds it. With `restart` earlier results, journal and weights are removed.
Opening open_campaign(const CampaignSpec& spec, bool restart);

/// The parts that need no files. Throws UserError.
void check_spec(const CampaignSpec& spec);

}  // namespace deepfog
