// Whole campaigns over the ranks of this job, each compared with the same campaign on one rank.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "campaign/model_tables.hpp"
#include "campaign/paths.hpp"
#include "campaign_fixture.hpp"
#include "resilience/outcomes.hpp"
#include "results/failed_runs.hpp"
#include "storage/dataset_file.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

/// The real work, with durations nothing real takes.
class MarkedWork : public CampaignWork {
 public:
  using CampaignWork::CampaignWork;
  TrainedModel train(const Task& task, const EpochCallback& after_epoch) override {
    TrainedModel model = CampaignWork::train(task, after_epoch);
    model.seconds = 1000;
    return model;
  }
};

TEST_F(CampaignTest, AnyNumberOfRanksGivesTheSameBytes) {
  const CampaignOutcome outcome = run();
  EXPECT_EQ(outcome.code, ExitCode::good);
  if (!leads()) {
    EXPECT_TRUE(outcome.results.experiments.empty());
    return;
  }
  const Results written = read_results(spec_.output);
  EXPECT_EQ(written.integers.at("ranks"), world_.size());
  EXPECT_EQ(written.text.at("status"), "complete");
  EXPECT_TRUE(written.valid) << written.invalid_reasons;
  EXPECT_TRUE(masked(written) == masked(reference()));
  EXPECT_TRUE(masked(written) == masked(outcome.results));
  for (const RunKey key : {RunKey{0, 0, 0}, RunKey{0, 0, 1}, RunKey{0, 1, 0}, RunKey{0, 1, 1}}) {
    CampaignSpec other = spec_;
    other.output = scratch_->path("reference.h5");
    EXPECT_EQ(checksum(load_weights(weights_path(spec_, key))),
              checksum(load_weights(weights_path(other, key))));
  }
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(CampaignTest, EngineAndMemoryChangeNoFigure) {
  spec_.memory_bytes = std::int64_t{1} << 16;
  Results diagram = run().results;
  options_.restart = true;
  spec_.engine = "reference";
  Results reference = run().results;
  if (!leads()) return;
  EXPECT_EQ(diagram.text.at("engine"), "diagram");
  EXPECT_EQ(diagram.integers.at("memory_bytes"), 1 << 16);
  EXPECT_EQ(reference.text.at("engine"), "reference");
  reference.text["engine"] = "diagram";
  EXPECT_TRUE(masked(diagram) == masked(reference));
}

TEST_F(CampaignTest, TheFusedTrainerTrainsAsWell) {
  const Results libtorch = run().results;
  options_.restart = true;
  spec_.trainer = "fused";
  spec_.config_text += "campaign.trainer = fused\n";
  const CampaignOutcome fused = run();
  if (!leads()) return;
  EXPECT_TRUE(fused.results.valid) << fused.results.invalid_reasons;
  EXPECT_EQ(fused.results.text.at("trainer"), "fused");
  for (std::size_t m = 0; m < 2; ++m) {
    const ModelResults& one = libtorch.experiments.at(0).models.at(m);
    const ModelResults& other = fused.results.experiments.at(0).models.at(m);
    for (std::size_t run = 0; run < 2; ++run) {
      EXPECT_NEAR(other.validation_accuracy.at(run), one.validation_accuracy.at(run), 0.1);
    }
  }
}

/// 200 test samples of 5 floats take 4000 bytes.
TEST_F(CampaignTest, TestSamplesLeftInTheFileGiveTheSameFigures) {
  for (ModelSpec& model : spec_.experiments.at(0).models) model.training.normalise = "standard";
  const Results held = run().results;
  options_.restart = true;
  spec_.memory_bytes = 3999;
  Results streamed = run().results;
  if (!leads()) return;
  EXPECT_EQ(streamed.text.at("status"), "complete");
  EXPECT_EQ(streamed.integers.at("memory_bytes"), 3999);
  streamed.integers["memory_bytes"] = held.integers.at("memory_bytes");
  EXPECT_TRUE(masked(held) == masked(streamed));
}

TEST_F(CampaignTest, TheTableIsWhatTheNetworksDo) {
  const CampaignOutcome outcome = run();
  if (!leads()) return;
  const ExperimentResults& experiment = outcome.results.experiments.at(0);
  const ModelResults& plain = experiment.models.at(0);
  // Nothing flows through a chain with a dead node: the guess's expectation.
  EXPECT_EQ(plain.flow, (std::vector<std::uint8_t>{0, 0, 0, 1}));
  for (std::size_t run = 0; run < 2; ++run) {
    EXPECT_EQ(plain.correct[4 * run], 0);
    EXPECT_DOUBLE_EQ(plain.accuracy[4 * run + 1], 1.0 / 3);
    const double whole = plain.accuracy[4 * run + 3];
    EXPECT_GT(whole, 0.4) << "learnt nothing";
    EXPECT_DOUBLE_EQ(plain.average_accuracy.at("no_failure")[run], whole);
    EXPECT_NEAR(plain.average_accuracy.at("poor")[run], 0.63 * whole + 0.37 / 3, 1e-12);
    EXPECT_NEAR(plain.average_recall.at("poor")[run],
                0.63 * plain.average_recall.at("no_failure")[run] + 0.37 / 3, 1e-12);
  }
  EXPECT_NE(plain.correct[3], plain.correct[7]) << "two runs alike: the seed does not count the run";
  EXPECT_EQ(experiment.models[1].failout_rates, (std::vector<double>{0.1, 0.3}));
  EXPECT_EQ(plain.failout_rates, (std::vector<double>{0, 0}));
  EXPECT_EQ(plain.integers.at("parameters"), 4 * 6 + 7 * 6 + 7 * 6 + 7 * 3);
}

/// The bits of every sample are those of the networks, whoever swept which block.
TEST_F(CampaignTest, EverySampleIsKeptAsTheNetworksPredictIt) {
  const CampaignOutcome outcome = run();
  if (!leads()) return;
  const ExperimentResults& experiment = outcome.results.experiments.at(0);
  ASSERT_EQ(experiment.test_labels.size(), 200U);
  const ModelResults& skips = experiment.models.at(1);
  EXPECT_EQ(skips.right_row, outcome_rows(spec_.experiments[0].models[1].topology));
  EXPECT_EQ(experiment.models.at(0).right.size(), 2U * 1 * 25);
  const std::int64_t rows = outcome_count(skips.right_row);
  ASSERT_EQ(skips.right.size(), std::size_t(2 * rows * 25));
  const Dataset dataset = load_dataset(spec_.experiments[0].dataset_path, "");
  const Topology& topology = spec_.experiments[0].models[1].topology;
  const SweepCounts again =
      sweep_diagram(topology, match_sources(topology, dataset, "t"),
                    load_weights(weights_path(spec_, {0, 1, 1})), view(dataset.test), {false, true});
  const auto second = skips.right.begin() + rows * 25;
  EXPECT_TRUE(std::equal(second, skips.right.end(), again.right.bytes().begin()));
}

TEST_F(CampaignTest, BitsThatWouldBeTooLargeAreLeftOutAndSoSaid) {
  for (ModelSpec& model : spec_.experiments[0].models) model.training.epochs = 1;
  spec_.per_sample_mib = 0;
  const CampaignOutcome none = run();
  EXPECT_EQ(none.code, ExitCode::good);
  if (leads()) {
    EXPECT_TRUE(none.results.experiments.at(0).test_labels.empty());
    EXPECT_TRUE(none.results.experiments.at(0).models.at(1).right.empty());
    EXPECT_EQ(none.results.experiments.at(0).models.at(1).text.count("right_left_out"), 0U);
  }
  ModelForm form;
  form.outcomes = 2;
  spec_.per_sample_mib = 1;
  EXPECT_TRUE(keeps_sample_hits(spec_, form, 4 * 1024 * 512));
  EXPECT_EQ(sample_hits_left_out(spec_, form, 4 * 1024 * 512), "");
  EXPECT_FALSE(keeps_sample_hits(spec_, form, 4 * 1024 * 512 + 1));
  EXPECT_EQ(sample_hits_left_out(spec_, form, 8 * 1024 * 512), "2.0 MiB of bits, per_sample_mib = 1");
  const ModelResults tables = empty_tables(spec_, spec_.experiments[0], spec_.experiments[0].models[0],
                                           form_of(spec_, spec_.experiments[0].models[0]), 1 << 24);
  EXPECT_EQ(tables.text.at("right_left_out"), "4.0 MiB of bits, per_sample_mib = 1");
  EXPECT_TRUE(tables.right.empty());
}

TEST_F(CampaignTest, AFinishedCampaignIsNotDoneAgain) {
  run();
  const std::string before = leads() ? test::read_file(spec_.output) : "";
  const CampaignOutcome again = run();
  EXPECT_EQ(again.code, ExitCode::good);
  if (!leads()) return;
  EXPECT_TRUE(test::read_file(spec_.output) == before);
  EXPECT_EQ(again.results.experiments.size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(CampaignTest, RestartDoesItAgain) {
  run();
  const auto weights = weights_path(spec_, {0, 0, 0});
  if (leads()) {
    ASSERT_TRUE(std::filesystem::remove(weights));
  }
  spec_.config_text += "[other]\nkey = 1\n";
  expect_everywhere<UserError>("other.key: (none) -> 1");
  options_.restart = true;
  EXPECT_EQ(run().code, ExitCode::good);
  if (leads()) {
    EXPECT_TRUE(std::filesystem::exists(weights));
  }
}

TEST_F(CampaignTest, WeightsGoWhenNobodyWantsThem) {
  spec_.save_weights = false;
  EXPECT_EQ(run().code, ExitCode::good);
  EXPECT_FALSE(std::filesystem::exists(weights_folder(spec_)));
  EXPECT_TRUE(std::filesystem::exists(spec_.output));
}

TEST_F(CampaignTest, ResumesFromAnyRecordAndRepeatsNothing) {
  std::vector<LogRecord> records;
  std::string expected;
  if (leads()) {
    expected = masked(reference());
    MarkedWork work(spec_);
    records = test::records_of_everything(spec_, work);
    ASSERT_EQ(records.size(), 17U);
  }
  for (std::size_t cut = 0; cut <= 17; ++cut) {
    double trained = 0, swept = 0;  // marks of the records that stay
    if (leads()) {
      std::filesystem::remove(spec_.output);
      RecordLog journal(journal_path(spec_), spec_.config_text);
      for (std::size_t i = 0; i < cut; ++i) {
        journal.append(records[i]);
        trained += records[i].type == "training" ? 1000 : 0;
        swept += records[i].type == "sweep" ? 0.5 : 0;
      }
    }
    if (leads() && cut % 3 == 1) {  // and the next one half
      const std::string path = journal_path(spec_);
      test::write_file(path,
                       test::read_file(path) + std::string(1, '\x08') + std::string(20, '\0') + "training");
    }
    const CampaignOutcome outcome = run();
    ASSERT_EQ(outcome.code, ExitCode::good) << "cut " << cut;
    if (!leads()) continue;
    EXPECT_TRUE(masked(outcome.results) == expected) << "cut " << cut;
    double train_seconds = 0, sweep_seconds = 0;
    for (const ModelResults& model : outcome.results.experiments[0].models) {
      for (const double seconds : model.train_seconds) train_seconds += seconds;
      for (const double seconds : model.sweep_seconds) sweep_seconds += seconds;
    }
    EXPECT_NEAR(train_seconds, trained, 100) << "cut " << cut << ": a finished training was repeated";
    EXPECT_GE(sweep_seconds, swept) << "cut " << cut << ": a finished sweep was repeated";
  }
}

TEST_F(CampaignTest, ASecondJobIsTurnedAwayOnEveryRank) {
  std::unique_ptr<RecordLog> other;
  if (leads()) other = std::make_unique<RecordLog>(journal_path(spec_), spec_.config_text);
  expect_everywhere<UserError>("in use");
}

TEST_F(CampaignTest, ARankWithAnotherConfigIsFound) {
  if (world_.size() == 1) GTEST_SKIP() << "no other rank";
  if (world_.rank() == world_.size() - 1) spec_.config_text += "# edited meanwhile\n";
  expect_everywhere<UserError>("reads a different config or topology than rank 0");
}

TEST_F(CampaignTest, MissingDataEndEveryRank) {
  spec_.experiments[0].dataset_path += ".gone";
  expect_everywhere<UserError>("tiny.h5.gone");
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(CampaignTest, AModelThatDivergesIsNamedAndTheOthersAreFinished) {
  spec_.experiments[0].models[1].training.optimiser = "sgd";
  spec_.experiments[0].models[1].training.learning_rate = 1e10;
  const CampaignOutcome first = run();
  EXPECT_EQ(first.code, ExitCode::failed);
  const std::string before = leads() ? test::read_file(weights_path(spec_, {0, 0, 0})) : "";
  if (leads()) {
    const Results written = read_results(spec_.output);
    EXPECT_EQ(written.text.at("status"), failed_runs_status);
    EXPECT_FALSE(written.valid);
    const std::vector<ModelResults>& models = written.experiments.at(0).models;
    EXPECT_EQ(models[0].done, (std::vector<std::uint8_t>{1, 1}));
    EXPECT_EQ(models[1].done, (std::vector<std::uint8_t>{0, 0}));
    EXPECT_EQ(failed_runs(models[1]), (std::vector<std::int64_t>{0, 1}));
    EXPECT_NE(written.invalid_reasons.find("model skips, run 1: training: training diverged"),
              std::string::npos)
        << written.invalid_reasons;
  }
  EXPECT_EQ(run().code, ExitCode::failed);  // not tried again, and still said
  spec_.experiments[0].models[1].training.learning_rate = 0.01;
  spec_.config_text += "[model.tiny.skips]\nlearning_rate = 0.01\n";
  const CampaignOutcome mended = run();
  EXPECT_EQ(mended.code, ExitCode::good);
  if (!leads()) return;
  EXPECT_EQ(test::read_file(weights_path(spec_, {0, 0, 0})), before);
  EXPECT_TRUE(masked(mended.results) == masked(reference()));
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(CampaignTest, ASignalOnTheLastRankStopsAll) {
  for (ModelSpec& model : spec_.experiments[0].models) model.training.epochs = 10'000'000;
  std::thread killer;
  if (world_.rank() == world_.size() - 1) {
    killer = std::thread([] {
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
      EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
    });
  }
  const Stopwatch watch;
  const CampaignOutcome outcome = run();
  if (killer.joinable()) killer.join();
  EXPECT_EQ(outcome.code, ExitCode::interrupted);
  EXPECT_LT(watch.seconds(), 15);
  if (!leads()) return;
  EXPECT_EQ(read_results(spec_.output).text.at("status"), "interrupted");
  EXPECT_FALSE(read_results(spec_.output).valid);
  EXPECT_TRUE(std::filesystem::exists(journal_path(spec_)));
}

}  // namespace
}  // namespace deepfog
