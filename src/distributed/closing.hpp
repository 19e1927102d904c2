#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "comm/tagged_message.hpp"
#include "distributed/run.hpp"

namespace deepfog {

/// The end of a run: decides which rank writes the results of all groups, and whether MPI may be finalised.
/// All information is taken from the round logs, since dead ranks can no longer pass on theirs.
class Closing {
 public:
  /// Create this when the rounds begin: the run's limit counts from then.
  /// @param meanwhile  called repeatedly while waiting: a last node must go on sending heartbeats, or it
  /// would be suspected
  Closing(const Communicator& world, const Job& job, const RunFacts& facts, std::function<void()> meanwhile)
      : world_(world),
        job_(job),
        facts_(facts),
        meanwhile_(std::move(meanwhile)),
        end_(Deadline::in(job.run_limit() + kOthersLag)) {}

  /// Called on the last node of the first group after closing its round log: writes the results.
  /// @param clean  nobody died in this group
  RunOutcome close_first(bool clean) const;

  /// Called on the last node of another group: waits for the first group's verdict. If that whole group is
  /// dead, writes the results in its place.
  RunOutcome close_other(bool clean) const;

  /// Called on a node whose last node no longer answers: in the first group, writes the results in its place.
  RunOutcome inherit(const NodeReport& own) const;

 private:
  static constexpr std::chrono::seconds kOthersLag{60};
  int round_driver_of(int group) const { return group * job_.nodes() + job_.last_node(); }
  std::string first_round_log() const { return round_log_path(job_.spec.output, 0); }
  std::string last_node_name() const;
  bool wait_for_groups() const;
  std::vector<GroupRecords> read_groups() const;
  bool agree_on_clean(bool clean, const std::vector<GroupRecords>& groups) const;
  std::optional<TaggedMessage> word_from(int rank, int tag, const Deadline& deadline) const;
  void write(RunOutcome& outcome, const std::vector<GroupRecords>& groups) const;

  const Communicator& world_;
  const Job& job_;
  const RunFacts& facts_;
  std::function<void()> meanwhile_;
  Deadline end_;  ///< for all waits for other groups, which end their rounds at the run's limit
};

}  // namespace deepfog
