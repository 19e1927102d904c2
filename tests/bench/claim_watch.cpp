#include "claim_watch.hpp"

#include <algorithm>
#include <variant>

#include "campaign/task_payload.hpp"
#include "timing.hpp"

namespace deepfog::bench {

WatchedWorkerLink::WatchedWorkerLink(WorkerLink& inner, const Plan& plan, ClaimWatch& watch)
    : inner_(inner), watch_(watch), sweeps_of_(plan.tasks.size()) {
  for (int task = 0; task < static_cast<int>(plan.tasks.size()); ++task) {
    const int training = plan.training_of(task);
    training_of_.push_back(training);
    if (training == task) {
      ready_.insert(task);
    } else {
      sweeps_of_[static_cast<std::size_t>(training)].push_back(task);
    }
  }
}

void WatchedWorkerLink::end(Waiting& waiting) {
  if (!waiting.since) return;
  const double seconds = waiting.since->seconds();
  watch_.waiting_rank_seconds += seconds;
  watch_.longest_wait_s = std::max(watch_.longest_wait_s, seconds);
  watch_.longest_wait_turns = std::max(watch_.longest_wait_turns, waiting.turns);
  waiting.since.reset();
}

void WatchedWorkerLink::end_turn() {
  if (about_ != nullptr) {
    about_->seconds += turn_.seconds();
    about_->cpu_seconds += thread_seconds() - turn_cpu_;
    ++about_->turns;
    about_ = nullptr;
  }
  std::size_t tasks = ready_.size();  // one for each who waits, as far as they go
  for (auto& [rank, waiting] : waiting_) {
    if (tasks == 0) {
      end(waiting);
      continue;
    }
    --tasks;
    ++waiting.turns;
    if (!waiting.since) waiting.since.emplace();
  }
}

std::optional<Envelope> WatchedWorkerLink::next(const Deadline& deadline) {
  end_turn();
  auto envelope = inner_.next(deadline);
  if (envelope) hear(*envelope);
  turn_ = Stopwatch();
  turn_cpu_ = thread_seconds();
  return envelope;
}

void WatchedWorkerLink::hear(const Envelope& envelope) {
  const protocol::Message message = protocol::decode(envelope.bytes, "a rank");
  about_ = &watch_.others;
  int done = -1;
  if (std::holds_alternative<protocol::Claim>(message)) {
    about_ = &watch_.claimed;
    waiting_[envelope.worker] = {};
  } else if (const auto* result = std::get_if<protocol::Result>(&message)) {
    done = result->task;
    const bool trained = training_of_.at(static_cast<std::size_t>(done)) == done;
    about_ = trained ? &watch_.trainings : &watch_.sweeps;
    if (!trained) watch_.sweep_bytes += static_cast<std::int64_t>(envelope.bytes.size());
  }
  if (done < 0) return;
  const auto& sweeps = sweeps_of_.at(static_cast<std::size_t>(done));
  ready_.insert(sweeps.begin(), sweeps.end());
}

void WatchedWorkerLink::send(int worker, Bytes bytes) {
  const auto waiting = waiting_.find(worker);
  if (waiting != waiting_.end()) {
    const protocol::Message message = protocol::decode(bytes, "the coordinator");
    if (const auto* assignment = std::get_if<protocol::Assignment>(&message)) {
      const bool weights =
          payload::decode_assignment(assignment->payload, "the coordinator").weights.has_value();
      about_ = weights ? &watch_.claimed_with_weights : &watch_.claimed;
      ready_.erase(assignment->task);
      watch_.late_claims += waiting->second.turns > 1;
      ++watch_.claims;
      end(waiting->second);
      waiting_.erase(waiting);
    }
  }
  inner_.send(worker, std::move(bytes));
}

}  // namespace deepfog::bench
