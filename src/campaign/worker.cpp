#include "campaign/worker.hpp"

#include <new>

#include "core/error.hpp"
#include "training/diverged.hpp"

namespace deepfog {
namespace {

/// Libraries append a trace of calls to what they say.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

Worker::Worker(Work& work) : work_(work), thread_([this] { live(); }) {}

Worker::~Worker() {
  stop();
  thread_.join();
}

void Worker::live() {
  try {
    work_.begin();
    while (!stop_ && work_once()) {
    }
  } catch (const Interrupted&) {  // told to stop: the task is simply not done
  } catch (const std::exception& error) {
    say(said::Failed{task_, error.what(), TaskFailure::rank});
  } catch (...) {
    say(said::Failed{task_, "unknown exception", TaskFailure::rank});
  }
  say(said::Stopped{});
}

/// A task that fails costs its own run and no other. A UserError is different: this rank's files are not
/// those that the campaign began with.
bool Worker::work_once() {
  auto assignment = claim();
  if (!assignment) return false;
  task_ = assignment->task;
  const auto failed = [&](const std::string& text, TaskFailure kind) {
    say(said::Failed{assignment->task, first_line(text), kind});
  };
  try {
    carry_out(*assignment);
  } catch (const UserError&) {
    throw;
  } catch (const Diverged& error) {
    failed(error.what(), TaskFailure::lasting);
  } catch (const std::bad_alloc&) {
    failed("out of memory", TaskFailure::passing);
  } catch (const std::exception& error) {
    failed(error.what(), TaskFailure::passing);
  }
  task_ = -1;
  return true;
}

void Worker::carry_out(said::Assignment& assignment) {
  if (assignment.what.kind == TaskKind::training) return train(assignment);
  if (assignment.weights) {
    weights_ = std::move(*assignment.weights);
    held_ = assignment.what.weights_key();
  }
  assignment.what.kind == TaskKind::bounds ? bound(assignment) : sweep(assignment);
}

/// Nothing: stop.
std::optional<said::Assignment> Worker::claim() {
  say(said::Claim{held_});
  while (!stop_) {
    const auto bytes = inbox_.take(Deadline::in(std::chrono::milliseconds(100)));
    if (!bytes) continue;
    said::Word word = said::decode(*bytes, "a message from rank 0");
    if (std::holds_alternative<said::Stop>(word)) return std::nullopt;
    if (auto* assignment = std::get_if<said::Assignment>(&word)) return std::move(*assignment);
    throw Failure("rank 0 sent a worker what only workers say");
  }
  return std::nullopt;
}

void Worker::train(const said::Assignment& assignment) {
  std::optional<Stopwatch> since_last;
  const auto after_epoch = [&](std::int64_t epoch, double loss, double validation_accuracy) {
    if (!since_last || since_last->seconds() > 0.2) {
      say(said::Epoch{assignment.task, epoch, loss, validation_accuracy});
      since_last.emplace();
    }
    return !stop_.load();
  };
  TrainedModel model = work_.train(assignment.what, after_epoch);
  held_ = assignment.what.key;
  weights_ = model.weights;
  say(said::Trained{assignment.task, std::move(model)});
}

void Worker::sweep(const said::Assignment& assignment) {
  if (!held_ || !(*held_ == assignment.what.weights_key()))
    throw Failure("a sweep was assigned without its weights");
  const Stopwatch watch;
  SweepCounts counts = work_.sweep(assignment.what, weights_);
  say(said::Swept{assignment.task, std::move(counts), watch.seconds()});
}

void Worker::bound(const said::Assignment& assignment) {
  if (!held_ || !(*held_ == assignment.what.weights_key()))
    throw Failure("bounds were assigned without their weights");
  const Stopwatch watch;
  LargeDiagramResult result = work_.bound(assignment.what, weights_);
  say(said::Bounded{assignment.task, std::move(result), watch.seconds()});
}

}  // namespace deepfog
