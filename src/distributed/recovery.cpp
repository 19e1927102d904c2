#include "distributed/recovery.hpp"

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "distributed/run_file.hpp"
#include "distributed/simulation.hpp"

namespace deepfog {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kGoneTimeout{5};  ///< for ranks whose mpirun was killed a moment ago
const char* const kLog = "the round log of a run, OUTPUT.group0.rounds";

void choose(std::string& value, const std::string& choice) {
  if (!choice.empty()) value = fs::absolute(choice).string();
}

/// Even a log with a correct checksum may belong to a run with other samples or phases.
void check_records(const GroupRecords& group, const Job& job, const std::string& log) {
  const auto refuse = [&](const char* what) { throw UserError(log, what, kLog); };
  const int phases = static_cast<int>(job.plan.size()), classes = job.topology.classes();
  const auto phase_known = [&](int phase) { return phase >= 0 && phase < phases; };
  for (const RoundRecord& round : group.rounds) {
    const Frame& frame = round.frame;
    if (!phase_known(frame.phase)) refuse("a round of a phase that the run does not have");
    const bool rows_known = frame.rows <= job.spec.batch && frame.rows <= job.samples &&
                            frame.first_sample >= 0 && frame.first_sample <= job.samples - frame.rows;
    if (!rows_known) refuse("a round over samples that the run does not have");
    for (const std::int64_t answer : round.predictions)
      if (answer < -1 || answer >= classes) refuse("an answer that is no class");
  }
  for (const PhaseRecord& phase : group.phases)
    if (!phase_known(phase.phase)) refuse("a phase that the run does not have");
  for (const NodeReport& report : group.reports)
    if (report.node < 0 || report.node >= job.nodes())
      refuse("a report of a node that the run does not have");
  for (const Hop& hop : group.hops)
    if (hop.link < 0 || hop.link >= static_cast<int>(job.topology.hyperconnections().size()))
      refuse("a link that the run does not have");
}

}  // namespace

Recovery::Recovery(const std::string& log, const RecoveryChoice& choice)
    : log_(fs::absolute(log).string()), logs_of_(output_of_round_log(log_)) {
  const RoundLogSubject subject = read_subject(log);
  if (logs_of_.empty()) throw UserError(log, "not named as a round log", kLog);
  if (subject.run.empty()) throw UserError(log, "ends before it says what run it is of", kLog);
  try {
    record_ = decode_logged_run(subject.run, log);
  } catch (const Failure& failure) {
    throw UserError(failure.what(), "cannot be read", "the program that wrote it");
  }
  if (record_.facts.groups < 1 || record_.facts.groups > record_.facts.ranks)
    throw UserError(log, "of an impossible number of ranks", kLog);
  record_.facts.key = subject.key;
  DistributedSpec& spec = record_.spec;
  choose(spec.output, choice.output);
  choose(spec.weights, choice.weights);
  if (!choice.dataset.empty())  // a name or a file
    spec.dataset =
        fs::is_regular_file(choice.dataset) ? fs::absolute(choice.dataset).string() : choice.dataset;
  spec.check = spec.check || choice.check;
  if (fs::is_directory(record_.folder)) fs::current_path(record_.folder);
}

/// Whether the output already has this run's results, because the run was killed while removing its logs. Two
/// runs may have begun in the same second, but no two have the same key.
bool Recovery::done_already() const {
  const std::string& output = record_.spec.output;
  if (!fs::exists(output)) return false;
  for (const InferenceResults& run : read_results(output).inference) {
    const auto found = run.text.find("log_key");
    if (found != run.text.end() && found->second == record_.facts.key) return true;
  }
  throw UserError(output, "exists and has other results", "--output FILE, or remove it");
}

Recovery::Claims Recovery::claim_logs() const {
  Claims claims;
  for (int group = 0; group < record_.facts.groups; ++group) {
    claims.push_back(std::make_unique<RecordLogClaim>(log_of(group), Deadline::in(kGoneTimeout)));
    if (claims.back()->exists() && !claims.back()->held())
      throw UserError(log_of(group), "in use: its run goes on", "wait for its end");
  }
  return claims;
}

void Recovery::load() {
  const DistributedSpec& spec = record_.spec;
  job_ = std::make_unique<Job>(load_job(spec));
  if (stated_weights_sum(spec.weights) != record_.weights_sha256)
    throw UserError(spec.weights, "not the weights that the run had", "--weights FILE");
  if (job_->data_sha256 != record_.data_sha256)
    throw UserError(job_->dataset_path, "not the data that the run had", "--dataset FILE");
  if (record_.facts.groups * job_->nodes() != record_.facts.ranks)
    throw UserError(log_, "of another number of ranks than the network needs", kLog);
  if (spec.check) check_weights(*job_);
}

std::vector<GroupRecords> Recovery::read() const {
  const int links = static_cast<int>(job_->topology.hyperconnections().size());
  std::vector<GroupRecords> groups;
  for (int group = 0; group < record_.facts.groups; ++group) {
    try {
      groups.push_back(read_group(log_of(group), record_.facts.key, links, job_->nodes()));
    } catch (const Failure& failure) {
      throw UserError(failure.what(), "damaged", kLog);
    }
    check_records(groups.back(), *job_, log_of(group));
  }
  return groups;
}

RunOutcome Recovery::run() {
  const Claims claims = claim_logs();
  RunOutcome outcome;
  if (!done_already()) {
    load();
    const std::vector<GroupRecords> groups = read();
    const auto empty = [](const GroupRecords& group) { return group.rounds.empty(); };
    if (std::all_of(groups.begin(), groups.end(), empty))
      throw UserError(log_, "no round was answered", kLog);
    write_run(*job_, record_.facts, groups, RunEnding::interrupted, logs_of_, outcome);
    for (int group = 0; group < record_.facts.groups; ++group) {
      const std::int64_t bytes = groups[static_cast<std::size_t>(group)].bytes_damaged;
      if (bytes > 0)
        outcome.notice =
            log_of(group) + " was damaged: its last " + std::to_string(bytes) + " bytes are left out";
    }
    return outcome;
  }
  outcome.notice = record_.spec.output + " has the results of this run already; its logs are removed";
  for (int group = 0; group < record_.facts.groups; ++group) fs::remove(log_of(group));
  return outcome;
}

std::string set_logs_aside(const std::string& output) {
  std::string told;
  for (int group = 0; fs::is_regular_file(round_log_path(output, group)); ++group) {
    const std::string log = round_log_path(output, group), aside = round_log_path(output + ".earlier", group);
    const RecordLogClaim claim(log);
    if (!claim.held()) return told;
    bool rounds = false;
    try {
      RecordLogReader reader(log);
      for (LogRecord record; !rounds && reader.next(record);) rounds = is_round(record);
    } catch (const UserError&) {
      rounds = false;  // cut off in the header, or no log at all: the writer of the new log decides
    }
    if (!rounds) continue;
    fs::rename(log, aside);
    if (told.empty())
      told = "an earlier run to " + output + " was cut off; `deepfog infer --recover " + aside +
             "` makes its results";
  }
  return told;
}

}  // namespace deepfog
