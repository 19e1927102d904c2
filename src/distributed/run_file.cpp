#include "distributed/run_file.hpp"

#include <filesystem>

#include "distributed/check.hpp"
#include "training/trainer.hpp"

namespace deepfog {

void write_run(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
               RunEnding cut_off, const std::string& logs_of, RunOutcome& outcome) {
  set_threads(job.spec.threads);  // sets how this thread treats denormal numbers, which affects the answers
  RunEnding ending = RunEnding::complete;
  for (const GroupRecords& group : groups) {
    if (!group.ended) ending = cut_off;
    if (group.interrupted) ending = RunEnding::interrupted;
  }
  CheckOutcome check;
  if (job.spec.check) check = check_answers(job, groups);
  outcome.results = assemble(job, facts, groups, ending, job.spec.check ? &check : nullptr);
  write_results(job.spec.output, outcome.results);
  // The other ranks take the absence of the first log as proof that the results are stored, so it is removed
  // last.
  for (int group = facts.groups - 1; group >= 0; --group)
    std::filesystem::remove(round_log_path(logs_of, group));
  outcome.wrote = true;
  outcome.code = ExitCode::good;
  if (ending == RunEnding::interrupted) outcome.code = ExitCode::interrupted;
  if (ending == RunEnding::last_node_died) outcome.code = ExitCode::failed;
  if (ending == RunEnding::complete && !outcome.results.valid) outcome.code = ExitCode::invalid;
}

}  // namespace deepfog
