#include "campaign/task_queue.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace deepfog {

TaskQueue::TaskQueue(const Plan& plan) {
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    Entry entry;
    entry.task = plan.tasks[i];
    entry.training = plan.training_of(static_cast<int>(i));
    entry.priority = entry.task.cost;
    tasks_.push_back(entry);
    cost_total_ += entry.task.cost;
    if (entry.task.kind != TaskKind::training) {
      Entry& training = tasks_[static_cast<std::size_t>(entry.training)];
      training.priority = std::max(training.priority, training.task.cost + entry.task.cost);
    }
  }
  open_ = static_cast<int>(tasks_.size());
}

bool TaskQueue::ready(const Entry& entry) const {
  return entry.state == State::open &&
         (entry.task.kind == TaskKind::training || state(entry.training) == State::done);
}

bool TaskQueue::before(const Entry& a, const Entry& b, const std::optional<RunKey>& held) {
  if (held && a.task.kind != TaskKind::training && b.task.kind != TaskKind::training) {
    const bool a_held = a.task.weights_key() == *held, b_held = b.task.weights_key() == *held;
    if (a_held != b_held) return a_held;
  }
  return a.priority > b.priority;  // equals: the earlier in the plan, because it is met first
}

std::optional<int> TaskQueue::claim(int worker, const std::optional<RunKey>& held) {
  Entry* best = nullptr;
  for (Entry& entry : tasks_) {
    if (ready(entry) && (best == nullptr || before(entry, *best, held))) best = &entry;
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
    throw Failure("a result names unit " + std::to_string(task) + ", which does not exist");
  Entry& entry = tasks_[static_cast<std::size_t>(task)];
  if (entry.state != State::claimed || entry.worker != worker) {
    throw Failure("worker " + std::to_string(worker) + " sent a result of unit " + std::to_string(task) +
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

void TaskQueue::give_up(int task) {
  const Task failed = tasks_.at(static_cast<std::size_t>(task)).task;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    Entry& entry = tasks_[i];
    const bool useless = static_cast<int>(i) == task ||
                         (failed.kind == TaskKind::training
                              ? entry.training == task
                              : entry.task.kind != TaskKind::training && entry.task.key == failed.key);
    if (!useless || entry.state != State::open) continue;
    entry.state = State::given_up;
    --open_;
    ++given_up_;
    cost_done_ += entry.task.cost;
  }
}

void TaskQueue::mark_done(int task) {
  Entry& entry = tasks_.at(static_cast<std::size_t>(task));
  if (entry.state != State::open)
    throw Failure("unit " + std::to_string(task) + " is done or claimed already");
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
