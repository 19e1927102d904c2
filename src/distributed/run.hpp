#pragma once

#include <functional>
#include <string>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "distributed/run_results.hpp"

namespace deepfog {

/// Callbacks of the surrounding program, per rank.
struct RunHooks {
  std::function<void(std::int64_t done, std::int64_t planned)>
      progress;                       ///< called on the round driver of group 0
  std::function<bool()> interrupted;  ///< whether a signal has arrived
  std::function<void()> begun;  ///< called when all ranks are ready: from then on every wait has its deadline
};

/// The outcome of a run, as far as one rank knows it.
struct RunOutcome {
  bool clean = false;   ///< nobody died: MPI may be finalised; otherwise call leave_without_finalize()
  bool wrote = false;   ///< this rank wrote the results file and reports it
  std::string notice;   ///< a message for the user, printed by the rank that wrote
  std::string refusal;  ///< why there was no run, the same on every rank; empty: there was one
  Results results;      ///< filled if this rank wrote them
  ExitCode code = ExitCode::good;
};

/// One rank's part of a distributed run, from the first ping-pong to the results file. It is collective at
/// the start; afterwards any rank may die, and no other rank waits for it beyond its deadlines. The round
/// driver of group 0 writes the file. If it died, the first rank of its group to notice writes the file; if
/// all of group 0 died, the round driver of another group does.
RunOutcome run_distributed(const Communicator& world, const Job& job, const RunHooks& hooks);

/// Describes a wrong number of ranks: "5 ranks, but a group is 4 (e1, f2, f1, cloud)"; empty if it is right.
std::string rank_problem(const Topology& topology, int ranks);

}  // namespace deepfog
