#pragma once

#include <string>
#include <vector>

#include "distributed/run.hpp"

namespace deepfog {

/// Writes the results file of a run, `job.spec.output`, and then removes its round logs, that of the first
/// group last. Checks the answers if --check was given. Sets the members of the outcome that concern the
/// file. Throws Failure.
/// @param cut_off  how the run ended if a group's log does not say that its round driver finished
/// @param logs_of  the `output` for round_log_path()
void write_run(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
               RunEnding cut_off, const std::string& logs_of, RunOutcome& outcome);

}  // namespace deepfog
