#pragma once

#include <memory>
#include <string>
#include <vector>

#include "distributed/logged_run.hpp"
#include "distributed/run.hpp"

namespace deepfog {

/// What a round log is recovered with; empty: as the run had it.
struct RecoveryChoice {
  std::string output, weights, dataset;
  bool check = false;  ///< also where the run was not to be checked
};

/// The results of a run whose ranks are all gone, from what their conductors wrote into the round logs.
class Recovery {
 public:
  /// Reads what the log says of its run. Where the run's folder is still there, this process goes into it:
  /// relative paths mean what they meant to the run. Throws UserError when this is no round log, or is of
  /// another version.
  Recovery(const std::string& log, const RecoveryChoice& choice);

  /// Writes the results file of the rounds so far and removes the logs. The logs of all groups are needed,
  /// and the run's weights and data. Where the output has this run's results already, the logs are only
  /// removed. Throws UserError when the run still goes on, when weights or data are others, when a log is
  /// damaged, when the output has other results; Failure when it cannot be written.
  RunOutcome run();

  /// Once run() has written.
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

/// Makes way for a new run to the same output: round logs of an earlier one that was cut off, with rounds in
/// them, get the names that an output `<output>.earlier` would give them. Logs in use stay. Throws Failure.
/// @return what to tell the user; empty: there was none
std::string set_logs_aside(const std::string& output);

}  // namespace deepfog
