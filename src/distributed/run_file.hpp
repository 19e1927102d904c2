#pragma once

#include <string>
#include <vector>

#include "distributed/run.hpp"

namespace deepfog {

/// Writes the results file of a run, `job.spec.output`, and then removes its round logs, that of the first
/// group last. --check's answers are computed here. Sets what the outcome says of the file. Throws Failure.
/// @param cut_off  how the run ended where a group's log does not say that it came to its end
/// @param logs_of  what round_log_path() gets
void write_run(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
               RunEnding cut_off, const std::string& logs_of, RunOutcome& outcome);

}  // namespace deepfog
