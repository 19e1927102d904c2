#pragma once

#include <string>
#include <vector>

#include "distributed/job.hpp"
#include "distributed/round_recorder.hpp"

namespace deepfog {

/// What --check found: every answer against the simulated network in this one process.
struct CheckOutcome {
  std::int64_t rounds = 0;           ///< looked at
  std::int64_t unlike_messages = 0;  ///< rounds that are not the network's answer to the messages used
  std::int64_t unlike_plan =
      0;  ///< rounds of a settled phase that are not forward(inputs, combination), though nobody was missing
  std::int64_t off_plan = 0;  ///< rounds of a settled phase that a node missed that should have been there
  std::string first;          ///< the first of them, in words
};

/// Same batches as the run: predictions must be equal, not nearly so.
CheckOutcome check_answers(const Job& job, const std::vector<GroupRecords>& groups);

}  // namespace deepfog
