#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "campaign/plan.hpp"
#include "core/deadline.hpp"
#include "scheduler/worker_link.hpp"

namespace deepfog::bench {

/// How the coordinator dealt with claims. A turn of the coordinator ends where it asks for the next envelope.
struct ClaimWatch {
  std::int64_t claims = 0;              ///< units given out
  double waiting_rank_seconds = 0;      ///< of ranks that waited at the end of a turn while a unit was ready
  double longest_wait_s = 0;            ///< one such wait
  std::int64_t longest_wait_turns = 0;  ///< 1: given out in the turn after both were there
  std::int64_t late_claims = 0;         ///< that took more turns

  /// Turns by what they were about. On a crowded machine believe the processor time.
  struct Kind {
    double seconds = 0, cpu_seconds = 0;
    std::int64_t turns = 0;
    double us() const { return turns > 0 ? 1e6 * seconds / double(turns) : 0; }
    double cpu_us() const { return turns > 0 ? 1e6 * cpu_seconds / double(turns) : 0; }
  };
  Kind trainings, sweeps, claimed, claimed_with_weights, others;
  std::int64_t sweep_bytes = 0;  ///< of the results of sweeps
};

/// Stands between the coordinator and its worker link and keeps a book of its own: who waits for a unit,
/// which units are ready and given to nobody, and how long both was so.
class WatchedWorkerLink : public WorkerLink {
 public:
  WatchedWorkerLink(WorkerLink& inner, const Plan& plan, ClaimWatch& watch);
  int workers() const override { return inner_.workers(); }
  void send(int worker, Bytes bytes) override;
  void stop(int worker) override { inner_.stop(worker); }
  std::optional<Envelope> next(const Deadline& deadline) override;

 private:
  struct Waiting {
    std::int64_t turns = 0;  ///< at whose end a unit was ready
    std::optional<Stopwatch> since;
  };
  void end_turn();
  void end(Waiting& waiting);
  void hear(const Envelope& envelope);

  WorkerLink& inner_;
  ClaimWatch& watch_;
  std::vector<std::vector<int>> sweeps_of_;  ///< by training
  std::vector<int> training_of_;             ///< by task
  std::map<int, Waiting> waiting_;           ///< by rank
  std::set<int> ready_;                      ///< units that nobody has
  ClaimWatch::Kind* about_ = nullptr;        ///< this turn
  Stopwatch turn_;
  double turn_cpu_ = 0;
};

}  // namespace deepfog::bench
