#pragma once

#include <optional>
#include <vector>

#include "scheduler/task_graph.hpp"

namespace deepfog {

/// Who does what: every task is open, claimed by one worker, done, or given up because it, or one that it
/// waits for, has failed. Knows no messages and no files.
/// Longest work first, counting what waits for it; among tasks with an input, those whose input the claimer
/// has at hand.
class TaskQueue {
 public:
  /// Throws Failure when a task needs one that does not stand before it.
  explicit TaskQueue(std::vector<ScheduledTask> tasks);

  /// The next task for a worker, claimed in its name; nothing when none is ready (all claimed, done or
  /// waiting for others).
  /// @param at_hand  the task whose result the worker has, -1: none
  std::optional<int> claim(int worker, int at_hand = -1);

  /// A task claimed by this worker is done. Throws Failure when it was not claimed by it.
  void complete(int task, int worker);

  /// A task that an earlier session finished.
  void mark_done(int task);

  /// A task claimed by this worker has failed: gives it up, and with it what is useless without it, the open
  /// tasks of its group and all that wait for one of these. Throws as complete().
  void fail(int task, int worker);

  /// The same of an open task that an earlier session has seen fail.
  void mark_failed(int task);

  /// Opens again what a worker had claimed (it stopped or was lost); returns these tasks.
  std::vector<int> release(int worker);

  bool all_done() const { return open_ + claimed_ == 0; }
  bool done(int task) const { return state(task) == State::done; }
  bool settled(int task) const { return done(task) || state(task) == State::given_up; }
  std::optional<int> claimed_by(int worker) const;  ///< the task a worker is at
  double cost(int task) const { return tasks_.at(static_cast<std::size_t>(task)).task.cost; }
  int input(int task) const { return tasks_.at(static_cast<std::size_t>(task)).task.input; }
  int tasks_done() const { return done_; }
  int tasks_given_up() const { return given_up_; }
  int tasks() const { return static_cast<int>(tasks_.size()); }
  double cost_done() const { return cost_done_; }  ///< what is given up need not be done any more
  double cost_total() const { return cost_total_; }

 private:
  enum class State { open, claimed, done, given_up };
  struct Entry {
    ScheduledTask task;
    State state = State::open;
    int worker = -1;
    double priority = 0;  ///< cost of the longest chain that begins here
  };
  State state(int task) const { return tasks_.at(static_cast<std::size_t>(task)).state; }
  bool ready(const Entry& entry) const;
  static bool before(const Entry& a, const Entry& b, int at_hand);
  void finish(Entry& entry);
  Entry& claimed(int task, int worker);
  void give_up(int task);
  void give_up(Entry& entry);

  std::vector<Entry> tasks_;
  int open_ = 0, claimed_ = 0, done_ = 0, given_up_ = 0;
  double cost_done_ = 0, cost_total_ = 0;
};

}  // namespace deepfog
