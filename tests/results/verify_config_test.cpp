// A file is held against the config that it was made with, and every number in it is finite.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "../storage/scratch.hpp"
#include "results/verify.hpp"
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

std::string model_section(const Results& results, std::size_t m) {
  const ModelResults& one = results.experiments[0].models[m];
  std::string text =
      "\n[model.sample." + one.name + "]\ntopology_sha256 = " + sha256(one.topology_text) + "\n";
  for (const char* key : {"training", "optimiser", "class_weights", "normalise"})
    text += std::string(key) + " = " + one.text.at(key) + "\n";
  for (const char* key : {"epochs", "batch_size"})
    text += std::string(key) + " = " + std::to_string(one.integers.at(key)) + "\n";
  return text + "learning_rate = " + std::to_string(one.numbers.at("learning_rate")) + "\n";
}

void set_config(Results& results, const std::string& text) {
  results.text["config_text"] = text;
  results.text["config_sha256"] = sha256(text);
}

/// The sample with the config that it might have been made with.
Results configured() {
  Results results = sample_results();
  sample(results).models[0].numbers["learning_rate"] = guard(results).numbers["learning_rate"] = 0.125;
  set_config(results,
             "[campaign]\nname = sample\nseed = " + std::to_string(guard(results).integers.at("seed")) +
                 "\nruns = 2\nthreads = 1\nconfusion = true\n\n[experiment.sample]\ndataset = sample\n"
                 "split = official\nguess = class_frequency\nreliability.no_failure = c:1 b:1 a:1\n"
                 "reliability.normal = c:0.99 b:0.98 a:0.96\nreliability.hazardous = c:0.9 b:0.7 a:0.6\n"
                 "models = vanilla deepfogguard\n" +
                 model_section(results, 0) + model_section(results, 1));
  return results;
}

bool has(const std::vector<std::string>& violations, const std::string& line) {
  return std::find(violations.begin(), violations.end(), line) != violations.end();
}

std::string all(const std::vector<std::string>& violations) {
  std::string text;
  for (const std::string& violation : violations) text += violation + "\n";
  return text;
}

TEST(VerifyConfig, AFileThatSaysWhatItsConfigSaysIsValid) {
  EXPECT_EQ(verify(configured()), std::vector<std::string>{});
  Results older = sample_results();
  set_config(older,
             "[campaign]\nname = sample\n\n[experiment.sample]\ndataset = sample\n\n"
             "[model.sample.vanilla]\n\n[model.sample.deepfogguard]\n");
  EXPECT_EQ(verify(older), std::vector<std::string>{}) << "keys that an older version did not write";
}

TEST(VerifyConfig, WhatContradictsItIsFound) {
  const std::vector<std::pair<Change, std::string>> cases{
      {[](Results& r) { sample(r).models.pop_back(); },
       experiment + "/models: vanilla, but config_text says vanilla, deepfogguard"},
      {[](Results& r) { std::swap(sample(r).models[0], sample(r).models[1]); },
       experiment + "/models: deepfogguard, vanilla, but config_text says vanilla, deepfogguard"},
      {[](Results& r) { std::swap(sample(r).models[0].topology_text, guard(r).topology_text); },
       model + "/topology_text: is not the topology of config_text, of which it has the SHA-256"},
      {[](Results& r) { r.experiments[0].name = "other"; },
       "/experiments: other, but config_text says sample"},
      {[](Results& r) { r.experiments.push_back(r.experiments[0]); },
       "/experiments: sample, sample, but config_text says sample"},
      {[](Results& r) { guard(r).integers["epochs"] = 99; }, model + "@epochs: 99, but config_text says "},
      {[](Results& r) { guard(r).integers["batch_size"] = 7; },
       model + "@batch_size: 7, but config_text says "},
      {[](Results& r) { guard(r).integers["seed"] = 77; }, model + "@seed: 77, but config_text says "},
      {[](Results& r) { guard(r).text["optimiser"] = "rmsprop"; },
       model + "@optimiser: rmsprop, but config_text says "},
      {[](Results& r) { guard(r).text.erase("normalise"); }, model + "@normalise: missing"},
      {[](Results& r) { guard(r).numbers["learning_rate"] = 0.5; },
       model + "@learning_rate: 0.5, but config_text says 0.125000"},
      {[](Results& r) { guard(r).text["weights_of"] = "vanilla"; },
       model + "@weights_of: not in config_text"},
      {[](Results& r) { sample(r).split = "other"; },
       experiment + "@split: other, but config_text says official"},
      {[](Results& r) { sample(r).guess = "uniform"; },
       experiment + "@guess: uniform, but config_text says class_frequency"},
      {[](Results& r) { sample(r).reliability[1].second[0] = 0.98; },
       experiment + "/reliability/normal: c:0.98, but config_text says c:0.99 b:0.98 a:0.96"},
      {[](Results& r) { sample(r).reliability.pop_back(); },
       experiment + "/reliability: no_failure, normal, but config_text says no_failure, normal, hazardous"},
      {[](Results& r) { r.integers["threads_per_rank"] = 4; },
       "/@threads_per_rank: 4, but config_text says 1"},
      {[](Results& r) { r.text["trainer"] = "fused"; }, "/@trainer: fused, but config_text says libtorch"},
      {[](Results& r) { guard(r).confusion.clear(); },
       model + "/confusion: missing, but config_text says confusion = true"},
      {[](Results& r) { guard(r).integers["parameters"] += 1; }, model + "@parameters: "},
  };
  for (const auto& [change, violation] : cases) {
    Results results = configured();
    change(results);
    const std::vector<std::string> violations = verify(results);
    EXPECT_NE(all(violations).find(violation), std::string::npos) << violation << "\n" << all(violations);
  }
}

TEST(VerifyConfig, TheCopyOfTheFirstTopologyIsOne) {
  const test::Scratch scratch;
  write_results(scratch.path("r.h5"), configured());
  Results results = read_results(scratch.path("r.h5"));
  EXPECT_EQ(verify(results), std::vector<std::string>{});
  sample(results).topology_text += "# another\n";
  EXPECT_TRUE(has(verify(results), experiment + "/topology/text: is not the topology of the first model"));
}

TEST(VerifyConfig, ExperimentsOnTheSameDataAgree) {
  for (const Change& change : {Change([](Results& r) { r.experiments[1].data_origin = "real"; }),
                               Change([](Results& r) { r.experiments[1].dataset = "other"; }),
                               Change([](Results& r) { r.experiments[1].train_samples = 81; })}) {
    Results results = sample_results();
    results.experiments.push_back(results.experiments[0]);
    results.experiments[1].name = "again";
    EXPECT_EQ(verify(results), std::vector<std::string>{});
    change(results);
    EXPECT_TRUE(has(verify(results),
                    "/experiments/again: says another thing of its data set than sample of the same one"));
  }
}

TEST(VerifyNumbers, InfinityAndNanAreFoundEverywhere) {
  const std::vector<std::pair<std::string, std::function<double&(Results&)>>> places{
      {model + "/average_accuracy/normal",
       [](Results& r) -> double& { return guard(r).average_accuracy["normal"][1]; }},
      {model + "/average_recall/normal",
       [](Results& r) -> double& { return guard(r).average_recall["normal"][0]; }},
      {model + "/average_precision/hazardous",
       [](Results& r) -> double& { return guard(r).average_precision["hazardous"][1]; }},
      {model + "/accuracy", [](Results& r) -> double& { return guard(r).accuracy[3]; }},
      {model + "/validation_accuracy", [](Results& r) -> double& { return guard(r).validation_accuracy[0]; }},
      {model + "/train_seconds", [](Results& r) -> double& { return guard(r).train_seconds[0]; }},
      {model + "@learning_rate", [](Results& r) -> double& { return guard(r).numbers["learning_rate"]; }},
      {model + "@failout_rates", [](Results& r) -> double& { return guard(r).failout_rates[0]; }},
      {experiment + "@guess_accuracy", [](Results& r) -> double& { return sample(r).guess_accuracy; }},
      {experiment + "@guess_probabilities",
       [](Results& r) -> double& { return sample(r).guess_probabilities[0]; }},
      {experiment + "/reliability/normal",
       [](Results& r) -> double& { return sample(r).reliability[1].second[0]; }},
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    for (const auto& [where, place] : places) {
      Results results = sample_results();
      place(results) = value;
      const std::string violations = all(verify(results));
      EXPECT_NE(violations.find(where + ": "), std::string::npos) << where << ": " << value << "\n"
                                                                  << violations;
    }
  }
}

TEST(VerifyNumbers, ARunThatIsNotDoneMayHaveNanButNoInfinity) {
  Results results = sample_results();
  results.text["status"] = "interrupted";
  guard(results).done[1] = 0;
  guard(results).average_accuracy["normal"][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(verify(results), std::vector<std::string>{});
  guard(results).average_accuracy["normal"][1] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(has(verify(results), model + "/average_accuracy/normal: inf (a finite number)"));
}

}  // namespace
}  // namespace deepfog
