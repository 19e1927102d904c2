#include "distributed/run.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>

#include "campaign/assembler.hpp"
#include "comm/environment.hpp"
#include "comm/rank_error.hpp"
#include "core/spelling.hpp"
#include "distributed/closing.hpp"
#include "distributed/hops.hpp"
#include "distributed/logged_run.hpp"
#include "distributed/rank_run.hpp"
#include "scheduler/hosts.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

constexpr std::chrono::minutes kStartTimeout{2};  ///< for the slowest rank to load weights and samples

/// The first rank decides; every rank gets the same facts.
RunFacts agree_on_facts(const Communicator& world, const Job& job, std::set<int>& lowest) {
  RunFacts facts;
  facts.ranks = world.size();
  facts.groups = world.size() / job.nodes();
  std::random_device entropy;
  facts.key =
      broadcast(world, "deepfog-rounds " + std::to_string(entropy()) + "-" + std::to_string(entropy()));
  facts.created = broadcast(world, utc_now());
  facts.mpi_library = mpi_library();
  std::vector<Place> places;
  std::string ranks, hosts;
  for (const std::string& text : gather(world, encode(this_place(host_name()))))
    places.push_back(decode_place(text));
  std::set<std::string> seen;
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    if (seen.insert(places[rank].host).second) ranks += std::to_string(rank) + " ";
  }
  facts.hosts = broadcast(world, host_list(places));
  facts.cores = std::stoi(broadcast(world, std::to_string(core_count(places))));
  std::istringstream numbers(broadcast(world, ranks));
  for (int rank = 0; numbers >> rank;) lowest.insert(rank);
  return facts;
}

RunOutcome refuse(const RankError& error) {
  RunOutcome outcome;
  outcome.clean = true;
  outcome.code = error.code();
  outcome.refusal = error.text;
  return outcome;
}

RunOutcome conduct(const Closing& closing, RankRun& run, std::unique_ptr<RoundRecorder> round_log,
                   const RunHooks& hooks, bool first) {
  const NodeEnding ending = run.serve(hooks);
  round_log->report(run.report());
  round_log->end(run.interrupted() || ending == NodeEnding::out_of_time);
  round_log.reset();
  const bool clean = ending == NodeEnding::clean && run.everybody_reported();
  RunOutcome outcome = first ? closing.close_first(clean) : closing.close_other(clean);
  run.dismiss(outcome.clean);
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
  const int group = world.rank() / job.nodes();
  const bool conducts = world.rank() % job.nodes() == job.last_node();
  const std::string path = round_log_path(job.spec.output, group);
  std::unique_ptr<RankRun> run;
  std::unique_ptr<RoundRecorder> round_log;
  // Every rank learns the first error, so that none begins alone or waits for one that has ended already.
  const std::optional<RankError> own = error_of(world, [&] {
    run = std::make_unique<RankRun>(world, job, facts, lowest.count(world.rank()) != 0);
    if (!conducts) return;
    round_log = std::make_unique<RoundRecorder>(path, facts.key);
    round_log->about(encode(logged_run(job, facts)));
    for (const Hop& hop : hops) round_log->hop(hop);
  });
  const std::optional<RankError> error = first_error(world, own, Deadline::in(kStartTimeout));
  if (hooks.begun) hooks.begun();
  if (error) {
    if (round_log) std::filesystem::remove(path);
    return refuse(*error);
  }
  run->begin(round_log.get());
  const Closing closing(world, job, facts, [&] { run->attend(); });
  if (conducts) return conduct(closing, *run, std::move(round_log), hooks, group == 0);
  const NodeEnding ending = run->serve(hooks);
  if (ending == NodeEnding::orphaned) return closing.inherit(run->report());
  RunOutcome outcome;
  outcome.clean = ending == NodeEnding::clean;
  return outcome;
}

}  // namespace deepfog
