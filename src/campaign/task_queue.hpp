#pragma once

#include <optional>
#include <vector>

#include "campaign/plan.hpp"
#include "campaign/task.hpp"

namespace deepfog {

/// Who does what: every task is open, claimed by one worker, done, or given up because it, or one that it
/// waits for, has failed. Knows no messages and no files.
/// Longest work first, counting what waits for it; among sweeps, those of the run whose weights the claimer
/// holds.
class TaskQueue {
 public:
  explicit TaskQueue(const Plan& plan);

  /// The next task for a worker, claimed in its name; nothing when none is ready (all claimed, done or
  /// waiting for a training). A sweep is ready once the training of its run is done.
  std::optional<int> claim(int worker, const std::optional<RunKey>& held);

  /// A task claimed by this worker is done. Throws Failure when it was not claimed by it.
  void complete(int task, int worker);

  /// A task that an earlier session finished.
  void mark_done(int task);

  /// A task claimed by this worker has failed: gives it up, and with it what is useless without it, the open
  /// sweeps of its run and after a training those of every model on its weights. Throws as complete().
  void fail(int task, int worker);

  /// The same of an open task that an earlier session has seen fail.
  void mark_failed(int task);

  /// Opens again what a worker had claimed (it stopped or was lost); returns these tasks.
  std::vector<int> release(int worker);

  bool all_done() const { return open_ + claimed_ == 0; }
  bool done(int task) const { return state(task) == State::done; }
  bool settled(int task) const { return done(task) || state(task) == State::given_up; }
  std::optional<int> claimed_by(int worker) const;  ///< the task a worker is at
  int tasks_done() const { return done_; }
  int tasks_given_up() const { return given_up_; }
  int tasks() const { return static_cast<int>(tasks_.size()); }
  double cost_done() const { return cost_done_; }  ///< what is given up need not be done any more
  double cost_total() const { return cost_total_; }

 private:
  enum class State { open, claimed, done, given_up };
  struct Entry {
    Task task;
    State state = State::open;
    int worker = -1;
    int training = 0;     ///< task that must be done first; itself for a training
    double priority = 0;  ///< cost of the longest chain that begins here
  };
  State state(int task) const { return tasks_.at(static_cast<std::size_t>(task)).state; }
  bool ready(const Entry& entry) const;
  static bool before(const Entry& a, const Entry& b, const std::optional<RunKey>& held);
  void finish(Entry& entry);
  Entry& claimed(int task, int worker);
  void give_up(int task);

  std::vector<Entry> tasks_;
  int open_ = 0, claimed_ = 0, done_ = 0, given_up_ = 0;
  double cost_done_ = 0, cost_total_ = 0;
};

}  // namespace deepfog
