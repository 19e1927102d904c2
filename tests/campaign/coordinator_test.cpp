#include "scheduler/coordinator.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <new>
#include <set>

#include "campaign/campaign_tasks.hpp"
#include "campaign/paths.hpp"
#include "campaign/task_runner.hpp"
#include "comm/backoff.hpp"
#include "core/error.hpp"
#include "scheduler/worker.hpp"
#include "tiny_campaign.hpp"
#include "training/diverged.hpp"

namespace deepfog {
namespace {

using test::message_of;

/// All workers are threads of this process: the claim logic without MPI.
class ThreadWorkerLink : public WorkerLink {
 public:
  ThreadWorkerLink(const CampaignSpec& spec, Work& work, int workers) {
    for (int i = 0; i < workers; ++i) {
      runners_.push_back(std::make_unique<CampaignTaskRunner>(spec, work));
      workers_.push_back(std::make_unique<Worker>(*runners_.back()));
    }
  }
  int workers() const override { return static_cast<int>(workers_.size()); }
  void send(int worker, Bytes bytes) override {
    Worker& to = *workers_.at(static_cast<std::size_t>(worker));
    if (protocol::is<protocol::Alive>(bytes, "the coordinator")) return;
    to.inbox().put(std::move(bytes));
  }
  void stop(int worker) override {
    workers_.at(static_cast<std::size_t>(worker))->stop();
    send(worker, protocol::encode(protocol::Stop{}));
  }
  std::optional<Envelope> next(const Deadline& deadline) override {
    Backoff backoff;
    for (;;) {
      for (int i = 0; i < workers(); ++i) {
        auto bytes =
            workers_[static_cast<std::size_t>(i)]->outbox().take(Deadline::in(std::chrono::nanoseconds(0)));
        if (bytes) return Envelope{i, std::move(*bytes)};
      }
      if (deadline.passed()) return std::nullopt;
      backoff.pause();
    }
  }

 private:
  std::vector<std::unique_ptr<CampaignTaskRunner>> runners_;
  std::vector<std::unique_ptr<Worker>> workers_;  // last: end before their runners
};

/// Says what the test tells it to, and keeps what the coordinator said.
class ScriptedWorkerLink : public WorkerLink {
 public:
  explicit ScriptedWorkerLink(int workers) : workers_(workers) {}
  int workers() const override { return workers_; }
  void send(int worker, Bytes bytes) override {
    sent.emplace_back(worker, protocol::decode(bytes, "the coordinator"));
  }
  void stop(int worker) override { send(worker, protocol::encode(protocol::Stop{})); }
  std::optional<Envelope> next(const Deadline&) override {
    if (script.empty()) return std::nullopt;
    Envelope envelope = std::move(script.front());
    script.erase(script.begin());
    return envelope;
  }
  void say(int worker, const protocol::Message& word) { script.push_back({worker, protocol::encode(word)}); }
  std::vector<Envelope> script;
  std::vector<std::pair<int, protocol::Message>> sent;

 private:
  int workers_;
};

struct GaveUp {
  bool failed;
};

class CoordinatorTest : public testing::Test {
 protected:
  void SetUp() override { make_folders(spec_); }

  CoordinatorCalls calls() {
    CoordinatorCalls calls;
    calls.signal = [this] { return signal_.load(); };
    calls.snapshot = [this](bool interrupted) { (interrupted ? last_snapshots_ : snapshots_)++; };
    calls.progress = [this](double cost, const std::string&) { cost_ = std::max(cost_, cost); };
    calls.tell = [this](const std::string& line) { told_ += line + "\n"; };
    calls.interrupted = [this](const std::string& why) { told_ += "interrupted: " + why + "\n"; };
    calls.give_up = [](bool failed) { throw GaveUp{failed}; };
    return calls;
  }

  /// The result of a sweep, as a worker sends it.
  Bytes swept(int task) const {
    return payload::encode(
        payload::Swept{test::quick_counts(spec_, plan_.tasks.at(static_cast<std::size_t>(task))), 1});
  }

  static std::pair<int, payload::Assignment> assignment_in(const protocol::Message& message) {
    const auto& assignment = std::get<protocol::Assignment>(message);
    return {assignment.task, payload::decode_assignment(assignment.payload, "the coordinator")};
  }

  Ending serve(WorkerLink& worker_link) {
    CampaignTasks tasks(spec_, plan_, run_store_);
    Coordinator coordinator(tasks, tasks, task_queue_, worker_link, calls(), timeouts_);
    return coordinator.run();
  }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  CampaignSpec& spec_ = tiny_.spec;
  Plan plan_ = make_plan(spec_, test::tiny_summaries());
  RecordLog journal_{journal_path(spec_), spec_.config_text};
  TaskQueue task_queue_{plan_.graph()};
  RunStore run_store_{spec_, plan_, test::tiny_summaries(), journal_};
  test::QuickWork work_{spec_};
  Timeouts timeouts_;
  std::atomic<int> signal_{0};
  int snapshots_ = 0, last_snapshots_ = 0;
  double cost_ = 0;
  std::string told_;
};

class CoordinatorWithWorkers : public CoordinatorTest, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, CoordinatorWithWorkers, testing::Values(1, 2, 3, 7));

TEST_P(CoordinatorWithWorkers, DoesEveryTaskOnce) {
  std::mutex mutex;
  std::multiset<std::pair<RunKey, std::int64_t>> seen;
  const auto note = [&](const Task& task) {
    const std::lock_guard<std::mutex> lock(mutex);
    seen.insert({task.key, task.kind == TaskKind::training ? -1 : task.begin});
  };
  work_.before_training = work_.before_sweep = note;
  timeouts_.snapshot_s = 0;
  {
    ThreadWorkerLink workers(spec_, work_, GetParam());
    EXPECT_EQ(serve(workers), Ending::finished);
  }
  EXPECT_EQ(seen.size(), 16U);
  for (const auto& one : seen) EXPECT_EQ(seen.count(one), 1U);
  EXPECT_TRUE(task_queue_.all_done());
  EXPECT_GT(snapshots_, 0);
  EXPECT_EQ(last_snapshots_, 0);
  EXPECT_DOUBLE_EQ(cost_, task_queue_.cost_total());
  for (std::int64_t run = 0; run < 2; ++run) EXPECT_TRUE(run_store_.run({0, 1, run}).done());
}

TEST_P(CoordinatorWithWorkers, ASignalStopsThemAndFinishedTasksStay) {
  // A sweep is given out only when a training is durable.
  work_.before_sweep = [&](const Task&) {
    signal_ = 10;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  };
  int done = 0;
  {
    ThreadWorkerLink workers(spec_, work_, GetParam());
    EXPECT_EQ(serve(workers), Ending::interrupted);
    done = task_queue_.tasks_done();
  }
  EXPECT_LT(done, 16);
  EXPECT_GE(last_snapshots_, 1);
  EXPECT_EQ(told_, "interrupted: signal 10\n");
  for (int worker = 0; worker < GetParam(); ++worker)
    EXPECT_FALSE(task_queue_.claimed_by(worker).has_value());
  EXPECT_GT(done, 0);
}

TEST_P(CoordinatorWithWorkers, AFailedTaskCostsItsRunAndNoOther) {
  work_.before_training = [](const Task& task) {
    if (task.key == RunKey{0, 0, 0}) throw Diverged(std::nan(""));
    if (task.key == RunKey{0, 0, 1}) throw std::bad_alloc();
  };
  work_.before_sweep = [](const Task& task) {
    if (task.key == RunKey{0, 1, 0}) throw std::runtime_error("out of luck\nframe #0: somewhere");
  };
  {
    ThreadWorkerLink workers(spec_, work_, GetParam());
    EXPECT_EQ(serve(workers), Ending::finished);
  }
  EXPECT_TRUE(task_queue_.all_done());
  EXPECT_TRUE(run_store_.run({0, 1, 1}).done());
  EXPECT_DOUBLE_EQ(cost_, task_queue_.cost_total());
  for (const RunKey key : {RunKey{0, 0, 0}, RunKey{0, 0, 1}, RunKey{0, 1, 0}})
    EXPECT_FALSE(run_store_.run(key).done());
  EXPECT_NE(run_store_.run({0, 0, 0}).failure.find("training: training diverged: the loss is nan"),
            std::string::npos);
  EXPECT_EQ(run_store_.run({0, 0, 1}).failure, "training: out of memory");
  EXPECT_EQ(run_store_.run({0, 1, 0}).failure, "sweep: out of luck");
  EXPECT_NE(told_.find("FAILED: experiment tiny, model plain, run 1, training: out of memory"),
            std::string::npos)
      << told_;
}

TEST_P(CoordinatorWithWorkers, ARankWhoseFilesAreWrongEndsTheCampaign) {
  work_.before_training = [](const Task&) { throw UserError("data.h5", "is another one here"); };
  const std::string text = message_of<Failure>([&] {
    ThreadWorkerLink workers(spec_, work_, GetParam());
    serve(workers);
  });
  EXPECT_NE(text.find("data.h5: is another one here"), std::string::npos) << text;
  EXPECT_EQ(text.find("rank "), 0U) << text;
  EXPECT_GE(snapshots_, 1);
  EXPECT_EQ(last_snapshots_, 0) << "a failure is no interruption";
}

/// What an earlier session saw fail: with which `retry` it is tried again.
TEST_F(CoordinatorTest, ADivergedRunIsNotRepeatedUnlessItIsAskedFor) {
  work_.before_training = [](const Task& task) {
    if (task.key.model == 0 && task.key.run == 0) throw Diverged(std::nan(""));
    if (task.key.model == 1 && task.key.run == 1) throw std::bad_alloc();
  };
  {
    ThreadWorkerLink workers(spec_, work_, 2);
    serve(workers);
  }
  const std::vector<LogRecord> records = read_record_log(journal_path(spec_)).records;
  const auto open_after = [&](Retry retry) {
    TaskQueue task_queue(plan_.graph());
    RunStore run_store(spec_, plan_, test::tiny_summaries(), journal_);
    run_store.replay(task_queue, records, retry);
    std::vector<RunKey> trained_again;
    while (const auto task = task_queue.claim(0))
      trained_again.push_back(plan_.tasks[static_cast<std::size_t>(*task)].key);
    return trained_again;
  };
  EXPECT_EQ(open_after(Retry::passing), (std::vector<RunKey>{{0, 1, 1}}));
  EXPECT_EQ(open_after(Retry::all).size(), 2U);
  EXPECT_TRUE(open_after(Retry::none).empty());
}

TEST_F(CoordinatorTest, ASuccessCountsWhateverFailedBeforeIt) {
  run_store_.add_failure(0, "out of memory", TaskFailure::passing);
  run_store_.add_training(0, test::quick_model(spec_, plan_.tasks[0]));
  TaskQueue task_queue(plan_.graph());
  RunStore run_store(spec_, plan_, test::tiny_summaries(), journal_);
  run_store.replay(task_queue, read_record_log(journal_path(spec_)).records, Retry::none);
  EXPECT_TRUE(task_queue.done(0));
  EXPECT_EQ(run_store.run(plan_.tasks[0].key).failure, "");
}

TEST_F(CoordinatorTest, WorkersThatDoNotStopAreGivenUp) {
  std::atomic<bool> stuck{true};
  work_.before_training = [&](const Task&) {
    signal_ = 15;
    while (stuck) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  timeouts_.stopping_s = 0.05;
  ThreadWorkerLink workers(spec_, work_, 2);
  try {
    serve(workers);
    ADD_FAILURE() << "the server did not give up";
  } catch (const GaveUp& gave_up) {
    EXPECT_FALSE(gave_up.failed);
    EXPECT_EQ(last_snapshots_, 1) << "what is finished is in the file before the job ends";
  }
  stuck = false;
}

TEST_F(CoordinatorTest, ASilentRankIsLost) {
  ScriptedWorkerLink ranks(2);
  ranks.say(1, protocol::Claim{});
  timeouts_.silence_s = 0.05;
  timeouts_.stopping_s = 0.05;
  try {
    serve(ranks);
    ADD_FAILURE() << "the server did not give up";
  } catch (const GaveUp& gave_up) {
    EXPECT_TRUE(gave_up.failed);
  }
  EXPECT_NE(told_.find("rank 1 is lost, experiment tiny, model "), std::string::npos) << told_;
  EXPECT_EQ(last_snapshots_, 0) << "a failure is no interruption";
}

TEST_F(CoordinatorTest, SignsOfLifeKeepARankAndItGetsThemToo) {
  ScriptedWorkerLink ranks(2);
  timeouts_.beat_s = 0.001;
  timeouts_.silence_s = 0.1;
  signal_ = 0;
  for (int i = 0; i < 5; ++i) ranks.say(1, protocol::Alive{});
  ranks.say(1, protocol::Signalled{12});
  ranks.say(1, protocol::Stopped{});
  ranks.say(0, protocol::Stopped{});
  EXPECT_EQ(serve(ranks), Ending::interrupted);
  EXPECT_EQ(told_, "interrupted: signal 12 on rank 1\n");
  int stops = 0;
  for (const auto& [worker, word] : ranks.sent) stops += std::holds_alternative<protocol::Stop>(word);
  EXPECT_EQ(stops, 2);
}

TEST_F(CoordinatorTest, WeightsTravelOnlyToThoseWhoLackThem) {
  ScriptedWorkerLink ranks(1);
  run_store_.add_training(0, test::quick_model(spec_, plan_.tasks[0]));
  for (const int task : {0, 4, 8, 12, 1, 5, 6, 7, 9, 10, 11, 13, 14, 15}) task_queue_.mark_done(task);
  ranks.say(0, protocol::Claim{0});
  ranks.say(0, protocol::Result{3, swept(3)});  // the longer block is first
  ranks.say(0, protocol::Claim{});
  ranks.say(0, protocol::Failed{2, "enough"});
  ranks.say(0, protocol::Stopped{});
  // The script is served one envelope a turn, assignments between them.
  class Paced : public ScriptedWorkerLink {
   public:
    using ScriptedWorkerLink::ScriptedWorkerLink;
    std::optional<Envelope> next(const Deadline& deadline) override {
      turn_ = !turn_;
      return turn_ ? ScriptedWorkerLink::next(deadline) : std::nullopt;
    }

   private:
    bool turn_ = false;
  } paced(1);
  paced.script = ranks.script;
  EXPECT_THROW(serve(paced), Failure);
  ASSERT_GE(paced.sent.size(), 2U);
  const auto [first_task, first] = assignment_in(paced.sent[0].second);
  const auto [second_task, second] = assignment_in(paced.sent[1].second);
  EXPECT_EQ(first_task, 3);
  EXPECT_FALSE(first.weights.has_value());
  EXPECT_EQ(second_task, 2);
  ASSERT_TRUE(second.weights.has_value());
  EXPECT_EQ((*second.weights)[0].values, test::quick_model(spec_, plan_.tasks[0]).weights[0].values);
}

TEST_F(CoordinatorTest, NobodyWaitsWhileThereIsWorkHoweverManyEnvelopesCome) {
  // With many ranks there always is one more envelope. Counts those the coordinator takes between a claim and
  // its answer.
  class Crowd : public ScriptedWorkerLink {
   public:
    using ScriptedWorkerLink::ScriptedWorkerLink;
    std::optional<Envelope> next(const Deadline& deadline) override {
      auto envelope = ScriptedWorkerLink::next(deadline);
      if (envelope && asked_) ++letters_before_answer;
      if (envelope && protocol::is<protocol::Claim>(envelope->bytes, "rank")) asked_ = true;
      return envelope;
    }
    void send(int worker, Bytes bytes) override {
      if (protocol::is<protocol::Assignment>(bytes, "the coordinator")) asked_ = false;
      ScriptedWorkerLink::send(worker, std::move(bytes));
    }
    int letters_before_answer = 0;

   private:
    bool asked_ = false;
  } ranks(3);
  for (int claimer : {1, 2}) {
    ranks.say(claimer, protocol::Claim{});
    for (int i = 0; i < 100; ++i) ranks.say(0, protocol::Alive{});
  }
  ranks.say(1, protocol::Signalled{12});
  for (int rank = 0; rank < 3; ++rank) ranks.say(rank, protocol::Stopped{});
  EXPECT_EQ(serve(ranks), Ending::interrupted);
  EXPECT_LE(ranks.letters_before_answer, 1);
  EXPECT_TRUE(std::holds_alternative<protocol::Assignment>(ranks.sent.at(0).second));
}

TEST_F(CoordinatorTest, ResultsNobodyAskedForAndNonsenseAreFailures) {
  const auto said_by_rank_one = [&](Bytes bytes) {
    ScriptedWorkerLink ranks(2);
    ranks.script.push_back({1, std::move(bytes)});
    ranks.say(0, protocol::Stopped{});
    ranks.say(1, protocol::Stopped{});
    return message_of<Failure>([&] { serve(ranks); });
  };
  EXPECT_NE(said_by_rank_one(protocol::encode(protocol::Result{1, swept(1)}))
                .find("rank 1 speaks of task 1, which it has not claimed"),
            std::string::npos);
  EXPECT_NE(said_by_rank_one(protocol::encode(protocol::Progress{99, 0.5, ""})).find("has not claimed"),
            std::string::npos);
  EXPECT_NE(said_by_rank_one(protocol::encode(protocol::Stop{})).find("what only rank 0 says"),
            std::string::npos);
  EXPECT_NE(said_by_rank_one({'?', '?'}).find("a message from rank 1: ends after 2 bytes"),
            std::string::npos);
  EXPECT_NE(said_by_rank_one(protocol::encode(protocol::Stopped{})).find("stopped before the work was done"),
            std::string::npos);
}

TEST_F(CoordinatorTest, AFullDiskEndsTheCampaign) {
  std::filesystem::remove_all(weights_folder(spec_));
  test::write_file(weights_folder(spec_), "in the way");
  ThreadWorkerLink workers(spec_, work_, 2);
  EXPECT_NE(message_of<Failure>([&] { serve(workers); }).find(weights_folder(spec_)), std::string::npos);
}

}  // namespace
}  // namespace deepfog
