#pragma once

#include <string>
#include <vector>

#include "distributed/check.hpp"
#include "distributed/job.hpp"
#include "distributed/round_recorder.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// What all ranks know about the run before any rank can fail.
struct RunFacts {
  std::string key;      ///< of the round logs; a number derived from it is in every message
  std::string created;  ///< UTC
  std::string hosts;
  std::string mpi_library;
  int ranks = 1, groups = 1, cores = 0;
};

/// How a run ended, as stated in the results file.
enum class RunEnding { complete, last_node_died, interrupted };

/// Returns the verified contents of the results file, with VALID or the reasons against it.
/// @param check  findings of --check; null: not requested
Results assemble(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
                 RunEnding ending, const CheckOutcome* check);

}  // namespace deepfog
