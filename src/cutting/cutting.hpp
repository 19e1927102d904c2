#pragma once

#include <functional>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "cutting/choose.hpp"
#include "cutting/network.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// How a study is carried out; nothing here changes its numbers.
struct CuttingOptions {
  ProgressMode progress = ProgressMode::automatic;
  std::function<bool()> interrupted;  ///< a signal has come; may be empty
};

/// Of one run, everything that was chosen: [experiment][model].
using ChosenPartitions = std::vector<std::vector<ChosenPartition>>;

/// What came out, on rank 0 only.
struct CuttingOutcome {
  /// good, failed (some runs have, the others are finished), invalid, or interrupted (a signal: resumable)
  ExitCode code = ExitCode::good;
  std::vector<ChosenPartitions> chosen;  ///< [run]; a run that has failed says why
  Results results;                       ///< not for random weights, whose accuracy means nothing
};

/// Prepares the network of every run, cuts it in every way, counts correct predictions under all failure
/// combinations, writes the results file; collective. Runs, and blocks of test images, are spread over the
/// ranks; the numbers do not depend on how many there are. Networks and their scores are kept beside the
/// output: the same call after a kill goes on from them. A network that diverges costs its run, a partition
/// that cannot be chosen or swept itself; the others are finished. Throws UserError and Failure, the same on
/// every rank.
CuttingOutcome run_cutting(const CuttingJob& job, const Communicator& world, const CuttingOptions& options);

}  // namespace deepfog
