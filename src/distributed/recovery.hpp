#pragma once

#include <memory>
#include <string>
#include <vector>

#include "distributed/logged_run.hpp"
#include "distributed/run.hpp"

namespace deepfog {

/// Changes for the recovery of a round log; empty fields keep the run's values.
struct RecoveryChoice {
  std::string output, weights, dataset;
  bool check = false;  ///< checks the answers even if the run did not ask for it
};

/// Makes the results of a run whose ranks are all gone from the round logs of its round drivers.
class Recovery {
 public:
  /// Reads from the log what its run was. If the run's folder still exists, it becomes the working directory,
  /// so that relative paths keep their meaning. Throws UserError if the file is no round log or is of another
  /// version.
  Recovery(const std::string& log, const RecoveryChoice& choice);

  /// Writes the results file of the rounds so far and removes the logs. Needs the logs of all groups, and the
  /// run's weights and data. If the output already has this run's results, the logs are only removed. Throws
  /// UserError if the run is still going on, the weights or data have changed, a log is damaged, or the
  /// output has other results; throws Failure if it cannot be written.
  RunOutcome run();

  /// Valid after run().
  const Job& job() const { return *job_; }

 private:
  using Claims = std::vector<std::unique_ptr<RecordLogClaim>>;
  std::string log_of(int group) const { return round_log_path(logs_of_, group); }
  Claims claim_logs() const;
  bool done_already() const;
  void load();
  std::vector<GroupRecords> read() const;
  std::string log_, logs_of_;
  LoggedRun record_;
  std::unique_ptr<Job> job_;
};

/// Makes way for a new run to the same output: renames round logs of an earlier run that was cut off after
/// its first round, as if its output had been `<output>.earlier`. Logs in use stay. Throws Failure.
/// @return a message for the user; empty if there were no such logs
std::string set_logs_aside(const std::string& output);

}  // namespace deepfog
