#include "campaign/coordinator.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace deepfog {

Coordinator::Coordinator(const CampaignSpec& spec, const Plan& plan, TaskQueue& task_queue,
                         RunStore& run_store, WorkerLink& worker_link, CoordinatorCalls calls,
                         const Timeouts& timeouts)
    : spec_(spec),
      plan_(plan),
      task_queue_(task_queue),
      run_store_(run_store),
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
  said::Word word = said::decode(envelope.bytes, "a message from " + name(envelope.worker));
  std::visit([&](auto& kind) { hear(envelope.worker, kind); }, word);
}

void Coordinator::hear(int worker, said::Claim& word) {
  peers_[static_cast<std::size_t>(worker)].parked = word;
  look_for_work_ = true;
}

const Task& Coordinator::claimed(int worker, int task) const {
  if (task_queue_.claimed_by(worker) != task) {
    throw Failure(name(worker) + " speaks of unit " + std::to_string(task) + ", which it has not claimed");
  }
  return plan_.tasks[static_cast<std::size_t>(task)];
}

void Coordinator::hear(int worker, said::Trained& word) {
  claimed(worker, word.task);
  run_store_.add_training(word.task, word.model);
  finished(worker, word.task);
}

void Coordinator::hear(int worker, said::Swept& word) {
  claimed(worker, word.task);
  run_store_.add_sweep(word.task, std::move(word.counts), word.seconds);
  finished(worker, word.task);
}

void Coordinator::hear(int worker, said::Bounded& word) {
  claimed(worker, word.task);
  run_store_.add_bounds(word.task, std::move(word.result), word.seconds);
  finished(worker, word.task);
}

void Coordinator::finished(int worker, int task) {
  task_queue_.complete(task, worker);
  finished(worker, task, "");
}

void Coordinator::finished(int worker, int task, const std::string& how) {
  peers_[static_cast<std::size_t>(worker)].part_done = 0;
  look_for_work_ = unsaved_ = true;
  show(describe(spec_, plan_.tasks[static_cast<std::size_t>(task)]) + (how.empty() ? "" : ", " + how));
  if (state_ == State::running && task_queue_.all_done()) stop(State::finished);
}

void Coordinator::hear(int worker, said::Epoch& word) {
  const Task& task = claimed(worker, word.task);
  const ModelSpec& model = spec_.experiments[static_cast<std::size_t>(task.key.experiment)]
                               .models[static_cast<std::size_t>(task.key.model)];
  const double part = static_cast<double>(word.epoch) / static_cast<double>(model.training.epochs);
  peers_[static_cast<std::size_t>(worker)].part_done = task.cost * std::clamp(part, 0.0, 1.0);
  show(describe(spec_, task) + ", epoch " + std::to_string(word.epoch) + " of " +
       std::to_string(model.training.epochs));
}

void Coordinator::hear(int worker, said::Failed& word) {
  if (word.kind != TaskFailure::rank) {
    const Task& task = claimed(worker, word.task);
    calls_.tell("FAILED: " + describe(spec_, task) + ": " + word.text);
    run_store_.add_failure(word.task, word.text, word.kind);
    task_queue_.fail(word.task, worker);
    return finished(worker, word.task, "failed");
  }
  const bool known = word.task >= 0 && word.task < task_queue_.tasks();
  fail(name(worker) +
       (known ? ", " + describe(spec_, plan_.tasks[static_cast<std::size_t>(word.task)]) : "") + ": " +
       word.text);
}

void Coordinator::hear(int worker, said::Signalled& word) {
  if (state_ != State::running) return;
  calls_.interrupted("signal " + std::to_string(word.signal) + " on " + name(worker));
  stop(State::interrupted);
}

void Coordinator::hear(int worker, said::Stopped&) {
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
    const auto task = task_queue_.claim(static_cast<int>(worker), peer.parked->held);
    if (!task) return;  // nothing is ready, for nobody
    assign(static_cast<int>(worker), *task);
  }
}

void Coordinator::assign(int worker, int task) {
  Peer& peer = peers_[static_cast<std::size_t>(worker)];
  said::Assignment assignment;
  assignment.task = task;
  assignment.what = plan_.tasks[static_cast<std::size_t>(task)];
  const RunKey weights = assignment.what.weights_key();
  const bool held = peer.parked->held && *peer.parked->held == weights;
  if (assignment.what.kind != TaskKind::training && !held) assignment.weights = run_store_.weights(weights);
  peer.parked.reset();
  worker_link_.send(worker, said::encode(assignment));
}

}  // namespace deepfog
