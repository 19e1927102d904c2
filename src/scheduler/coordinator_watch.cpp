#include <algorithm>

#include "scheduler/coordinator.hpp"

namespace deepfog {

/// Between messages: signals, signs of life, the results file, those who do not stop.
void Coordinator::look_after() {
  if (state_ == State::running && calls_.signal() != 0) {
    calls_.interrupted("signal " + std::to_string(calls_.signal()));
    stop(State::interrupted);
  }
  if (state_ == State::running && task_queue_.all_done()) stop(State::finished);
  if (since_beat_.seconds() > timeouts_.beat_s) {
    since_beat_ = Stopwatch();
    for (std::size_t worker = 1; worker < peers_.size(); ++worker) {
      if (!peers_[worker].stopped)
        worker_link_.send(static_cast<int>(worker), protocol::encode(protocol::Alive{}));
    }
  }
  watch_peers();
  snapshot_when_due();
}

/// Worker 0 is a thread of this process: it computes in silence and cannot be lost alone.
void Coordinator::watch_peers() {
  for (std::size_t worker = 1; worker < peers_.size(); ++worker) {
    Peer& peer = peers_[worker];
    if (peer.stopped || peer.silence.seconds() < timeouts_.silence_s || state_ != State::running) continue;
    const auto task = task_queue_.claimed_by(static_cast<int>(worker));
    fail(name(static_cast<int>(worker)) + " is lost" + (task ? ", " + graph_.describe(*task) : ""));
  }
  if (state_ == State::running || since_stop_.seconds() < timeouts_.stopping_s) return;
  if (state_ == State::failed) calls_.tell(failure_);
  if (unsaved_) calls_.snapshot(state_ == State::interrupted);
  calls_.give_up(state_ == State::failed);
}

void Coordinator::snapshot_when_due() {
  // A large file takes its time: at most a twentieth of it all.
  if (!unsaved_ || state_ != State::running) return;
  if (since_snapshot_.seconds() < std::max(timeouts_.snapshot_s, 20 * snapshot_cost_s_)) return;
  const Stopwatch watch;
  calls_.snapshot(false);
  snapshot_cost_s_ = watch.seconds();
  since_snapshot_ = Stopwatch();
  unsaved_ = false;
}

void Coordinator::show(const std::string& note) {
  double cost = task_queue_.cost_done();
  for (const Peer& peer : peers_) cost += peer.part_done;
  calls_.progress(cost, std::to_string(task_queue_.tasks_done()) + " of " +
                            std::to_string(task_queue_.tasks()) + " tasks; " + note);
}

void Coordinator::stop(State why) {
  if (state_ != State::running) return;
  state_ = why;
  since_stop_ = Stopwatch();
  // Before anything else: after TERM there may be a second left.
  if (why != State::finished) {
    calls_.snapshot(why == State::interrupted);
    unsaved_ = false;
  }
  for (std::size_t worker = 0; worker < peers_.size(); ++worker) {
    if (!peers_[worker].stopped) worker_link_.stop(static_cast<int>(worker));
  }
}

/// The first failure is the one that the work ends with.
void Coordinator::fail(const std::string& text) {
  if (!failure_.empty() || state_ == State::interrupted) {
    calls_.tell(text);
    return;
  }
  failure_ = text;
  if (state_ == State::finished) {
    state_ = State::failed;
    return;
  }
  stop(State::failed);
}

bool Coordinator::all_stopped() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.stopped; });
}

}  // namespace deepfog
