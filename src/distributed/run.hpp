#pragma once

#include <functional>
#include <string>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "distributed/run_results.hpp"

namespace deepfog {

/// What a rank is told by the program around it.
struct RunHooks {
  std::function<void(std::int64_t done, std::int64_t planned)> progress;  ///< on the round driver of group 0
  std::function<bool()> interrupted;                                      ///< a signal has come
  std::function<void()> begun;  ///< all ranks are ready: from here on every wait has its deadline
};

/// What became of a run, as one rank knows it.
struct RunOutcome {
  bool clean = false;   ///< nobody died: MPI may be finalised; otherwise leave_without_finalize()
  bool wrote = false;   ///< this rank wrote the results file and tells of it
  std::string notice;   ///< something the user has to know, said by the rank that wrote
  std::string refusal;  ///< why there was no run, the same on every rank; empty: there was one
  Results results;      ///< where it wrote
  ExitCode code = ExitCode::good;
};

/// One rank's part of a distributed run, from the first ping-pong to the results file. Collective at the
/// start; afterwards any rank may die, and nobody waits for it longer than its deadlines say. The round
/// driver of group 0 writes the file; where it died, the first of its group to notice does; where all of
/// group 0 died, another group's round driver.
RunOutcome run_distributed(const Communicator& world, const Job& job, const RunHooks& hooks);

/// "5 ranks, but a group is 4 (e1, f2, f1, cloud)": what is wrong with the number of ranks; empty: nothing.
std::string rank_problem(const Topology& topology, int ranks);

}  // namespace deepfog
