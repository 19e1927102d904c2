#include "distributed/check.hpp"

#include "distributed/sample_window.hpp"
#include "distributed/simulation.hpp"
#include "inference/flow_links.hpp"

namespace deepfog {
namespace {

void note(CheckOutcome& outcome, const RoundRecord& record, const Job& job, const std::string& what) {
  if (!outcome.first.empty()) return;
  outcome.first = "round " + std::to_string(record.frame.round) + " (" +
                  job.plan[static_cast<std::size_t>(record.frame.phase)].name + "): " + what;
}

}  // namespace

CheckOutcome check_answers(const Job& job, const std::vector<GroupRecords>& groups) {
  SampleWindow samples(job);
  Simulation network(job);
  CheckOutcome outcome;
  for (const GroupRecords& group : groups) {
    for (const RoundRecord& record : group.rounds) {
      const SampleView rows = samples.rows(record.frame.first_sample, record.frame.rows);
      const Phase& phase = job.plan[static_cast<std::size_t>(record.frame.phase)];
      ++outcome.rounds;
      std::vector<std::int64_t> exits;
      if (network.labels_over(rows, record.used.flags(), &exits) != record.predictions ||
          exits != record.exits) {
        ++outcome.unlike_messages;
        note(outcome, record, job, "not the network's answer to the messages that arrived");
      }
      if (!phase.settle) continue;
      if (record.used != flow_links(job.topology, phase.combination)) {
        ++outcome.off_plan;
      } else if (network.labels(rows, phase.combination, &exits) != record.predictions ||
                 exits != record.exits) {
        ++outcome.unlike_plan;
        note(outcome, record, job, "not the network's answer under this failure combination");
      }
    }
  }
  return outcome;
}

}  // namespace deepfog
