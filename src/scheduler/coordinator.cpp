#include "scheduler/coordinator.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace deepfog {

Coordinator::Coordinator(const TaskGraph& graph, ResultSink& sink, TaskQueue& task_queue,
                         WorkerLink& worker_link, CoordinatorCalls calls, const Timeouts& timeouts)
    : graph_(graph),
      sink_(sink),
      task_queue_(task_queue),
      worker_link_(worker_link),
      calls_(std::move(calls)),
      timeouts_(timeouts),
      peers_(static_cast<std::size_t>(worker_link.workers())) {}

Ending Coordinator::run() {
  show("starting");
  while (!all_stopped()) {
    const auto envelope = worker_link_.next(Deadline::in(std::chrono::milliseconds(20)));
    try {
      if (envelope) handle(*envelope);
      if (look_for_work_) serve_parked();  // before the next envelope: with many ranks there always is one
      look_after();
    } catch (const std::exception& error) {
      fail(error.what());
    }
  }
  if (state_ == State::failed) throw Failure(failure_);
  return state_ == State::finished ? Ending::finished : Ending::interrupted;
}

void Coordinator::handle(const Envelope& envelope) {
  Peer& peer = peers_.at(static_cast<std::size_t>(envelope.worker));
  peer.silence.heard();
  protocol::Message message = protocol::decode(envelope.bytes, "a message from " + name(envelope.worker));
  std::visit([&](auto& kind) { hear(envelope.worker, kind); }, message);
}

void Coordinator::hear(int worker, protocol::Claim& message) {
  peers_[static_cast<std::size_t>(worker)].parked = message;
  look_for_work_ = true;
}

void Coordinator::demand_claimed(int worker, int task) const {
  if (task_queue_.claimed_by(worker) != task) {
    throw Failure(name(worker) + " speaks of task " + std::to_string(task) + ", which it has not claimed");
  }
}

void Coordinator::hear(int worker, protocol::Result& message) {
  demand_claimed(worker, message.task);
  sink_.store(message.task, message.payload);
  task_queue_.complete(message.task, worker);
  finished(worker, message.task, "");
}

void Coordinator::finished(int worker, int task, const std::string& how) {
  peers_[static_cast<std::size_t>(worker)].part_done = 0;
  look_for_work_ = unsaved_ = true;
  show(graph_.describe(task) + (how.empty() ? "" : ", " + how));
  if (state_ == State::running && task_queue_.all_done()) stop(State::finished);
}

void Coordinator::hear(int worker, protocol::Progress& message) {
  demand_claimed(worker, message.task);
  peers_[static_cast<std::size_t>(worker)].part_done =
      task_queue_.cost(message.task) * std::clamp(message.part, 0.0, 1.0);
  show(graph_.describe(message.task) + (message.note.empty() ? "" : ", " + message.note));
}

void Coordinator::hear(int worker, protocol::Failed& message) {
  if (message.kind != TaskFailure::rank) {
    demand_claimed(worker, message.task);
    calls_.tell("FAILED: " + graph_.describe(message.task) + ": " + message.text);
    sink_.store_failure(message.task, message.text, message.kind);
    task_queue_.fail(message.task, worker);
    return finished(worker, message.task, "failed");
  }
  const bool known = message.task >= 0 && message.task < task_queue_.tasks();
  fail(name(worker) + (known ? ", " + graph_.describe(message.task) : "") + ": " + message.text);
}

void Coordinator::hear(int worker, protocol::Signalled& message) {
  if (state_ != State::running) return;
  calls_.interrupted("signal " + std::to_string(message.signal) + " on " + name(worker));
  stop(State::interrupted);
}

void Coordinator::hear(int worker, protocol::Stopped&) {
  peers_[static_cast<std::size_t>(worker)].stopped = true;
  task_queue_.release(worker);
  if (state_ == State::running) fail(name(worker) + " stopped before the work was done");
}

template <class Other>
void Coordinator::hear(int worker, Other&) {
  throw Failure(name(worker) + " said what only rank 0 says");
}

void Coordinator::serve_parked() {
  look_for_work_ = false;
  if (state_ != State::running) return;
  for (std::size_t worker = 0; worker < peers_.size(); ++worker) {
    Peer& peer = peers_[worker];
    if (!peer.parked) continue;
    const auto task = task_queue_.claim(static_cast<int>(worker), peer.parked->at_hand);
    if (!task) return;  // nothing is ready, for nobody
    assign(static_cast<int>(worker), *task);
  }
}

void Coordinator::assign(int worker, int task) {
  Peer& peer = peers_[static_cast<std::size_t>(worker)];
  const int input = task_queue_.input(task);
  const bool at_hand = input >= 0 && peer.parked->at_hand == input;
  const Bytes assignment = protocol::encode(protocol::Assignment{task, graph_.assignment(task, at_hand)});
  peer.parked.reset();
  worker_link_.send(worker, assignment);
}

}  // namespace deepfog
