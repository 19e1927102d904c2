#include "distributed/closing.hpp"

#include <future>
#include <thread>

#include "distributed/run_file.hpp"

namespace deepfog {
namespace {

constexpr std::chrono::milliseconds kLook{5};
constexpr std::chrono::seconds kClaimTimeout{1};    ///< another rank may hold a round log for a moment to
                                                    ///< check whether it is held
constexpr std::chrono::seconds kOthersTimeout{30};  ///< for messages from other groups
constexpr std::chrono::seconds kHeirsTimeout{10};   ///< in addition to the time in which a node notices that
                                                    ///< its last node is dead
constexpr int kCleanTag = 71, kVerdictTag = 72;

}  // namespace

std::string Closing::last_node_name() const {
  return job_.topology.nodes()[static_cast<std::size_t>(job_.last_node())].name;
}

/// Waits for all groups but the first. Returns false if a round driver is stopped and holds its round log;
/// its group then counts as cut off.
bool Closing::wait_for_groups() const {
  for (int group = 1; group < facts_.groups; ++group) {
    while (!RecordLogClaim(round_log_path(job_.spec.output, group)).held()) {
      if (end_.passed()) return false;
      meanwhile_();
      std::this_thread::sleep_for(kLook);
    }
  }
  return true;
}

std::vector<GroupRecords> Closing::read_groups() const {
  std::vector<GroupRecords> groups;
  const int links = static_cast<int>(job_.topology.hyperconnections().size());
  for (int group = 0; group < facts_.groups; ++group)
    groups.push_back(read_group(round_log_path(job_.spec.output, group), facts_.key, links, job_.nodes()));
  return groups;
}

std::optional<TaggedMessage> Closing::word_from(int rank, int tag, const Deadline& deadline) const {
  while (!deadline.passed()) {
    meanwhile_();
    if (auto word = receive(world_, Deadline::in(kLook), rank, tag, 1)) return word;
  }
  return std::nullopt;
}

/// Whether nobody died in any group, agreed among all round drivers: only then may MPI be finalised.
bool Closing::agree_on_clean(bool clean, const std::vector<GroupRecords>& groups) const {
  const Deadline deadline = Deadline::in(kOthersTimeout);
  std::vector<int> answered;
  for (int other = 1; other < facts_.groups; ++other) {
    const bool alive = groups[static_cast<std::size_t>(other)].ended;  // dead ranks send no message
    const auto word = alive ? word_from(round_driver_of(other), kCleanTag, deadline) : std::nullopt;
    clean = clean && word && word->bytes == Bytes{1};
    if (word) answered.push_back(word->source);
  }
  for (const int other : answered) send(world_, other, kVerdictTag, {static_cast<char>(clean)});
  return flush(world_, deadline) && clean;
}

/// Checking many answers takes time, so heartbeats continue meanwhile.
void Closing::write(RunOutcome& outcome, const std::vector<GroupRecords>& groups) const {
  std::future<void> written = std::async(std::launch::async, [&] {
    write_run(job_, facts_, groups, RunEnding::last_node_died, job_.spec.output, outcome);
  });
  while (written.wait_for(kLook) != std::future_status::ready) meanwhile_();
  written.get();
}

RunOutcome Closing::close_first(bool clean) const {
  RunOutcome outcome;
  const RecordLogClaim claim(first_round_log(), Deadline::in(kClaimTimeout));
  if (!claim.held()) {  // this rank was stopped for so long that another one has taken over
    outcome.notice = "the results were written by another rank";
    return outcome;
  }
  if (!wait_for_groups()) outcome.notice = "another group's last node does not answer";
  const std::vector<GroupRecords> groups = read_groups();
  outcome.clean = agree_on_clean(clean && outcome.notice.empty(), groups);
  write(outcome, groups);
  return outcome;
}

RunOutcome Closing::close_other(bool clean) const {
  RunOutcome outcome;
  send(world_, round_driver_of(0), kCleanTag, {static_cast<char>(clean)});
  // If the first group's last node died, its other ranks must first notice it before one of them can write.
  const auto heirs_time = kHeirsTimeout + std::chrono::microseconds(10 * job_.spec.limit_us);
  Deadline unheld = Deadline::in(heirs_time);
  for (bool written = false; !end_.passed();) {
    meanwhile_();
    const auto verdict = receive(world_, Deadline::in(kLook), round_driver_of(0), kVerdictTag, 1);
    if (verdict) {
      outcome.clean = verdict->bytes == Bytes{1};
      return outcome;
    }
    if (written) return outcome;  // by another rank of the first group: there is no verdict
    const RecordLogClaim claim(first_round_log());
    written = !claim.exists();
    if (written) continue;  // looks for the verdict once more, as it may have been sent before
    if (!claim.held()) unheld = Deadline::in(heirs_time);
    if (!unheld.passed()) continue;
    outcome.notice = "all nodes of the first group died; what was measured so far is in " + job_.spec.output;
    if (!wait_for_groups()) outcome.notice = "another group's last node does not answer; " + outcome.notice;
    write(outcome, read_groups());
    return outcome;
  }
  return outcome;
}

RunOutcome Closing::inherit(const NodeReport& own) const {
  RunOutcome outcome;
  outcome.code = ExitCode::failed;
  if (world_.rank() >= job_.nodes()) return outcome;
  // Of the ranks that notice, one writes: the one that obtains the round log.
  const RecordLogClaim claim(first_round_log(), Deadline::in(kClaimTimeout));
  if (!claim.held()) return outcome;
  outcome.notice =
      "the last node (" + last_node_name() + ") died; what was measured so far is in " + job_.spec.output;
  if (!wait_for_groups()) outcome.notice = "another group's last node does not answer; " + outcome.notice;
  std::vector<GroupRecords> groups = read_groups();
  groups.front().reports.push_back(own);
  write(outcome, groups);
  return outcome;
}

}  // namespace deepfog
