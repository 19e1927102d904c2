#pragma once

#include <string>

#include "campaign/spec.hpp"
#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// How a campaign is carried out; nothing here changes its numbers.
struct CampaignOptions {
  std::string command_line;  ///< for the record, without secrets
  std::string typed;         ///< as it was typed, for the hint how to resume
  ProgressMode progress = ProgressMode::automatic;
  bool retry = false;    ///< try runs that have failed for good once more
  bool restart = false;  ///< throw away an earlier, different or finished campaign in the same output file
};

/// What came out; `results` is filled on rank 0 only.
struct CampaignOutcome {
  /// good, failed (some runs have, the others are finished), invalid, or interrupted (a signal: resumable)
  ExitCode code = ExitCode::good;
  Results results;
};

/// Trains and sweeps every experiment x model x run over the ranks of `communicator`, collective. Work is
/// claimed dynamically, all ranks compute. A finished task is durable within a second; the same call after a
/// kill resumes. A task that fails costs its run, and the runs on its weights; all others are finished.
/// Throws UserError (on every rank) when the output belongs to a different campaign or another job holds it,
/// Failure when a rank is lost or a result cannot be stored.
CampaignOutcome run_campaign(const CampaignSpec& spec, Communicator& communicator,
                             const CampaignOptions& options);

/// The seed of a run's purpose ("train"); see derive_seed.
std::uint64_t task_seed(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                        std::int64_t run);

}  // namespace deepfog
