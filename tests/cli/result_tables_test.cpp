#include "cli/result_tables.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

Results sample() {
  Results results;
  ExperimentResults experiment;
  experiment.name = "health";
  experiment.dataset = "mhealth";
  experiment.data_origin = "synthetic";
  experiment.split = "rows";
  experiment.guess = "uniform";
  experiment.classes = 12;
  experiment.test_samples = 1000;
  experiment.runs = 2;
  experiment.guess_accuracy = 1.0 / 12;
  experiment.nodes = {"f1"};
  experiment.reliability = {{"normal", {0.99}}, {"hazardous", {0.9}}};
  ModelResults vanilla;
  vanilla.name = "vanilla";
  vanilla.done = {1, 1};
  vanilla.average_accuracy = {{"normal", {0.90, 0.92}}, {"hazardous", {0.60, 0.62}}};
  ModelResults guard = vanilla;
  guard.name = "deepfogguard";
  guard.done = {1, 0};  // the second run is not finished: its figures do not count
  guard.average_accuracy = {{"normal", {0.935, 0.0}}, {"hazardous", {0.50, 0.0}}};
  experiment.models = {vanilla, guard};
  results.experiments.push_back(experiment);
  return results;
}

TEST(ResultTables, ShowMeanIntervalGainAndOrigin) {
  EXPECT_EQ(result_tables(sample()),
            "health: average accuracy in %, mean ± 95 % interval over 2 runs (gain over vanilla in points)\n"
            "  SYNTHETIC data mhealth, split rows, 1000 test samples, 12 classes, guess uniform (8.33)\n"
            "  model         normal         hazardous\n"
            "  vanilla       91.00 ± 12.71  61.00 ± 12.71\n"
            "  deepfogguard  93.50 (+2.50)  50.00 (-11.00)\n\n");
}

TEST(ResultTables, AModelTrainedWithoutANodeHasNoAverages) {
  Results results = sample();
  results.experiments[0].models[1].text["trained_without"] = "f1";
  EXPECT_EQ(result_tables(results).find("deepfogguard"), std::string::npos);
  results.experiments[0].models[1].text["trained_without"] = "";
  EXPECT_NE(result_tables(results).find("deepfogguard"), std::string::npos);
}

TEST(ResultTables, LinesAreGreppable) {
  EXPECT_EQ(
      result_lines(sample()),
      "RESULT experiment=health model=vanilla setting=normal average_accuracy=0.910000 ci95=0.127062 runs=2 "
      "gain_points=0.00 data=synthetic split=rows\n"
      "RESULT experiment=health model=vanilla setting=hazardous average_accuracy=0.610000 ci95=0.127062 "
      "runs=2 "
      "gain_points=0.00 data=synthetic split=rows\n"
      "RESULT experiment=health model=deepfogguard setting=normal average_accuracy=0.935000 ci95=nan runs=1 "
      "gain_points=2.50 data=synthetic split=rows\n"
      "RESULT experiment=health model=deepfogguard setting=hazardous average_accuracy=0.500000 ci95=nan "
      "runs=1 "
      "gain_points=-11.00 data=synthetic split=rows\n");
}

TEST(ResultTables, WhatIsNotDoneIsADash) {
  Results results = sample();
  results.experiments[0].models[0].done = {0, 0};
  results.experiments[0].data_origin = "real";
  const std::string text = result_tables(results);
  EXPECT_NE(text.find("  vanilla       -       -\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  deepfogguard  93.50   50.00\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  real data mhealth"), std::string::npos);
  EXPECT_EQ(result_lines(results).find("model=vanilla"), std::string::npos);
  EXPECT_NE(result_lines(results).find("gain_points=nan"), std::string::npos);
}

}  // namespace
}  // namespace deepfog
