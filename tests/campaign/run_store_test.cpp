#include "campaign/run_store.hpp"

#include <gtest/gtest.h>

#include "campaign/paths.hpp"
#include "core/error.hpp"
#include "storage/weights_file.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

/// A tiny campaign whose every task stands in the journal.
class RunStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    make_folders(spec_);
    Session all(*this);
    test::do_everything(all.task_queue, all.run_store, work_, plan_);
  }

  /// Opens the journal as a new job would.
  struct Session {
    explicit Session(RunStoreTest& test)
        : journal(journal_path(test.spec_), test.spec_.config_text),
          task_queue(test.plan_.graph()),
          run_store(test.spec_, test.plan_, test::tiny_summaries(), journal),
          notes(run_store.replay(task_queue, journal.records())) {}
    RecordLog journal;
    TaskQueue task_queue;
    RunStore run_store;
    std::vector<std::string> notes;
  };

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  CampaignSpec& spec_ = tiny_.spec;
  Plan plan_ = make_plan(spec_, test::tiny_summaries());
  test::QuickWork work_{spec_};
};

TEST_F(RunStoreTest, ReplayFindsEverything) {
  Session again(*this);
  EXPECT_TRUE(again.notes.empty());
  EXPECT_TRUE(again.task_queue.all_done());
  const RunRecord& run = again.run_store.run({0, 1, 1});
  EXPECT_TRUE(run.done());
  EXPECT_EQ(run.training.best_epoch, 2);
  EXPECT_DOUBLE_EQ(run.sweep_seconds, 1.5);
  std::vector<std::int64_t> correct(4);
  for (std::size_t task = 13; task < 16; ++task) {
    const SweepCounts part = test::quick_counts(spec_, plan_.tasks[task]);
    for (std::size_t i = 0; i < 4; ++i) correct[i] += part.correct[i];
  }
  EXPECT_EQ(run.correct, correct);
  EXPECT_EQ(run.confusion.size(), 36U);
  ASSERT_EQ(run.right.rows(), 3);
  ASSERT_EQ(run.right.samples(), 200);
  for (std::int64_t s = 0; s < 200; ++s) {
    for (std::int64_t row = 0; row < 3; ++row) EXPECT_EQ(run.right.get(row, s), (s + row + 1) % 3 == 0) << s;
  }
  EXPECT_EQ(again.run_store.weights({0, 1, 1})[0].values[0], 101.0F);
}

TEST_F(RunStoreTest, MissingWeightsAreMadeAgainWithTheirSweeps) {
  const std::string path = weights_path(spec_, {0, 0, 1});
  ASSERT_TRUE(std::filesystem::remove(path));
  Session again(*this);
  ASSERT_EQ(again.notes.size(), 1U);
  EXPECT_NE(again.notes[0].find(path), std::string::npos) << again.notes[0];
  EXPECT_NE(
      again.notes[0].find("done once more: experiment tiny, model plain, run 1, training and its sweeps"),
      std::string::npos)
      << again.notes[0];
  EXPECT_EQ(again.task_queue.tasks_done(), 12);
  EXPECT_FALSE(again.task_queue.done(4));
  EXPECT_FALSE(again.task_queue.done(5));
  EXPECT_EQ(again.task_queue.claim(0), 4);
}

TEST_F(RunStoreTest, OtherOrDamagedWeightsAreMadeAgain) {
  Weights other = test::quick_model(spec_, plan_.tasks[0]).weights;
  other[0].values[3] += 1;
  save_weights(weights_path(spec_, {0, 0, 0}), other, {});
  test::write_file(weights_path(spec_, {0, 1, 0}), "not HDF5");
  Session again(*this);
  EXPECT_EQ(again.notes.size(), 2U);
  EXPECT_EQ(again.task_queue.tasks_done(), 8);
}

TEST_F(RunStoreTest, RedoneTheSameWayOldSweepsCountAgain) {
  ASSERT_TRUE(std::filesystem::remove(weights_path(spec_, {0, 0, 1})));
  {
    Session again(*this);  // only the training is done once more, then killed
    ASSERT_EQ(again.task_queue.claim(0), 4);
    again.run_store.add_training(4, test::quick_model(spec_, plan_.tasks[4]));
  }
  Session last(*this);
  EXPECT_TRUE(last.notes.empty());
  EXPECT_TRUE(last.task_queue.all_done());
}

TEST_F(RunStoreTest, RedoneWithOtherWeightsOldSweepsDoNotCount) {
  ASSERT_TRUE(std::filesystem::remove(weights_path(spec_, {0, 0, 1})));
  TrainedModel other = test::quick_model(spec_, plan_.tasks[4]);
  other.weights[0].values[0] = -7;
  {
    Session again(*this);
    again.run_store.add_training(4, other);
  }
  Session last(*this);
  EXPECT_EQ(last.task_queue.tasks_done(), 13);
  EXPECT_TRUE(last.task_queue.done(4));
  EXPECT_FALSE(last.task_queue.done(5));
  EXPECT_TRUE(last.run_store.run({0, 0, 1}).correct.empty());
}

TEST_F(RunStoreTest, ResultsThatDoNotFitAreRefused) {
  Session session(*this);
  const TrainedModel good = test::quick_model(spec_, plan_.tasks[0]);
  const SweepCounts counts = test::quick_counts(spec_, plan_.tasks[1]);
  const auto training = [&](auto change) {
    TrainedModel model = good;
    change(model);
    return message_of<Failure>([&] { session.run_store.add_training(0, model); });
  };
  EXPECT_NE(training([](TrainedModel& m) { m.weights.clear(); }).find("0 values came back"),
            std::string::npos);
  EXPECT_NE(training([](TrainedModel& m) { m.validation_accuracy = 1.5; }).find("validation accuracy 1.5"),
            std::string::npos);
  EXPECT_NE(training([](TrainedModel& m) { m.validation_accuracy = 0.0 / 0.0; }).find("validation"),
            std::string::npos);
  EXPECT_NE(training([](TrainedModel& m) {
              m.normalisation = {{1, 2}, {1, 1}};
            }).find("normalise = none, but 2 features came back normalised"),
            std::string::npos);
  const auto sweep = [&](auto change) {
    SweepCounts part = counts;
    change(part);
    return message_of<Failure>([&] { session.run_store.add_sweep(1, part, 1); });
  };
  EXPECT_NE(sweep([](SweepCounts& c) { c.correct.pop_back(); }).find("wrong size"), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.confusion.clear(); }).find("wrong size"), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.samples = 65; }).find("wrong size"), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.correct[0] = 65; }).find("impossible count 65"), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.confusion[0] = -1; }).find("impossible count -1"),
            std::string::npos);
  const std::string bits = "bits of the samples of the wrong size";
  EXPECT_NE(sweep([](SweepCounts& c) { c.right = {}; }).find(bits), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.right = SampleHits(1, 63); }).find(bits), std::string::npos);
  EXPECT_NE(sweep([](SweepCounts& c) { c.right = SampleHits(2, 64); }).find(bits), std::string::npos);
  EXPECT_THROW(session.run_store.add_sweep(0, counts, 1), Failure);
  EXPECT_THROW(session.run_store.add_training(1, good), Failure);
}

/// A journal from before there were bits, or of a session that kept none.
TEST_F(RunStoreTest, SweepsThatLeftNoBitsAreDoneOnceMoreWhereTheyAreWanted) {
  std::vector<LogRecord> records;
  {
    Session session(*this);
    records = session.journal.records();
    session.journal.remove();
  }
  {
    RecordLog journal(journal_path(spec_), spec_.config_text);
    for (LogRecord& entry : records) {
      if (entry.type == record::sweep_type) {
        record::Sweep sweep = record::decode_sweep(entry, "x");
        if (sweep.key == RunKey{0, 0, 1} && sweep.begin > 0) sweep.counts.right = {};
        entry = record::encode(sweep);
      }
      journal.append(entry);
    }
  }
  {
    spec_.per_sample_mib = 0;
    Session without(*this);
    EXPECT_TRUE(without.notes.empty());
    EXPECT_TRUE(without.task_queue.all_done());
    EXPECT_TRUE(without.run_store.run({0, 1, 1}).right.empty());
    spec_.per_sample_mib = 1;
  }
  {
    Session again(*this);
    ASSERT_EQ(again.notes.size(), 1U);
    EXPECT_NE(again.notes[0].find("2 sweeps left no bits of their samples; done once more"),
              std::string::npos)
        << again.notes[0];
    EXPECT_EQ(again.task_queue.tasks_done(), 14);
    EXPECT_TRUE(again.task_queue.done(5));
    EXPECT_FALSE(again.task_queue.done(6));
    test::do_everything(again.task_queue, again.run_store, work_, plan_);
  }
  Session last(*this);
  EXPECT_TRUE(last.notes.empty());
  EXPECT_TRUE(last.task_queue.all_done());
}

TEST_F(RunStoreTest, ForeignRecordsAreRefused) {
  {
    RecordLog journal(journal_path(spec_), spec_.config_text);
    journal.append({"dream", {}});
  }
  EXPECT_NE(message_of<UserError>([&] { Session session(*this); }).find("unknown type 'dream'"),
            std::string::npos);
}

TEST_F(RunStoreTest, TasksOfAnotherPlanAreRefused) {
  spec_.sweep_block = 128;  // cannot happen through run_campaign: the config differs then
  plan_ = make_plan(spec_, test::tiny_summaries());
  EXPECT_NE(message_of<UserError>([&] { Session session(*this); }).find("a task this campaign does not have"),
            std::string::npos);
}

TEST_F(RunStoreTest, WeightsThatChangeMeanwhileAreNoticed) {
  Session session(*this);
  Weights other = session.run_store.weights({0, 0, 0});
  other[0].values[0] += 1;
  save_weights(weights_path(spec_, {0, 0, 0}), other, {});
  EXPECT_NE(message_of<Failure>([&] {
              session.run_store.weights({0, 0, 0});
            }).find("changed while"),
            std::string::npos);
}

}  // namespace
}  // namespace deepfog
