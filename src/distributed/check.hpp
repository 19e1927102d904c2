#pragma once

#include <string>
#include <vector>

#include "distributed/job.hpp"
#include "distributed/round_recorder.hpp"

namespace deepfog {

/// The findings of --check, which compares every answer with the simulated network in one process.
struct CheckOutcome {
  std::int64_t rounds = 0;           ///< number of rounds checked
  std::int64_t unlike_messages = 0;  ///< rounds whose answer is not the network's answer to the messages used
  /// Rounds of a settled phase that used all planned messages, but whose answer is not
  /// forward(inputs, combination).
  std::int64_t unlike_plan = 0;
  std::int64_t off_plan = 0;  ///< rounds of a settled phase that did not use exactly the planned
                              ///< hyperconnections
  std::string first;          ///< description of the first wrong answer
};

/// Uses the same batches as the run: predictions must be equal, not only close.
CheckOutcome check_answers(const Job& job, const std::vector<GroupRecords>& groups);

}  // namespace deepfog
