#pragma once

#include <string>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/model_form.hpp"
#include "campaign/run_store.hpp"
#include "campaign/session.hpp"
#include "campaign/spec.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// Builds the results of a campaign from the run store. A run's rows are filled once, when it is done; until
/// then they are 0, or NaN in tables of real numbers. Apart from times the tables follow from the spec and
/// the data alone.
class Assembler {
 public:
  /// @param forms  reference kept, as of the spec
  Assembler(const CampaignSpec& spec, const ModelForms& forms, const std::vector<DatasetSummary>& datasets,
            const SessionInfo& session, std::vector<SessionResults> earlier = {});

  /// The results as the run store stands. With status complete they are verified: valid, or invalid with the
  /// reasons.
  const Results& update(const RunStore& run_store, const std::string& status);

  Results take() { return std::move(results_); }

 private:
  void fill(const RunStore& run_store);
  const CampaignSpec& spec_;
  const ModelForms& forms_;
  Results results_;
};

/// A line a model whose bits of the test samples are left out, for the user.
std::vector<std::string> sample_hits_left_out(const CampaignSpec& spec, const ModelForms& forms,
                                              const std::vector<DatasetSummary>& datasets);

/// The root of a results file of what is finished: versions, libraries, times, how it was called.
/// @param config  what decided its numbers
Results finished_frame(const SessionInfo& session, const std::string& config, int threads_per_rank);

}  // namespace deepfog
