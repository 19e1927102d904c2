#pragma once

#include <string>
#include <vector>

#include "distributed/check.hpp"
#include "distributed/job.hpp"
#include "distributed/round_recorder.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// What all ranks know of the run before anybody can fail.
struct RunFacts {
  std::string key;      ///< of the round logs; its number is in every message
  std::string created;  ///< UTC
  std::string hosts;
  std::string mpi_library;
  int ranks = 1, groups = 1, cores = 0;
};

/// How a run ended, as the results file says it.
enum class RunEnding { complete, last_node_died, interrupted };

/// The results file's content, verified: VALID or why not is in it.
/// @param check  what --check found; null: not asked for
Results assemble(const Job& job, const RunFacts& facts, const std::vector<GroupRecords>& groups,
                 RunEnding ending, const CheckOutcome* check);

}  // namespace deepfog
