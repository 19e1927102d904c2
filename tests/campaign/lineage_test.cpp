#include "campaign/lineage.hpp"

#include <gtest/gtest.h>

#include "campaign/inputs.hpp"
#include "campaign/merge.hpp"
#include "campaign/paths.hpp"
#include "campaign/resume.hpp"
#include "campaign/shard.hpp"
#include "core/error.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using Lines = std::vector<std::string>;

const char* const config =
    "[campaign]\nname = c\nseed = 1\nruns = 4\n\n[experiment.e]\ndataset = d\nreliability.x = a:1\nmodels = "
    "m n "
    "b\n\n[model.e.m]\nepochs = 3\n\n[model.e.n]\nepochs = 3\n\n[model.e.b]\nweights_of = m\n";
const char* const inputs =
    "e data sha256 = 1\ne.m topology sha256 = 2\ne.n topology sha256 = 2\ne.b topology sha256 = 2\n";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Where the runs of m, n and b of `config` stand under another one: their model index, -1: nowhere.
std::vector<int> places(const std::string& now, const std::string& now_inputs = inputs) {
  const ConfigParts before(config, inputs), after(now, now_inputs);
  std::vector<int> found;
  for (const int model : {0, 1, 2}) {
    const auto place = after.place_now(before, {0, model, 3});
    found.push_back(place ? place->model : -1);
  }
  return found;
}

TEST(Lineage, AModelsOwnSectionAndTopologyDecideItsRuns) {
  EXPECT_EQ(places(config), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(places(with(config, "[model.e.n]\nepochs = 3", "[model.e.n]\nepochs = 4")),
            (std::vector<int>{0, -1, 2}));
  EXPECT_EQ(places(config, with(inputs, "e.n topology sha256 = 2", "e.n topology sha256 = 3")),
            (std::vector<int>{0, -1, 2}));
  EXPECT_EQ(places(with(config, "[model.e.n]\n", "[model.e.n]\nnormalise = standard\n")),
            (std::vector<int>{0, -1, 2}));
}

TEST(Lineage, AModelOnTheWeightsOfAnotherDependsOnThat) {
  EXPECT_EQ(places(with(config, "[model.e.m]\nepochs = 3", "[model.e.m]\nepochs = 4")),
            (std::vector<int>{-1, 1, -1}));
  EXPECT_EQ(places(with(config, "weights_of = m", "weights_of = n")), (std::vector<int>{0, 1, -1}));
}

TEST(Lineage, ModelsMayComeGoAndChangeTheirOrder) {
  EXPECT_EQ(
      places(with(config, "[model.e.n]\nepochs = 3\n\n", ""), with(inputs, "e.n topology sha256 = 2\n", "")),
      (std::vector<int>{0, -1, 1}));
  EXPECT_EQ(places(with(config, "[model.e.m]", "[model.e.new]\nepochs = 1\n\n[model.e.m]"),
                   with(inputs, "e.m topo", "e.new topology sha256 = 9\ne.m topo")),
            (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(places(with(config, "runs = 4", "runs = 3")), (std::vector<int>{-1, -1, -1}));
}

TEST(Lineage, WhatEverythingDependsOnIsAConflict) {
  const ConfigParts before(config, inputs);
  const auto conflicts = [&](const std::string& from, const std::string& to) {
    return ConfigParts(with(config, from, to), inputs).conflicts(before);
  };
  EXPECT_EQ(conflicts("seed = 1", "seed = 2"), Lines{"campaign.seed: 1 -> 2"});
  EXPECT_EQ(conflicts("runs = 4", "runs = 3"), Lines{"campaign.runs: 4 -> 3"});
  EXPECT_EQ(conflicts("dataset = d", "dataset = other"), Lines{"experiment.e.dataset: d -> other"});
  EXPECT_EQ(conflicts("a:1", "a:.5"), Lines{"experiment.e.reliability.x: a:1 -> a:.5"});
  EXPECT_EQ(ConfigParts(config, with(inputs, "data sha256 = 1", "data sha256 = 7")).conflicts(before),
            Lines{"experiment.e.data sha256: 1 -> 7"});
  EXPECT_TRUE(conflicts("runs = 4", "runs = 5").empty());
  EXPECT_TRUE(conflicts("epochs = 3", "epochs = 4").empty());
  EXPECT_TRUE(conflicts("models = m n b", "models = b").empty());
}

/// A campaign whose journal goes through changes of its config.
class ChangedCampaign : public testing::Test {
 protected:
  void SetUp() override { describe(); }

  /// The text that belongs to the spec, as the config reader would write it.
  void describe(const std::string& rate = "1") {
    rate_ = rate;
    spec_.config_text =
        "[campaign]\nname = tiny\nruns = " + std::to_string(spec_.runs) + "\n[experiment.tiny]\nmodels =";
    for (const ModelSpec& model : spec_.experiments[0].models) spec_.config_text += " " + model.name;
    for (const ModelSpec& model : spec_.experiments[0].models)
      spec_.config_text +=
          "\n[model.tiny." + model.name + "]\nlearning_rate = " + (model.name == "skips" ? rate : "1");
    spec_.config_text += "\n";
  }

  /// Does at most so many open tasks; returns how many were open, of all.
  int work(int most = 1000) {
    CampaignSpec spec = spec_;
    if (shard_.of != 0) take_shard(spec, shard_);
    ResumedCampaign resume = open_campaign(spec, false);
    notes_ = resume.notes;
    const Plan plan = shard_of(make_plan(spec, resume.datasets), spec.shard);
    TaskQueue task_queue(plan.graph());
    RunStore run_store(spec, plan, resume.datasets, *resume.journal);
    std::vector<LogRecord> records = resume.records();
    if (shard_.of != 0) {
      for (const LogRecord& record :
           finished_elsewhere(spec, plan, input_lines(spec, resume.datasets), resume.records())) {
        resume.journal->append(record);
        records.push_back(record);
      }
    }
    run_store.replay(task_queue, records);
    const int open = task_queue.tasks() - task_queue.tasks_done() - task_queue.tasks_given_up();
    test::QuickWork quick(spec);
    for (; most > 0; --most) {
      const auto task = task_queue.claim(0);
      if (!task) break;
      const Task what = plan.tasks[static_cast<std::size_t>(*task)];
      if (what.kind == TaskKind::training && what.key.model == diverges_) {
        run_store.add_failure(*task, "training diverged", TaskFailure::lasting);
        task_queue.fail(*task, 0);
      } else if (what.kind == TaskKind::training) {
        run_store.add_training(*task, quick.train(what, [](std::int64_t, double, double) { return true; }));
        task_queue.complete(*task, 0);
      } else {
        run_store.add_sweep(*task, quick.sweep(what, run_store.weights(what.weights_key())), 0.5);
        task_queue.complete(*task, 0);
      }
    }
    return open;
  }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  CampaignSpec& spec_ = tiny_.spec;
  Shard shard_;
  std::string rate_;
  Lines notes_;
  int diverges_ = -1;  ///< index of a model
};

TEST_F(ChangedCampaign, AModelThatDivergedIsDoneAnewWhenItHasChanged) {
  diverges_ = 1;
  EXPECT_EQ(work(), 16);
  EXPECT_EQ(work(), 0);
  diverges_ = -1;
  describe("0.1");
  EXPECT_EQ(work(3), 8);
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_EQ(notes_[0],
            "the config has changed: model skips of tiny has changed; 0 finished tasks do not count any "
            "more, the others are kept");
  EXPECT_EQ(work(), 5) << "a second start goes on under the new config";
  EXPECT_TRUE(notes_.empty());
  describe("1");
  EXPECT_EQ(work(0), 0) << "what had failed under the first config has failed under it still";
}

TEST_F(ChangedCampaign, AModelThatIsTakenOutTakesNothingElseWithIt) {
  diverges_ = 0;
  work();
  spec_.experiments[0].models.erase(spec_.experiments[0].models.begin());
  diverges_ = -1;
  describe();
  EXPECT_EQ(work(), 0) << "skips is the first model now";
}

TEST_F(ChangedCampaign, ANewModelAndMoreRunsAreAdded) {
  work();
  ModelSpec third = spec_.experiments[0].models[0];
  third.name = "third";
  spec_.experiments[0].models.insert(spec_.experiments[0].models.begin(), third);
  describe();
  EXPECT_EQ(work(), 8);
  spec_.runs = 3;
  describe();
  EXPECT_EQ(work(), 3 * 4);
  std::swap(spec_.experiments[0].models[0], spec_.experiments[0].models[2]);
  describe();
  EXPECT_EQ(work(), 0);
}

TEST_F(ChangedCampaign, WeightsThatAreBorrowedAreDoneAnewWithTheirOwner) {
  test::add_borrowers(spec_);  // before (of skips), plain, skips, same (of skips)
  const auto text = [&](const std::string& rate) {
    describe(rate);
    for (const char* name : {"before", "same"}) {
      const std::string section = std::string("[model.tiny.") + name + "]\n";
      spec_.config_text = with(spec_.config_text, section, section + "weights_of = skips\n");
    }
  };
  text("1");
  EXPECT_EQ(work(), 2 * (4 + 4 + 3 + 3));
  text("2");
  EXPECT_EQ(work(), 2 * (4 + 3 + 3));
}

TEST_F(ChangedCampaign, ShardsKeepWhatTheyHaveWhoeverItFallsToNow) {
  for (const int number : {1, 2}) {
    shard_ = {number, 2};
    EXPECT_EQ(work(), 8);
  }
  spec_.experiments[0].models[1].training.epochs *= 10;  // dealt out anew: the dearest first
  describe("2");
  int open = 0;
  for (const int number : {1, 2}) {
    shard_ = {number, 2};
    open += work();
  }
  EXPECT_EQ(open, 8) << "the runs of plain are done";
  for (const int number : {2, 1}) {
    shard_ = {number, 2};
    EXPECT_EQ(work(), 0);
  }
}

TEST_F(ChangedCampaign, MergeTakesShardsOfTheEarlierConfig) {
  shard_ = {1, 1};
  work();
  ModelSpec third = spec_.experiments[0].models[0];
  third.name = "third";
  spec_.experiments[0].models.push_back(third);
  describe();
  testing::internal::CaptureStderr();
  EXPECT_EQ(merge_shards(spec_, {}).code, ExitCode::interrupted);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("16 of 24 tasks are done"), std::string::npos);
  spec_.config_text = with(spec_.config_text, "name = tiny", "name = tiny\nseed = 3");
  EXPECT_THROW(merge_shards(spec_, {}), UserError);
}

TEST_F(ChangedCampaign, AFailedRunEndsAMergeWithItsName) {
  shard_ = {1, 1};
  diverges_ = 1;
  work();
  testing::internal::CaptureStderr();
  const CampaignOutcome outcome = merge_shards(spec_, {});
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("FAILED: experiment tiny, model skips, run 1: training: training diverged"),
            std::string::npos)
      << said;
  EXPECT_EQ(outcome.results.text.at("status"), "failed-runs");
  EXPECT_TRUE(std::filesystem::exists(shards_folder(spec_)));
}

}  // namespace
}  // namespace deepfog
