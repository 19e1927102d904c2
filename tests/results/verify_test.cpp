#include "results/verify.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "../storage/scratch.hpp"
#include "results/failed_runs.hpp"
#include "sample_results.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

using test::sample_results;
using Change = std::function<void(Results&)>;

const std::string experiment = "/experiments/sample", model = experiment + "/models/deepfogguard";

ExperimentResults& sample(Results& results) {
  return results.experiments[0];
}
ModelResults& guard(Results& results) {
  return results.experiments[0].models[1];
}
double& average(Results& results, const std::string& setting) {
  return guard(results).average_accuracy[setting][1];
}

TEST(Verify, TheSampleIsValidInMemoryAndInAFile) {
  EXPECT_EQ(verify(sample_results()), std::vector<std::string>{});
  const test::Scratch scratch;
  write_results(scratch.path("r.h5"), sample_results());
  EXPECT_EQ(verify(read_results(scratch.path("r.h5"))), std::vector<std::string>{});
}

TEST(Verify, WithoutConfusionAndPrecisionToo) {
  Results results = sample_results();
  guard(results).confusion.clear();
  EXPECT_EQ(verify(results), std::vector<std::string>{});
  guard(results).average_precision.clear();
  guard(results).average_recall.clear();
  EXPECT_EQ(verify(results), std::vector<std::string>{});
}

struct Case {
  std::string name;
  Change spoil;
  std::string violation;  ///< the first line
};

void expect_violations(const std::vector<Case>& cases) {
  for (const Case& bad : cases) {
    Results results = sample_results();
    bad.spoil(results);
    const std::vector<std::string> violations = verify(results);
    EXPECT_EQ(violations.empty() ? "nothing" : violations[0], bad.violation) << bad.name;
    for (const std::string& line : violations) EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
}

TEST(Verify, WhatEverySampleGot) {
  const std::string right = model + "/right";
  expect_violations({
      {"one sample more", [](Results& r) { guard(r).right[0] ^= 1; },
       right + ": run 0, row 0: 2 samples, but correct is 1"},
      {"rows in another order", [](Results& r) { std::swap(guard(r).right_row[5], guard(r).right_row[7]); },
       model + "/right_row: combination 5: 1, but by the topology 2"},
      {"a row too few", [](Results& r) { guard(r).right.resize(4); },
       model + "/right_row: 1 rows, but by the topology 2"},
      {"half a row", [](Results& r) { guard(r).right.pop_back(); }, right + ": 7 bytes"},
      {"rows without bits", [](Results& r) { guard(r).right.clear(); },
       model + "/right_row: there, but no right"},
      {"no labels", [](Results& r) { sample(r).test_labels.clear(); },
       experiment + "/test_labels: 0 values (10)"},
      {"labels of other classes", [](Results& r) { sample(r).test_labels[0] = 2; },
       experiment + "/test_labels: other counts than @test_class_counts"},
  });
  Results none = sample_results();
  guard(none).right.clear();
  guard(none).right_row.clear();
  EXPECT_EQ(verify(none), std::vector<std::string>{});
}

TEST(Verify, TheRecordOfTheCampaign) {
  expect_violations({
      {"failed runs that are not named", [](Results& r) { r.text["status"] = "failed-runs"; },
       "/@status: no run has failed"},
      {"complete with failed runs", [](Results& r) { guard(r).text["failed_runs"] = "run 0: why"; },
       "/@status: complete, but runs have failed"},
      {"another status", [](Results& r) { r.text["status"] = "done"; },
       "/@status: 'done' (running, interrupted, share, failed-runs, complete)"},
      {"no status", [](Results& r) { r.text.erase("status"); }, "/@status: missing"},
      {"no hosts", [](Results& r) { r.text.erase("hosts"); }, "/@hosts: missing"},
      {"no ranks", [](Results& r) { r.integers.erase("ranks"); }, "/@ranks: missing"},
      {"another config", [](Results& r) { r.text["config_text"] += "x"; },
       "/@config_sha256: is not that of config_text"},
      {"valid for a reason", [](Results& r) { r.invalid_reasons = "x"; },
       "/@invalid_reasons: not empty, but valid is 1"},
      {"nothing in it", [](Results& r) { r.experiments.clear(); }, "/experiments: no experiment"},
  });
}

TEST(Verify, TheExperiment) {
  expect_violations({
      {"origin", [](Results& r) { sample(r).data_origin = "guessed"; },
       experiment + "@data_origin: 'guessed' (real, synthetic)"},
      {"sum of the data", [](Results& r) { sample(r).data_sha256 = "12"; },
       experiment + "@data_sha256: not a SHA-256"},
      {"no test samples", [](Results& r) { sample(r).test_samples = 0; }, experiment + "@test_samples: 0"},
      {"counts of another split",
       [](Results& r) {
         sample(r).test_class_counts = {5, 3, 1};
       },
       experiment + "@test_class_counts: sum to 9 (test_samples 10)"},
      {"negative count",
       [](Results& r) {
         sample(r).test_class_counts = {15, -3, -2};
       },
       experiment + "@test_class_counts: 15"},
      {"guess of other classes", [](Results& r) { sample(r).guess_probabilities.pop_back(); },
       experiment + "@guess_probabilities: not one a class"},
      {"guess sums to more", [](Results& r) { sample(r).guess_probabilities[1] = 0.5; },
       experiment + "@guess_probabilities: sum to 1.25 (1)"},
      {"guess not uniform", [](Results& r) { sample(r).guess = "uniform"; },
       experiment + "@guess_probabilities: 0.5 of class 0"},
      {"expected guess", [](Results& r) { sample(r).guess_accuracy = 0.5; },
       experiment + "@guess_accuracy: 0.5, but the probabilities give 0.375"},
      {"probability above 1", [](Results& r) { sample(r).reliability[1].second[0] = 1.5; },
       experiment + "/reliability/normal: 1.5"},
      {"probability NaN", [](Results& r) { sample(r).reliability[1].second[0] = std::nan(""); },
       experiment + "/reliability/normal: nan"},
      {"failures under no_failure", [](Results& r) { sample(r).reliability[0].second[0] = 0.99; },
       experiment + "/reliability/no_failure: 0.99"},
      {"probabilities of other nodes", [](Results& r) { sample(r).reliability[1].second.pop_back(); },
       experiment + "/reliability/normal: 2 values (3)"},
      {"no models", [](Results& r) { sample(r).models.clear(); }, experiment + "/models: no model"},
  });
}

TEST(Verify, TheModel) {
  expect_violations({
      {"attribute missing", [](Results& r) { guard(r).text.erase("optimiser"); },
       model + "@optimiser: missing"},
      {"number missing", [](Results& r) { guard(r).numbers.clear(); }, model + "@learning_rate: missing"},
      {"training", [](Results& r) { guard(r).text["training"] = "dropout"; },
       model + "@training: 'dropout' (standard, failout)"},
      {"failout under standard", [](Results& r) { guard(r).text["training"] = "standard"; },
       model + "@failout_rates: 0.1 (0 under standard training)"},
      {"failout rate", [](Results& r) { guard(r).failout_rates[0] = -0.1; },
       model + "@failout_rates: -0.1 (0 to 1)"},
      {"topology unreadable", [](Results& r) { guard(r).topology_text = ""; },
       model + "/topology_text: with-skip.topology: an empty file (a topology file)"},
      {"other nodes fail",
       [](Results& r) {
         std::string& text = guard(r).topology_text;
         text.replace(text.find("fails c b a"), 11, "fails a b c");
       },
       model + "/topology_text: its failing nodes are a, b, c (c, b, a)"},
      {"other classes",
       [](Results& r) {
         std::string& text = guard(r).topology_text;
         text.replace(text.find("linear:3"), 8, "linear:4");
       },
       model + "/topology_text: a network of 4 classes (3)"},
      {"the topology of another model",
       [](Results& r) { guard(r).topology_text = sample(r).models[0].topology_text; },
       model + "/flow: combination 5: 1, but by the topology 0"},
      {"counts of other runs", [](Results& r) { guard(r).correct.resize(8); },
       model + "/correct: 8 values (16)"},
      {"setting missing", [](Results& r) { guard(r).average_accuracy.erase("normal"); },
       model + "/average_accuracy/normal: missing"},
      {"setting unknown",
       [](Results& r) {
         guard(r).average_accuracy["poor"] = {0, 0};
       },
       model + "/average_accuracy/poor: no such reliability setting"},
      {"done", [](Results& r) { guard(r).done[1] = 7; }, model + "/done: run 1: 7 (0 or 1)"},
      {"not done", [](Results& r) { guard(r).done[1] = 0; },
       model + "/done: run 1: not done, but the status is complete"},
  });
}

TEST(Verify, AModelOnTheWeightsOfAnother) {
  const auto borrow = [](Results& r) {
    guard(r).text["weights_of"] = r.experiments[0].models[0].name;
    guard(r).validation_accuracy = sample(r).models[0].validation_accuracy;
    guard(r).best_epoch = sample(r).models[0].best_epoch;
  };
  Results good = sample_results();
  borrow(good);
  EXPECT_EQ(verify(good), std::vector<std::string>{});
  const std::string where = model + "@weights_of: ";
  expect_violations({
      {"nobody's", [](Results& r) { guard(r).text["weights_of"] = "nobody"; },
       where + "nobody is no trained model of the experiment"},
      {"its own", [](Results& r) { guard(r).text["weights_of"] = "deepfogguard"; },
       where + "deepfogguard is no trained model of the experiment"},
      {"another training",
       [&](Results& r) {
         borrow(r);
         guard(r).best_epoch[1] += 1;
       },
       where + "run 1: not the training of " + good.experiments[0].models[0].name},
  });
}

TEST(Verify, CountsAndAccuracies) {
  expect_violations({
      {"more than all", [](Results& r) { guard(r).correct[7] = 11; },
       model + "/correct: run 0, combination 7: 11 (0 to 10)"},
      {"negative", [](Results& r) { guard(r).correct[7] = -1; },
       model + "/correct: run 0, combination 7: -1 (0 to 10)"},
      {"correct without flow", [](Results& r) { guard(r).correct[8] = 1; },
       model + "/correct: run 1, combination 0: 1 (0 to 0)"},
      {"accuracy above 1", [](Results& r) { guard(r).accuracy[7] = 1.5; },
       model + "/accuracy: run 0, combination 7: 1.5 (0 to 1)"},
      {"accuracy NaN", [](Results& r) { guard(r).accuracy[7] = std::nan(""); },
       model + "/accuracy: run 0, combination 7: nan (0 to 1)"},
      {"accuracy of other counts", [](Results& r) { guard(r).accuracy[7] = 0.25; },
       model + "/accuracy: run 0, combination 7: 0.25, but correct / test_samples is 0.1"},
      {"accuracy off in the 11th digit", [](Results& r) { guard(r).accuracy[7] *= 1 + 1e-11; },
       model + "/accuracy: run 0, combination 7: 0.100000000001, but correct / test_samples is 0.1"},
      {"guess", [](Results& r) { guard(r).accuracy[0] = 1.0 / 3; },
       model + "/accuracy: run 0, combination 0: 0.333333333333333, but guessing gives 0.375"},
      {"confusion row", [](Results& r) { guard(r).confusion[7 * 9 + 1] += 1; },
       model + "/confusion: run 0, combination 7: row 0 sums to 6 (5)"},
      {"confusion diagonal",
       [](Results& r) {
         guard(r).confusion[7 * 9] -= 1;
         guard(r).confusion[7 * 9 + 1] += 1;
       },
       model + "/confusion: run 0, combination 7: its diagonal sums to 0, but correct is 1"},
      {"confusion negative", [](Results& r) { guard(r).confusion[7 * 9] = -1; },
       model + "/confusion: run 0, combination 7: a count of -1 (0 to 10)"},
      {"confusion without flow", [](Results& r) { guard(r).confusion[1] = 5; },
       model + "/confusion: run 0, combination 0: row 0 sums to 5 (0)"},
  });
}

TEST(Verify, AveragesAndTheRest) {
  Results results = sample_results();
  const auto text = [](double value) {
    char buffer[32];
    return std::string(buffer,
                       static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%.15g", value)));
  };
  const std::string hazardous = text(average(results, "hazardous")),
                    all = text(average(results, "no_failure"));
  const std::string precision = text(guard(results).average_precision["normal"][0]);
  const std::string recall = text(guard(results).average_recall["normal"][0]);
  expect_violations({
      {"another average", [](Results& r) { average(r, "hazardous") = 0.5; },
       model + "/average_accuracy/hazardous: run 1: 0.5, but Equation 3 gives " + hazardous},
      {"not the undistributed network", [](Results& r) { average(r, "no_failure") = 0.5; },
       model + "/average_accuracy/no_failure: run 1: 0.5, but Equation 3 gives " + all},
      {"NaN", [](Results& r) { average(r, "hazardous") = std::nan(""); },
       model + "/average_accuracy/hazardous: run 1: nan, but Equation 3 gives " + hazardous},
      {"precision", [](Results& r) { guard(r).average_precision["normal"][0] = 0.5; },
       model + "/average_precision/normal: run 0: 0.5, but Equation 3 gives " + precision},
      {"recall", [](Results& r) { guard(r).average_recall["normal"][0] = 0.5; },
       model + "/average_recall/normal: run 0: 0.5, but Equation 3 gives " + recall},
      {"validation", [](Results& r) { guard(r).validation_accuracy[0] = 95; },
       model + "/validation_accuracy: run 0: 95 (0 to 1)"},
      {"time", [](Results& r) { guard(r).train_seconds[0] = std::numeric_limits<double>::infinity(); },
       model + "/train_seconds: run 0: inf (0 or more)"},
      {"epoch", [](Results& r) { guard(r).best_epoch[0] = 6; }, model + "/best_epoch: run 0: 6 (0 to 5)"},
  });
  average(results, "no_failure") = 0.5;
  const std::vector<std::string> violations = verify(results);
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_EQ(violations[1],
            model + "/average_accuracy/no_failure: run 1: 0.5, but the undistributed network has " + all);
}

TEST(Verify, AnAverageOutsideItsTableIsSaid) {
  Results results = sample_results();
  average(results, "hazardous") = 0.99;
  const std::vector<std::string> violations = verify(results);
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_NE(violations[1].find("0.99 is outside the accuracies "), std::string::npos) << violations[1];
}

TEST(Verify, RunsNotDoneAreLeftOut) {
  Results results = sample_results();
  results.text["status"] = "running";
  ModelResults& unfinished = guard(results);
  unfinished.done[1] = 0;
  for (std::size_t k = 8; k < 16; ++k) unfinished.correct[k] = -5;
  unfinished.validation_accuracy[1] = std::nan("");
  average(results, "normal") = std::nan("");
  EXPECT_EQ(verify(results), std::vector<std::string>{});
}

TEST(Verify, RunsThatHaveFailedAreNamed) {
  Results results = sample_results();
  results.text["status"] = failed_runs_status;
  guard(results).done[1] = 0;
  note_failed_run(guard(results), 1, "training: diverged; really\nso");
  EXPECT_EQ(guard(results).text.at("failed_runs"), "run 1: training: diverged, really so");
  EXPECT_EQ(verify(results), std::vector<std::string>{});
  guard(results).done[0] = 0;  // and one that nobody names
  EXPECT_EQ(verify(results),
            std::vector<std::string>{model + "/done: run 0: not done, but the status is complete"});
  note_failed_run(guard(results), 7, "sweep: out of memory");
  EXPECT_EQ(verify(results).front(), model + "@failed_runs: run 7");
}

TEST(Verify, ATableWrongAllOverTakesFewLines) {
  Results results = sample_results();
  for (double& accuracy : guard(results).accuracy) accuracy = 2;
  std::size_t lines = 0, more = 0;
  for (const std::string& line : verify(results)) {
    lines += line.find(model + "/accuracy: ") == 0 ? 1 : 0;
    more += line == model + "/accuracy: 13 more of these" ? 1 : 0;
  }
  EXPECT_EQ(lines, 4U);
  EXPECT_EQ(more, 1U);
}

// Every figure of every table of a done run is held by some invariant.
TEST(Verify, NoSingleFigureCanBeChangedUnseen) {
  const Results good = sample_results();
  std::size_t changed = 0;
  const auto expect_seen = [&](const Change& change) {
    Results results = good;
    change(results);
    EXPECT_NE(verify(results), std::vector<std::string>{}) << changed;
    ++changed;
  };
  for (std::size_t i = 0; i < 16; ++i) {
    expect_seen([i](Results& r) { guard(r).correct[i] += 1; });
    expect_seen([i](Results& r) { guard(r).accuracy[i] += 1e-9; });
  }
  for (std::size_t i = 0; i < 8; ++i) expect_seen([i](Results& r) { guard(r).flow[i] ^= 1; });
  for (std::size_t i = 0; i < 16 * 9; ++i) expect_seen([i](Results& r) { guard(r).confusion[i] += 1; });
  for (const char* setting : {"no_failure", "normal", "hazardous"}) {
    for (std::size_t run = 0; run < 2; ++run) {
      expect_seen([&](Results& r) { guard(r).average_accuracy[setting][run] -= 1e-9; });
      expect_seen([&](Results& r) { guard(r).average_precision[setting][run] -= 1e-9; });
      expect_seen([&](Results& r) { guard(r).average_recall[setting][run] -= 1e-9; });
    }
  }
  EXPECT_EQ(changed, 202U);
}

}  // namespace
}  // namespace deepfog
