#pragma once

#include <functional>
#include <string>
#include <vector>

#include "comm/tagged_message.hpp"
#include "core/error.hpp"

/// What the scheduler knows of the work it gives out: tasks are numbers, and what they are and what they
/// yield are bytes that it passes on.
namespace deepfog {

/// One task: what it costs and what it waits for.
struct ScheduledTask {
  double cost = 0;           ///< in any unit, for the order of claims and the ETA
  std::vector<int> needs{};  ///< tasks before this one in the graph that must be done first
  int input = -1;            ///< the one of `needs` whose result a worker may have at hand; -1: none
  int group = -1;            ///< tasks of the same group are useless without each other; -1: of no group
};

/// What a failure says of the task that was being done. `rank`: nothing, the rank itself cannot go on.
/// `passing`: it may succeed another time (memory ran out). `lasting`: it fails whenever it is tried (a
/// training that diverges).
enum class TaskFailure : std::uint8_t { rank = 0, passing = 1, lasting = 2 };

/// What is to be done, on the rank that gives it out.
class TaskGraph {
 public:
  virtual ~TaskGraph() = default;
  virtual std::string describe(int task) const = 0;  ///< for the user

  /// What a worker needs to do a task. Throws Failure when an input cannot be read.
  /// @param input_at_hand  the worker has the result of ScheduledTask::input already
  virtual Bytes assignment(int task, bool input_at_hand) const = 0;
};

/// Where results go. When these return, a kill cannot lose what they were given.
class ResultSink {
 public:
  virtual ~ResultSink() = default;

  /// Throws Failure when the result does not fit the task or cannot be stored.
  virtual void store(int task, const Bytes& result) = 0;
  virtual void store_failure(int task, const std::string& reason, TaskFailure kind) = 0;
};

/// Reports the part of a task that is done, 0 to 1, and a note for the user; false: the task is to be
/// abandoned.
using ReportProgress = std::function<bool(double part, const std::string& note)>;

/// How tasks are done, in the thread of a worker.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  virtual void begin() {}  ///< once, in the thread that computes

  /// The result. A UserError means that this rank's files are not those that the work began with, and ends
  /// all of it; LastingFailure and any other exception cost this task.
  virtual Bytes run(int task, const Bytes& assignment, const ReportProgress& report) = 0;

  /// The task whose result this worker has at hand, see ScheduledTask::input; -1: none.
  virtual int at_hand() const { return -1; }
};

/// A task that fails however often it is repeated.
class LastingFailure : public Failure {
 public:
  using Failure::Failure;
};

/// Thrown by TaskRunner::run() when it was told to abandon its task.
struct Abandoned {};

}  // namespace deepfog
