// The scheduler with work that is no experiment: sums of what earlier tasks have yielded.

#include "scheduler/coordinator.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <numeric>

#include "comm/backoff.hpp"
#include "core/codec.hpp"
#include "scheduler/worker.hpp"

namespace deepfog {
namespace {

Bytes bytes_of(std::int64_t value) {
  Encoder to;
  to.put(value);
  return to.take();
}

std::int64_t value_of(const Bytes& bytes) {
  Decoder from(bytes, "test");
  const auto value = from.get<std::int64_t>();
  from.finish();
  return value;
}

/// Task i yields 1 and what its needs have yielded.
class Sums : public TaskGraph, public ResultSink {
 public:
  explicit Sums(std::vector<ScheduledTask> tasks) : tasks_(std::move(tasks)) {}
  std::string describe(int task) const override { return "sum " + std::to_string(task); }
  Bytes assignment(int task, bool) const override {
    std::int64_t sum = 0;
    for (const int needed : tasks_.at(static_cast<std::size_t>(task)).needs) sum += results.at(needed);
    return bytes_of(sum);
  }
  void store(int task, const Bytes& result) override {
    EXPECT_TRUE(results.emplace(task, value_of(result)).second) << "task " << task << " is done twice";
  }
  void store_failure(int task, const std::string& reason, TaskFailure kind) override {
    failures[task] = {reason, kind};
  }
  std::map<int, std::int64_t> results;
  std::map<int, std::pair<std::string, TaskFailure>> failures;

 private:
  std::vector<ScheduledTask> tasks_;
};

class Adder : public TaskRunner {
 public:
  Bytes run(int task, const Bytes& assignment, const ReportProgress& report) override {
    if (!report(0.5, "half")) throw Abandoned();
    if (task == failing) throw LastingFailure("too large");
    return bytes_of(value_of(assignment) + 1);
  }
  int failing = -1;
};

/// Workers that are threads of this process.
class Threads : public WorkerLink {
 public:
  Threads(Adder& adder, int workers) {
    for (int i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>(adder));
  }
  int workers() const override { return static_cast<int>(workers_.size()); }
  void send(int worker, Bytes bytes) override {
    if (!protocol::is<protocol::Alive>(bytes, "test")) of(worker).inbox().put(std::move(bytes));
  }
  void stop(int worker) override {
    of(worker).stop();
    send(worker, protocol::encode(protocol::Stop{}));
  }
  std::optional<Envelope> next(const Deadline& deadline) override {
    Backoff backoff;
    do {
      for (int i = 0; i < workers(); ++i) {
        if (auto bytes = of(i).outbox().take(Deadline::in(std::chrono::nanoseconds(0))))
          return Envelope{i, std::move(*bytes)};
      }
      backoff.pause();
    } while (!deadline.passed());
    return std::nullopt;
  }

 private:
  Worker& of(int worker) { return *workers_.at(static_cast<std::size_t>(worker)); }
  std::vector<std::unique_ptr<Worker>> workers_;
};

CoordinatorCalls quiet_calls(std::string& notes) {
  CoordinatorCalls calls;
  calls.signal = [] { return 0; };
  calls.snapshot = [](bool) {};
  calls.progress = [&notes](double, const std::string& note) { notes += note + "\n"; };
  calls.tell = calls.interrupted = [](const std::string&) {};
  calls.give_up = [](bool) { throw Failure("workers do not stop"); };
  return calls;
}

/// Two ways from the first task to the last: 0 <- 1, 2 <- 3 <- 4.
std::vector<ScheduledTask> diamond() {
  return {{1}, {1, {0}, 0}, {1, {0}, 0}, {1, {1, 2}, 2}, {1, {3}, 3}};
}

class CoordinatorOfSums : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, CoordinatorOfSums, testing::Values(1, 2, 5));

TEST_P(CoordinatorOfSums, GivesEachTaskWhatItsNeedsHaveYielded) {
  Sums sums(diamond());
  TaskQueue task_queue(diamond());
  Adder adder;
  std::string notes;
  Threads workers(adder, GetParam());
  Coordinator coordinator(sums, sums, task_queue, workers, quiet_calls(notes), Timeouts{});
  EXPECT_EQ(coordinator.run(), Ending::finished);
  EXPECT_EQ(sums.results, (std::map<int, std::int64_t>{{0, 1}, {1, 2}, {2, 2}, {3, 5}, {4, 6}}));
  EXPECT_NE(notes.find("sum 3, half"), std::string::npos) << notes;
}

TEST_P(CoordinatorOfSums, AFailureIsStoredAndWhatNeedsItIsLeftOut) {
  Sums sums(diamond());
  TaskQueue task_queue(diamond());
  Adder adder;
  adder.failing = 3;
  std::string notes;
  Threads workers(adder, GetParam());
  Coordinator coordinator(sums, sums, task_queue, workers, quiet_calls(notes), Timeouts{});
  EXPECT_EQ(coordinator.run(), Ending::finished);
  EXPECT_EQ(sums.results.size(), 3U);
  ASSERT_EQ(sums.failures.size(), 1U);
  EXPECT_EQ(sums.failures.at(3), (std::pair<std::string, TaskFailure>{"too large", TaskFailure::lasting}));
  EXPECT_EQ(task_queue.tasks_given_up(), 2);
}

}  // namespace
}  // namespace deepfog
