#include "scheduler/worker.hpp"

#include <new>

#include "core/deadline.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

/// Libraries append a trace of calls to what they say.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

Worker::Worker(TaskRunner& runner) : runner_(runner), thread_([this] { live(); }) {}

Worker::~Worker() {
  stop();
  thread_.join();
}

void Worker::live() {
  try {
    runner_.begin();
    while (!stop_ && work_once()) {
    }
  } catch (const Abandoned&) {  // told to stop: the task is simply not done
  } catch (const std::exception& error) {
    say(protocol::Failed{task_, error.what(), TaskFailure::rank});
  } catch (...) {
    say(protocol::Failed{task_, "unknown exception", TaskFailure::rank});
  }
  say(protocol::Stopped{});
}

/// A task that fails ends nothing else. A UserError is different: this rank's files are not those that the
/// work began with.
bool Worker::work_once() {
  auto assignment = claim();
  if (!assignment) return false;
  task_ = assignment->task;
  const auto failed = [&](const std::string& text, TaskFailure kind) {
    say(protocol::Failed{assignment->task, first_line(text), kind});
  };
  try {
    carry_out(*assignment);
  } catch (const UserError&) {
    throw;
  } catch (const LastingFailure& error) {
    failed(error.what(), TaskFailure::lasting);
  } catch (const std::bad_alloc&) {
    failed("out of memory", TaskFailure::passing);
  } catch (const std::exception& error) {
    failed(error.what(), TaskFailure::passing);
  }
  task_ = -1;
  return true;
}

void Worker::carry_out(const protocol::Assignment& assignment) {
  std::optional<Stopwatch> since_last;
  const auto report = [&](double part, const std::string& note) {
    if (!since_last || since_last->seconds() > 0.2) {
      say(protocol::Progress{assignment.task, part, note});
      since_last.emplace();
    }
    return !stop_.load();
  };
  Bytes result = runner_.run(assignment.task, assignment.payload, report);
  say(protocol::Result{assignment.task, std::move(result)});
}

/// Nothing: stop.
std::optional<protocol::Assignment> Worker::claim() {
  say(protocol::Claim{runner_.at_hand()});
  while (!stop_) {
    const auto bytes = inbox_.take(Deadline::in(std::chrono::milliseconds(100)));
    if (!bytes) continue;
    protocol::Message message = protocol::decode(*bytes, "a message from rank 0");
    if (std::holds_alternative<protocol::Stop>(message)) return std::nullopt;
    if (auto* assignment = std::get_if<protocol::Assignment>(&message)) return std::move(*assignment);
    throw Failure("rank 0 sent a worker what only workers say");
  }
  return std::nullopt;
}

}  // namespace deepfog
