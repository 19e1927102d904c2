#include "campaign/borrowed_weights.hpp"

#include <gtest/gtest.h>

#include <set>

#include "campaign/merge.hpp"
#include "campaign/paths.hpp"
#include "campaign/resume.hpp"
#include "campaign/shard.hpp"
#include "campaign/status.hpp"
#include "core/error.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

/// Four models: `before` on the weights of `skips`, without its skips; plain; skips; `same`, which is
/// `skips`.
class BorrowedWeightsTest : public testing::Test {
 protected:
  void SetUp() override { test::add_borrowers(tiny_.spec); }

  Plan plan() const { return make_plan(tiny_.spec, test::tiny_summaries()); }
  ExperimentSpec& experiment() { return tiny_.spec.experiments[0]; }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
};

TEST_F(BorrowedWeightsTest, HasNoTrainingAndStandsBehindTheSweepsOfItsOwner) {
  const Plan tasks = plan();
  ASSERT_EQ(tasks.tasks.size(), 2U * 4 + 2U * (4 + 3 + 3));
  for (std::size_t i = 0; i < tasks.tasks.size(); ++i) {
    const Task& task = tasks.tasks[i];
    const bool borrows = task.key.model == 0 || task.key.model == 3;
    EXPECT_FALSE(borrows && task.kind == TaskKind::training);
    EXPECT_EQ(task.weights_key(), (RunKey{0, borrows ? 2 : task.key.model, task.key.run}));
    const Task& training = tasks.tasks[static_cast<std::size_t>(tasks.training_of(static_cast<int>(i)))];
    EXPECT_EQ(training.kind, TaskKind::training);
    EXPECT_EQ(training.key, task.weights_key());
  }
}

TEST_F(BorrowedWeightsTest, WaitsForItsOwnerAndFollowsTheWeightsAtHand) {
  const Plan tasks = plan();
  TaskQueue task_queue(tasks.graph());
  std::set<RunKey> trained;
  int held = -1;
  int changes = 0;
  while (const auto task = task_queue.claim(0, held)) {
    const Task& what = tasks.tasks[static_cast<std::size_t>(*task)];
    if (what.kind == TaskKind::training) {
      trained.insert(what.key);
    } else {
      EXPECT_EQ(trained.count(what.weights_key()), 1U);
    }
    changes += held == tasks.training_of(*task) ? 0 : 1;
    held = tasks.training_of(*task);
    task_queue.complete(*task, 0);
  }
  EXPECT_TRUE(task_queue.all_done());
  EXPECT_LE(changes, 8) << "weights are sent more often than trained and swept apart";
}

TEST_F(BorrowedWeightsTest, ARunStaysInOneShardWithItsOwner) {
  for (const int of : {2, 3, 4}) {
    std::size_t tasks = 0;
    for (int number = 1; number <= of; ++number) {
      const Plan part = shard_of(plan(), {number, of});
      tasks += part.tasks.size();
      std::set<RunKey> trained;
      for (const Task& task : part.tasks) {
        if (task.kind == TaskKind::training) trained.insert(task.key);
        EXPECT_EQ(trained.count(task.weights_key()), 1U) << number << " of " << of;
      }
    }
    EXPECT_EQ(tasks, plan().tasks.size());
  }
}

TEST_F(BorrowedWeightsTest, TheRunStoreKeepsThemAndAResumeTakesThemUp) {
  CampaignSpec& spec = tiny_.spec;
  const Plan tasks = plan();
  test::QuickWork work(spec);
  {
    ResumedCampaign resume = open_campaign(spec, false);
    TaskQueue task_queue(tasks.graph());
    RunStore run_store(spec, tasks, resume.datasets, *resume.journal);
    test::do_everything(task_queue, run_store, work, tasks);
    const RunRecord &own = run_store.run({0, 2, 1}), &borrowed = run_store.run({0, 3, 1});
    EXPECT_TRUE(borrowed.done());
    EXPECT_EQ(borrowed.training.validation_accuracy, own.training.validation_accuracy);
    EXPECT_EQ(borrowed.training.best_epoch, 2);
    EXPECT_EQ(own.training.seconds, 0.25);
    EXPECT_EQ(borrowed.training.seconds, 0);
  }
  EXPECT_FALSE(std::filesystem::exists(weights_path(spec, {0, 3, 1})));
  const JournalProgress progress = journal_progress(spec.output);
  EXPECT_EQ(progress.runs.at({0, 3, 1}).samples_swept, 200);
  EXPECT_FALSE(progress.runs.at({0, 3, 1}).trained);
  ASSERT_TRUE(std::filesystem::remove(weights_path(spec, {0, 2, 0})));
  ResumedCampaign resume = open_campaign(spec, false);
  TaskQueue task_queue(tasks.graph());
  RunStore run_store(spec, tasks, resume.datasets, *resume.journal);
  EXPECT_EQ(run_store.replay(task_queue, resume.records()).size(), 1U);
  EXPECT_EQ(task_queue.tasks() - task_queue.tasks_done(),
            1 + 3 + 3 + 3);  // that run, and those with its weights
  EXPECT_TRUE(run_store.run({0, 0, 1}).done());
  EXPECT_FALSE(run_store.run({0, 0, 0}).done());
}

TEST_F(BorrowedWeightsTest, NamesAModelThatIsTrainedAndFits) {
  const auto check = [&](std::size_t model) {
    return message_of<UserError>([&] { check_weights_of(experiment(), experiment().models[model], "c:7"); });
  };
  EXPECT_EQ(check(3), "nothing was thrown");
  experiment().models[3].weights_of = "skip";
  EXPECT_EQ(check(3), "c:7: weights_of = skip is no model that is trained (plain, skips)");
  for (const char* untrained : {"before", "same"}) {
    experiment().models[3].weights_of = untrained;
    EXPECT_NE(check(3).find("is no model that is trained"), std::string::npos) << untrained;
  }
  EXPECT_NE(message_of<UserError>([&] { open_campaign(tiny_.spec, false); }).find("is no model that is"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(journal_path(tiny_.spec)));
}

TEST_F(BorrowedWeightsTest, EveryTensorMustFit) {
  const std::string text = experiment().models[2].topology.text();
  const auto with = [&](const std::string& old, const std::string& fresh) {
    std::string changed = text;
    changed.replace(changed.find(old), old.size(), fresh);
    experiment().models[3].topology = parse_topology(changed, "t");
    return message_of<UserError>([&] { check_weights_of(experiment(), experiment().models[3], "c:7"); });
  };
  EXPECT_EQ(with("link right -> b skip\n", ""), "nothing was thrown");
  EXPECT_EQ(
      with("node b relu:6", "node b relu:7"),
      "c:7: weights_of = skips does not fit: stage b on node b with 6 inputs, layers of 7, there stage b "
      "on node b with 6 inputs, layers of 6 (the same tensors in the same order)");
  EXPECT_NE(with("node b relu:6", "node b relu:9").find("layers of 9"), std::string::npos);
  EXPECT_NE(with("node b relu:6", "node b linear:6").find("of other kinds"), std::string::npos);
  EXPECT_NE(with("right -> b skip", "right -> b skip expand=linear").find("a map of 3 from right"),
            std::string::npos);
  EXPECT_NE(with("source left 2", "source left 9").find("with 9 inputs"), std::string::npos);
}

TEST_F(BorrowedWeightsTest, SeedsAreThoseOfTheNameGiven) {
  ModelSpec& model = experiment().models[1];
  EXPECT_EQ(model.seed_name(), "plain");
  model.seeds_of = "skips";
  EXPECT_EQ(model.seed_name(), "skips");
}

}  // namespace
}  // namespace deepfog
