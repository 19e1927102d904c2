#include "scheduler/task_queue.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace deepfog {

TaskQueue::TaskQueue(std::vector<ScheduledTask> tasks) {
  for (ScheduledTask& task : tasks) {
    for (const int needed : task.needs) {
      if (needed < 0 || needed >= static_cast<int>(tasks_.size()))
        throw Failure("task " + std::to_string(tasks_.size()) + " needs task " + std::to_string(needed) +
                      ", which does not stand before it");
    }
    cost_total_ += task.cost;
    tasks_.push_back({std::move(task), State::open, -1, 0});
  }
  for (auto entry = tasks_.rbegin(); entry != tasks_.rend(); ++entry) {
    entry->priority += entry->task.cost;  // what waits for it has added its own already
    for (const int needed : entry->task.needs) {
      double& waited_for = tasks_[static_cast<std::size_t>(needed)].priority;
      waited_for = std::max(waited_for, entry->priority);
    }
  }
  open_ = static_cast<int>(tasks_.size());
}

bool TaskQueue::ready(const Entry& entry) const {
  return entry.state == State::open && std::all_of(entry.task.needs.begin(), entry.task.needs.end(),
                                                   [this](int needed) { return done(needed); });
}

bool TaskQueue::before(const Entry& a, const Entry& b, int at_hand) {
  if (at_hand >= 0 && a.task.input >= 0 && b.task.input >= 0) {
    const bool a_held = a.task.input == at_hand, b_held = b.task.input == at_hand;
    if (a_held != b_held) return a_held;
  }
  return a.priority > b.priority;  // equals: the earlier in the graph, because it is met first
}

std::optional<int> TaskQueue::claim(int worker, int at_hand) {
  Entry* best = nullptr;
  for (Entry& entry : tasks_) {
    if (ready(entry) && (best == nullptr || before(entry, *best, at_hand))) best = &entry;
  }
  if (best == nullptr) return std::nullopt;
  best->state = State::claimed;
  best->worker = worker;
  --open_;
  ++claimed_;
  return static_cast<int>(best - tasks_.data());
}

void TaskQueue::finish(Entry& entry) {
  entry.state = State::done;
  entry.worker = -1;
  ++done_;
  cost_done_ += entry.task.cost;
}

TaskQueue::Entry& TaskQueue::claimed(int task, int worker) {
  if (task < 0 || task >= tasks())
    throw Failure("a result names task " + std::to_string(task) + ", which does not exist");
  Entry& entry = tasks_[static_cast<std::size_t>(task)];
  if (entry.state != State::claimed || entry.worker != worker) {
    throw Failure("worker " + std::to_string(worker) + " sent a result of task " + std::to_string(task) +
                  ", which it has not claimed");
  }
  return entry;
}

void TaskQueue::complete(int task, int worker) {
  Entry& entry = claimed(task, worker);
  --claimed_;
  finish(entry);
}

void TaskQueue::fail(int task, int worker) {
  Entry& entry = claimed(task, worker);
  --claimed_;
  ++open_;
  entry.state = State::open;
  entry.worker = -1;
  give_up(task);
}

void TaskQueue::mark_failed(int task) {
  if (state(task) == State::open) give_up(task);
}

void TaskQueue::give_up(Entry& entry) {
  if (entry.state != State::open) return;
  entry.state = State::given_up;
  --open_;
  ++given_up_;
  cost_done_ += entry.task.cost;
}

void TaskQueue::give_up(int task) {
  Entry& failed = tasks_.at(static_cast<std::size_t>(task));
  give_up(failed);
  for (Entry& entry : tasks_) {
    const bool of_group = failed.task.group >= 0 && entry.task.group == failed.task.group;
    // What it needs stands before it, so one pass finds whole chains.
    const bool in_vain = std::any_of(entry.task.needs.begin(), entry.task.needs.end(),
                                     [this](int needed) { return state(needed) == State::given_up; });
    if (of_group || in_vain) give_up(entry);
  }
}

void TaskQueue::mark_done(int task) {
  Entry& entry = tasks_.at(static_cast<std::size_t>(task));
  if (entry.state != State::open)
    throw Failure("task " + std::to_string(task) + " is done or claimed already");
  --open_;
  finish(entry);
}

std::vector<int> TaskQueue::release(int worker) {
  std::vector<int> released;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    Entry& entry = tasks_[i];
    if (entry.state != State::claimed || entry.worker != worker) continue;
    entry.state = State::open;
    entry.worker = -1;
    --claimed_;
    ++open_;
    released.push_back(static_cast<int>(i));
  }
  return released;
}

std::optional<int> TaskQueue::claimed_by(int worker) const {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].state == State::claimed && tasks_[i].worker == worker) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace deepfog
