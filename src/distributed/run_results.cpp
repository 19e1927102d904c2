#include "distributed/run_results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "campaign/assembler.hpp"
#include "inference/message.hpp"
#include "inference/node_links.hpp"
#include "results/verify.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

const char* word(MemberEvent event) {
  switch (event) {
    case MemberEvent::suspected:
      return "suspected";
    case MemberEvent::returned:
      return "returned";
    case MemberEvent::lost:
      return "lost";
  }
  return "";
}

void add_phases(InferenceResults& results, const Job& job, const std::vector<GroupRecords>& groups) {
  const std::size_t failing = results.failing.size();
  const std::uint64_t everybody = failing >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << failing) - 1;
  InferencePhases& phases = results.phases;
  for (int p = 0; p < static_cast<int>(job.plan.size()); ++p) {
    const Phase& phase = job.plan[static_cast<std::size_t>(p)];
    phases.name.push_back(phase.name);
    phases.combination.push_back(phase.combination & everybody);
    phases.timeout_us.push_back(static_cast<double>(phase.timeout_us));
    phases.script.push_back(phase.script ? 1 : 0);
    phases.settle_us.push_back(std::numeric_limits<double>::quiet_NaN());
    const int count = static_cast<int>(groups.size());
    std::int64_t rounds = 0;
    for (int g = 0; g < count; ++g) rounds += frames_of(job.plan, p, job.spec.batch, count, g);
    phases.rounds.push_back(rounds);
  }
  std::int64_t repeats = 0;
  for (const GroupRecords& group : groups) {
    for (const PhaseRecord& record : group.phases) {
      repeats += record.repeats;
      if (record.settle_us >= 0)
        phases.settle_us[static_cast<std::size_t>(record.phase)] = double(record.settle_us);
    }
  }
  results.integers["rounds_repeated"] = repeats;
}

/// Repeated rounds have left gaps in the numbers, so rounds are numbered anew.
void add_rounds(InferenceRounds& rounds, const std::vector<RoundRecord>& records, int group,
                const std::vector<std::int64_t>& labels, bool has_exits) {
  std::int64_t number = 0;
  for (const RoundRecord& record : records) {
    rounds.group.push_back(group);
    rounds.phase.push_back(record.frame.phase);
    rounds.round.push_back(number++);
    rounds.first_sample.push_back(record.frame.first_sample);
    rounds.samples.push_back(record.frame.rows);
    rounds.arrival_us.push_back(static_cast<double>(record.arrival_us));
    rounds.latency_us.push_back(static_cast<double>(record.latency_us));
    rounds.waited_for.push_back(record.waited_for);
    for (const std::uint8_t flag : record.used.flags()) rounds.used.push_back(flag);
    for (const std::uint8_t flag : record.timed_out.flags()) rounds.timed_out.push_back(flag);
    std::int64_t correct = 0;
    for (std::int64_t row = 0; row < record.frame.rows; ++row) {
      const std::int64_t prediction = record.phi ? -1 : record.predictions[static_cast<std::size_t>(row)];
      correct += prediction == labels[static_cast<std::size_t>(record.frame.first_sample + row)] ? 1 : 0;
      rounds.prediction.push_back(prediction);
      if (has_exits) rounds.exit.push_back(record.phi ? -1 : record.exits[static_cast<std::size_t>(row)]);
    }
    rounds.correct.push_back(correct);
  }
}

void add_node(InferenceNodes& nodes, const std::string& name, int group, const NodeReport* report) {
  static const NodeReport nothing;
  const NodeReport& r = report == nullptr ? nothing : *report;
  nodes.group.push_back(group);
  nodes.node.push_back(name);
  nodes.reported.push_back(report == nullptr ? 0 : 1);
  nodes.epoch.push_back(r.epoch);
  nodes.compute_us.push_back(static_cast<double>(r.compute_us));
  nodes.wait_us.push_back(static_cast<double>(r.wait_us));
  nodes.idle_us.push_back(static_cast<double>(r.idle_us));
  nodes.resident_bytes.push_back(r.resident_bytes);
  nodes.malformed.push_back(r.malformed);
  nodes.rounds_skipped.push_back(r.rounds_skipped);
  nodes.energy_j.push_back(r.energy_j);
}

void add_links(InferenceLinks& links, const Topology& topology, int group,
               const std::vector<const NodeReport*>& reports) {
  static const LinkCounts nothing;
  const int count = static_cast<int>(topology.hyperconnections().size());
  const auto counts_of = [&](int node, int link) -> const LinkCounts& {
    const NodeReport* report = node < 0 ? nullptr : reports[static_cast<std::size_t>(node)];
    return report == nullptr ? nothing : report->links[static_cast<std::size_t>(link)];
  };
  for (int link = 0; link < count; ++link) {
    const LinkCounts& sent = counts_of(sending_node(topology, link), link);
    const LinkCounts& received = counts_of(receiving_node(topology, link), link);
    links.group.push_back(group);
    links.link.push_back(link_name(topology, link));
    links.local.push_back(is_local(topology, link) ? 1 : 0);
    links.messages.push_back(sent.messages);
    links.phis.push_back(sent.phis);
    links.bytes_measured.push_back(sent.bytes);
    links.bytes_predicted.push_back(sent.payload);
    links.arrived.push_back(received.arrived);
    links.late.push_back(received.late);
    links.duplicates.push_back(received.duplicates);
    links.timeouts.push_back(received.timeouts);
    links.lost.push_back(sent.lost);
    links.delayed.push_back(sent.delayed);
  }
}

void add_group(InferenceResults& results, const Topology& topology, const GroupRecords& records, int group) {
  const auto& nodes = topology.nodes();
  std::vector<const NodeReport*> reports(nodes.size(), nullptr);
  for (const NodeReport& report : records.reports) reports[static_cast<std::size_t>(report.node)] = &report;
  add_rounds(results.rounds, records.rounds, group, results.labels, topology.has_exits());
  for (std::size_t i = 0; i < nodes.size(); ++i) add_node(results.nodes, nodes[i].name, group, reports[i]);
  add_links(results.link_counts, topology, group, reports);
  InferenceMembership& members = results.membership;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (reports[i] == nullptr) continue;
    for (const Transition& transition : reports[i]->transitions) {
      members.group.push_back(group);
      members.observer.push_back(nodes[i].name);
      members.peer.push_back(nodes[static_cast<std::size_t>(transition.peer)].name);
      members.event.push_back(word(transition.event));
      members.time_us.push_back(static_cast<double>(transition.time_us));
      members.epoch.push_back(transition.epoch);
      members.round.push_back(transition.round);
    }
  }
  for (const Hop& hop : records.hops) {
    results.hops.group.push_back(group);
    results.hops.link.push_back(results.links[static_cast<std::size_t>(hop.link)]);
    results.hops.bytes.push_back(hop.bytes);
    results.hops.half_round_trip_us.push_back(hop.half_round_trip_us);
  }
}

const char* word(RunEnding ending) {
  switch (ending) {
    case RunEnding::complete:
      return "complete";
    case RunEnding::last_node_died:
      return "last node died";
    case RunEnding::interrupted:
      return "interrupted";
  }
  return "";
}

InferenceResults describe(const Job& job, const RunFacts& facts, RunEnding ending) {
  InferenceResults results;
  const DistributedSpec& spec = job.spec;
  results.name = spec.name;
  results.text = {{"experiment", job.origin.experiment},
                  {"model", job.origin.model},
                  {"dataset", job.origin.dataset},
                  {"data_origin", job.data_origin},
                  {"data_sha256", job.data_sha256},
                  {"split", job.split},
                  {"weights", spec.weights},
                  {"weights_sha256", check_weights_file(spec.weights)},
                  {"scenario", scenario_word(spec.scenario)},
                  {"failures", spec.failures},
                  {"timeouts", spec.adaptive ? "adaptive" : "fixed"},
                  {"ending", word(ending)},
                  {"guess", job.origin.guess},
                  {"log_key", facts.key}};
  if (spec.kernels != "float") results.text["kernels"] = spec.kernels;
  const int links = static_cast<int>(job.topology.hyperconnections().size());
  results.integers = {{"run", job.origin.run},
                      {"groups", facts.groups},
                      {"classes", job.topology.classes()},
                      {"batch", spec.batch},
                      {"depth", job.depth()},
                      {"stride", job.stride},
                      {"header_bytes", static_cast<std::int64_t>(message_overhead(links))},
                      {"heartbeat_us", spec.heartbeat_us},
                      {"limit_us", spec.limit_us},
                      {"seed", static_cast<std::int64_t>(spec.seed)}};
  results.numbers = {{"rate", spec.rate}, {"guess_accuracy", job.guess_accuracy()}};
  if (spec.exit_threshold >= 0) results.numbers["exit_threshold"] = spec.exit_threshold;
  results.topology_text = job.topology.text();
  results.script_text = job.script.empty() ? "" : job.script.text();
  for (int link = 0; link < links; ++link) results.links.push_back(link_name(job.topology, link));
  results.failing = job.topology.failing_names();
  results.labels = job.labels;
  return results;
}

Results frame_of(const Job& job, const RunFacts& facts, RunEnding ending) {
  const NumericsInfo numerics = numerics_info();
  Results results = finished_frame({facts.created, job.spec.command_line, facts.hosts, facts.mpi_library,
                                    numerics.torch_version, numerics.blas_library, facts.ranks, facts.cores},
                                   job.spec.command_line, job.spec.threads);
  results.text["status"] = ending == RunEnding::complete ? "complete" : "interrupted";
  return results;
}

}  // namespace

Results assemble(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
                 RunEnding ending, const CheckOutcome* check) {
  Results results = frame_of(job, facts, ending);
  InferenceResults inference = describe(job, facts, ending);
  for (std::size_t g = 0; g < groups.size(); ++g)
    add_group(inference, job.topology, groups[g], static_cast<int>(g));
  add_phases(inference, job, groups);
  std::vector<std::string> reasons;
  if (check != nullptr) {
    inference.integers["checked_rounds"] = check->rounds;
    inference.integers["rounds_off_plan"] = check->off_plan;
    inference.integers["unequal_rounds"] = check->unlike_messages + check->unlike_plan;
    if (!check->first.empty()) reasons.push_back("/inference/" + job.spec.name + ": " + check->first);
  }
  results.inference.push_back(std::move(inference));
  results.valid = true;  // verify() must see the file in its final state
  for (const std::string& reason : verify(results)) {
    const bool told = ending != RunEnding::complete && reason.rfind("/@status", 0) == 0;
    if (!told) reasons.push_back(reason);
  }
  results.valid = reasons.empty() && ending == RunEnding::complete;
  if (ending != RunEnding::complete)
    reasons.insert(reasons.begin(), std::string("not complete: ") + word(ending));
  for (const std::string& reason : reasons)
    results.invalid_reasons += (results.invalid_reasons.empty() ? "" : "; ") + reason;
  return results;
}

}  // namespace deepfog
