// Models on the weights of another, over the ranks of this job.

#include "campaign/merge.hpp"
#include "campaign/paths.hpp"
#include "campaign/shard.hpp"
#include "campaign_fixture.hpp"

namespace deepfog {
namespace {

class BorrowedWeightsOverRanks : public CampaignTest {
 protected:
  void SetUp() override {
    CampaignTest::SetUp();
    test::add_borrowers(spec_);
  }

  /// What a run of `same` and one of its owner must have in common: all but the name and the time.
  static void expect_same_table(const ExperimentResults& experiment) {
    const ModelResults &owner = experiment.models.at(2), &same = experiment.models.at(3);
    EXPECT_EQ(same.text.at("weights_of"), "skips");
    EXPECT_EQ(same.text.at("seeds_of"), "skips");
    EXPECT_EQ(owner.text.count("weights_of"), 0U);
    EXPECT_EQ(same.correct, owner.correct);
    EXPECT_EQ(same.confusion, owner.confusion);
    EXPECT_EQ(same.accuracy, owner.accuracy);
    EXPECT_EQ(same.average_accuracy, owner.average_accuracy);
    EXPECT_EQ(same.validation_accuracy, owner.validation_accuracy);
    EXPECT_EQ(same.best_epoch, owner.best_epoch);
    EXPECT_EQ(same.failout_rates, owner.failout_rates);
    EXPECT_EQ(same.text.at("training"), "failout");
    EXPECT_EQ(same.train_seconds, (std::vector<double>{0, 0}));
    EXPECT_GT(owner.train_seconds[0], 0);
  }
};

TEST_F(BorrowedWeightsOverRanks, AnyNumberOfRanksGivesTheSameBytes) {
  const CampaignOutcome outcome = run();
  EXPECT_EQ(outcome.code, ExitCode::good);
  if (!leads()) return;
  const Results written = read_results(spec_.output);
  EXPECT_TRUE(written.valid) << written.invalid_reasons;
  EXPECT_TRUE(masked(written) == masked(reference()));
  const ExperimentResults& experiment = written.experiments.at(0);
  expect_same_table(experiment);
  // Without its skips the network is as the other plain one where all nodes live, and no better elsewhere.
  const ModelResults& before = experiment.models.at(0);
  EXPECT_EQ(before.flow, (std::vector<std::uint8_t>{0, 0, 0, 1}));
  EXPECT_NE(before.correct, experiment.models.at(1).correct);
  EXPECT_EQ(before.text.at("training"), "failout");
  EXPECT_FALSE(std::filesystem::exists(weights_path(spec_, {0, 3, 0})));
}

TEST_F(BorrowedWeightsOverRanks, TheWeightsThatWereTrainedDoNotDependOnThem) {
  const Results with = run().results;
  spec_.experiments[0].models.pop_back();
  spec_.experiments[0].models.erase(spec_.experiments[0].models.begin());
  options_.restart = true;
  const Results without = run().results;
  if (!leads()) return;
  EXPECT_EQ(with.experiments[0].models.at(2).correct, without.experiments[0].models.at(1).correct);
}

TEST_F(BorrowedWeightsOverRanks, ResumesFromAnyRecordAndRepeatsNothing) {
  std::vector<LogRecord> records;
  std::string expected;
  if (leads()) {
    expected = masked(reference());
    CampaignWork work(spec_);
    records = test::records_of_everything(spec_, work);
    ASSERT_EQ(records.size(), 29U);
  }
  for (const std::size_t cut : {0, 1, 2, 5, 9, 14, 22, 28, 29}) {
    if (leads()) {
      std::filesystem::remove(spec_.output);
      RecordLog journal(journal_path(spec_), spec_.config_text);
      for (std::size_t i = 0; i < cut; ++i) journal.append(records[i]);
    }
    const CampaignOutcome outcome = run();
    ASSERT_EQ(outcome.code, ExitCode::good) << "cut " << cut;
    if (!leads()) continue;
    EXPECT_TRUE(masked(outcome.results) == expected) << "cut " << cut;
  }
}

TEST_F(BorrowedWeightsOverRanks, ShardsTogetherAreTheWhole) {
  for (const int number : {1, 2, 3}) {
    CampaignSpec shard = spec_;
    take_shard(shard, {number, 3});
    EXPECT_EQ(run_campaign(shard, world_, options_).code, ExitCode::good) << number;
  }
  if (!leads()) return;
  const CampaignOutcome merged = merge_shards(spec_, options_);
  ASSERT_EQ(merged.code, ExitCode::good) << merged.results.invalid_reasons;
  EXPECT_TRUE(masked(merged.results) == masked(reference()));
  expect_same_table(merged.results.experiments.at(0));
}

TEST_F(BorrowedWeightsOverRanks, TheSameSeedsGiveTheSameNetwork) {
  ExperimentSpec& experiment = spec_.experiments.at(0);
  ModelSpec twin = experiment.models.at(1);
  twin.name = "twin";
  experiment.models.push_back(twin);
  twin.name = "paired";
  twin.seeds_of = "plain";
  experiment.models.push_back(twin);
  const Results results = run().results;
  if (!leads()) return;
  const auto& models = results.experiments.at(0).models;
  EXPECT_NE(models.at(4).correct, models.at(1).correct);
  EXPECT_EQ(models.at(5).correct, models.at(1).correct);
  EXPECT_EQ(models.at(5).text.at("seeds_of"), "plain");
}

}  // namespace
}  // namespace deepfog
