#include "distributed/run.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "campaign/assembler.hpp"
#include "campaign/hosts.hpp"
#include "comm/environment.hpp"
#include "comm/message.hpp"
#include "core/spelling.hpp"
#include "distributed/hops.hpp"
#include "distributed/rank_run.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::seconds kOthersPatience{30};  ///< for spools that a stopped conductor holds
constexpr int kCleanTag = 71, kVerdictTag = 72;

/// The first rank decides, every rank gets the same.
RunFacts agree_on_facts(const Communicator& world, const Job& job, std::set<int>& lowest) {
  RunFacts facts;
  facts.ranks = world.size();
  facts.groups = world.size() / job.nodes();
  std::random_device entropy;
  facts.key =
      broadcast(world, "deepfog-rounds " + std::to_string(entropy()) + "-" + std::to_string(entropy()));
  facts.created = broadcast(world, utc_now());
  std::vector<Place> places;
  std::string ranks, hosts;
  for (const std::string& text : gather(world, encode(this_place(host_name()))))
    places.push_back(decode_place(text));
  std::set<std::string> seen;
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    if (seen.insert(places[rank].host).second) ranks += std::to_string(rank) + " ";
  }
  facts.hosts = broadcast(world, host_list(places));
  std::istringstream numbers(broadcast(world, ranks));
  for (int rank = 0; numbers >> rank;) lowest.insert(rank);
  return facts;
}

/// Writes the results of all groups once nobody writes their spools any longer.
class Writer {
 public:
  Writer(const Job& job, const RunFacts& facts) : job_(job), facts_(facts) {}

  /// All groups but the first. False: a conductor is stopped and holds its spool; its group counts as cut
  /// off.
  bool wait_for_groups(const Deadline& deadline) const {
    for (int group = 1; group < facts_.groups; ++group) {
      while (!SpoolClaim(spool_path(job_.spec.output, group)).held()) {
        if (deadline.passed()) return false;
        std::this_thread::sleep_for(kLook);
      }
    }
    return true;
  }

  /// @param heir  report of the node that writes in the last node's stead
  void write(RunOutcome& outcome, const NodeReport* heir = nullptr) const {
    RunEnding ending = RunEnding::complete;
    std::vector<GroupFindings> groups;
    const int links = static_cast<int>(job_.topology.hyperconnections().size());
    for (int group = 0; group < facts_.groups; ++group) {
      groups.push_back(read_group(spool_path(job_.spec.output, group), facts_.key, links, job_.nodes()));
      if (!groups.back().ended) ending = RunEnding::last_node_died;
      if (groups.back().interrupted) ending = RunEnding::interrupted;
    }
    if (heir != nullptr) groups.front().reports.push_back(*heir);
    CheckOutcome check;
    if (job_.spec.check) check = check_answers(job_, groups);
    outcome.results = assemble(job_, facts_, groups, ending, job_.spec.check ? &check : nullptr);
    write_results(job_.spec.output, outcome.results);
    remove_spools();
    outcome.wrote = true;
    outcome.code = ExitCode::good;
    if (ending == RunEnding::interrupted) outcome.code = ExitCode::interrupted;
    if (ending == RunEnding::last_node_died) outcome.code = ExitCode::failed;
    if (ending == RunEnding::complete && !outcome.results.valid) outcome.code = ExitCode::invalid;
  }

 private:
  /// The others look for the first one to see whether the results are safe: it goes last.
  void remove_spools() const {
    for (int group = facts_.groups - 1; group >= 0; --group)
      std::filesystem::remove(spool_path(job_.spec.output, group));
  }
  const Job& job_;
  const RunFacts& facts_;
};

/// Whether nobody died in any group, known to all conductors: only then may MPI be finalised.
bool agree_on_clean(const Communicator& world, const Job& job, const RunFacts& facts, bool clean,
                    const Deadline& deadline) {
  const int group = world.rank() / job.nodes(), conductor_0 = job.last_node();
  if (group > 0) {
    send(world, conductor_0, kCleanTag, {static_cast<char>(clean)});
    while (!deadline.passed()) {
      const auto verdict = receive(world, Deadline::in(kLook), conductor_0, kVerdictTag, 1);
      if (verdict) return verdict->bytes == Bytes{1};
      if (!std::filesystem::exists(spool_path(job.spec.output, 0))) return false;  // written by an heir
    }
    return false;
  }
  std::vector<int> answered;
  for (int other = 1; other < facts.groups; ++other) {
    const auto word = receive(world, deadline, other * job.nodes() + job.last_node(), kCleanTag, 1);
    clean = clean && word && word->bytes == Bytes{1};
    if (word) answered.push_back(word->source);
  }
  for (const int other : answered) send(world, other, kVerdictTag, {static_cast<char>(clean)});
  return clean && flush(world, deadline);
}

RunOutcome conduct(const Communicator& world, const Job& job, const RunFacts& facts,
                   const std::vector<Hop>& hops, const RunHooks& hooks, bool lowest) {
  const int group = world.rank() / job.nodes();
  auto spool = std::make_unique<RoundSpool>(spool_path(job.spec.output, group), facts.key);
  for (const Hop& hop : hops) spool->hop(hop);
  RankRun run(world, job, facts, spool.get(), lowest);
  const NodeEnding ending = run.serve(hooks);
  spool->report(run.report());
  spool->end(run.interrupted() || ending == NodeEnding::out_of_time);
  spool.reset();
  const bool clean = ending == NodeEnding::clean && run.everybody_reported();
  RunOutcome outcome;
  const Deadline deadline = Deadline::in(
      std::chrono::microseconds(job.spec.run_limit_us > 0 ? job.spec.run_limit_us : 3'600'000'000));
  if (group == 0) {
    const SpoolClaim claim(spool_path(job.spec.output, 0));
    if (!claim.held()) {  // this rank was stopped for so long that another one has taken its task over
      outcome.notice = "the results were written by another rank";
      run.dismiss(false);
      return outcome;
    }
    const Writer writer(job, facts);
    if (!writer.wait_for_groups(deadline)) outcome.notice = "another group's last node does not answer";
    outcome.clean =
        agree_on_clean(world, job, facts, clean && outcome.notice.empty(), Deadline::in(kOthersPatience));
    writer.write(outcome);
  } else {
    outcome.clean = agree_on_clean(world, job, facts, clean, deadline);
  }
  run.dismiss(outcome.clean);
  return outcome;
}

/// The last node of this rank's group does not answer any longer.
RunOutcome inherit(const Communicator& world, const Job& job, const RunFacts& facts, const NodeReport& own) {
  RunOutcome outcome;
  outcome.code = ExitCode::failed;
  const std::string first = spool_path(job.spec.output, 0);
  if (world.rank() / job.nodes() != 0 || !std::filesystem::exists(first)) return outcome;
  // Of those who notice, one writes: the one that gets hold of the spool.
  const SpoolClaim claim(first);
  if (!claim.held()) return outcome;
  const Writer writer(job, facts);
  const bool all = writer.wait_for_groups(Deadline::in(kOthersPatience));
  writer.write(outcome, &own);
  outcome.notice = std::string(all ? "" : "another group's last node does not answer; ") + "the last node (" +
                   job.topology.nodes()[static_cast<std::size_t>(job.last_node())].name +
                   ") died; what was measured so far is in " + job.spec.output;
  return outcome;
}

}  // namespace

std::string rank_problem(const Topology& topology, int ranks) {
  const int nodes = static_cast<int>(topology.nodes().size());
  if (ranks > 0 && ranks % nodes == 0) return "";
  std::vector<std::string> names;
  for (const PhysicalNode& node : topology.nodes()) names.push_back(node.name);
  return std::to_string(ranks) + (ranks == 1 ? " rank" : " ranks") + ", but each physical node needs one (" +
         std::to_string(nodes) + " or a multiple: " + listing(names) + ")";
}

RunOutcome run_distributed(const Communicator& world, const Job& job, const RunHooks& hooks) {
  set_threads(job.spec.threads);
  ignore_broken_pipes();
  std::set<int> lowest;
  const RunFacts facts = agree_on_facts(world, job, lowest);
  const std::vector<Hop> hops = measure_hops(world, job.topology, job.spec.batch, facts.groups);
  const bool claims_energy = lowest.count(world.rank()) != 0;
  if (world.rank() % job.nodes() == job.last_node())
    return conduct(world, job, facts, hops, hooks, claims_energy);
  RankRun run(world, job, facts, nullptr, claims_energy);
  const NodeEnding ending = run.serve(hooks);
  if (ending == NodeEnding::orphaned) return inherit(world, job, facts, run.report());
  RunOutcome outcome;
  outcome.clean = ending == NodeEnding::clean;
  return outcome;
}

}  // namespace deepfog
