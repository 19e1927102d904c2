#include <gtest/gtest.h>

#include <cmath>

#include "../models/small_ddnn.hpp"
#include "core/error.hpp"
#include "models/network.hpp"
#include "training/exit_thresholds.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

/// Three cameras see the same object from different sides: one third of the values of a view, which depends
/// on the class, is brighter. One view in ten is missing, that is, all black.
SampleSet views(const Topology& topology, std::int64_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  SampleSet set;
  for (const Source& source : topology.sources()) set.features += source.width;
  for (std::int64_t i = 0; i < size; ++i) {
    const auto label = std::int64_t(stream.below(3));
    set.labels.push_back(label);
    for (const Source& source : topology.sources()) {
      const bool missing = stream.below(10) == 0;
      for (std::int64_t f = 0; f < source.width; ++f) {
        const std::int64_t third = 3 * f / source.width;
        const double value = 2 * stream.uniform() - 1 + (third == label ? 0.8 : -0.2);
        set.values.push_back(missing ? 0.0F : float(value));
      }
    }
  }
  return set;
}

Dataset dataset_of(const Topology& topology) {
  Dataset dataset;
  dataset.name = "views";
  dataset.origin = "synthetic";
  dataset.split = "rows";
  dataset.class_names = {"one", "two", "three"};
  dataset.sources = topology.sources();
  dataset.train = views(topology, 300, 1);
  dataset.validation = views(topology, 100, 2);
  dataset.test = views(topology, 50, 3);
  return dataset;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

Topology small(const std::vector<std::pair<std::string, std::string>>& lets = {}) {
  return parse_topology(with_values(test::kDevicesAndCloud, lets, "c"), "c");
}

TrainingSpec quick(std::int64_t epochs) {
  TrainingSpec spec;
  spec.epochs = epochs;
  spec.batch_size = 32;
  spec.learning_rate = 0.01;
  return spec;
}

Weights initial(const Topology& topology, std::uint64_t seed) {
  Network network(topology, test::SmallDdnn(topology, 1, 1).columns);
  network->initialise(derive_seed(seed, "", "", 0, "weights"));
  return network->weights();
}

/// Names of the tensors of this node that have changed.
std::vector<std::string> moved(const Weights& before, const Weights& after, const std::string& node) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].node == node && before[i].values != after[i].values) names.push_back(before[i].name);
  }
  return names;
}

std::vector<float> values_of(const Weights& weights) {
  std::vector<float> values;
  for (const NamedTensor& tensor : weights)
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  return values;
}

TEST(ExitsTrainer, BinaryAndFloatNetworksLearn) {
  const std::vector<std::vector<std::pair<std::string, std::string>>> kinds{
      {}, {{"CONV", "conv"}, {"LINEAR", "norm-linear"}}};
  for (const auto& lets : kinds) {
    const Topology topology = small(lets);
    const TrainedModel model = train(topology, dataset_of(topology), quick(10), 1, nullptr);
    EXPECT_GT(model.validation_accuracy, 0.75) << "guessing has a third";
    EXPECT_EQ(model.null_batches, 0);
    for (const NamedTensor& tensor : model.weights) {
      for (const float value : tensor.values) {
        ASSERT_TRUE(std::isfinite(value)) << tensor.name;
        const bool binary = lets.empty() && tensor.name.find(".weight") != std::string::npos;
        if (binary) {
          ASSERT_LE(std::abs(value), 1) << tensor.name;
        }
      }
    }
  }
}

TEST(ExitsTrainer, TheSameSeedIsTheSameNetworkBitForBit) {
  const Topology topology = small();
  const Dataset dataset = dataset_of(topology);
  const auto trained = [&](std::uint64_t seed) {
    return values_of(train(topology, dataset, quick(2), seed, nullptr).weights);
  };
  const std::vector<float> one = trained(7);
  EXPECT_EQ(one, trained(7));
  EXPECT_NE(one, trained(8));
}

TEST(ExitsTrainer, EveryHeadAddsItsLossByItsWeight) {
  // Only the named head has a loss: tensors that do not lead to it must not change.
  const auto alone = [](const std::string& head) {
    std::string text = test::kDevicesAndCloud;
    for (const std::string name :
         {"exit local threshold=0.8", "exit cloud", "summary s1", "summary s2", "summary s3"}) {
      if (name != head) text = replaced(text, "\n" + name + "\n", "\n" + name + " loss=0\n");
    }
    const Topology topology = parse_topology(text, "alone");
    const Weights before = initial(topology, 4);
    const Weights after = train(topology, dataset_of(topology), quick(1), 4, nullptr).weights;
    std::string names;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool weight = before[i].name.find(".weight") != std::string::npos;
      if (weight && before[i].values != after[i].values) names += before[i].name + " ";
    }
    return names;
  };
  EXPECT_EQ(alone("summary s2"), "d2.layer1.weight s2.layer1.weight ");
  EXPECT_EQ(alone("exit cloud"),
            "d1.layer1.weight d2.layer1.weight d3.layer1.weight cloud.layer1.weight cloud.layer2.weight ");
  EXPECT_EQ(alone("exit local threshold=0.8"),
            "d1.layer1.weight s1.layer1.weight d2.layer1.weight s2.layer1.weight d3.layer1.weight "
            "s3.layer1.weight ");
}

TEST(ExitsTrainer, HalfALossIsHalfAStep) {
  const auto trained = [](const std::string& loss, double rate) {
    std::string text = replaced(test::kDevicesAndCloud, "summary s2", "summary s2 loss=" + loss);
    for (const std::string name : {"exit local threshold=0.8", "exit cloud", "summary s1", "summary s3"})
      text = replaced(text, "\n" + name + "\n", "\n" + name + " loss=0\n");
    const Topology topology = parse_topology(text, "half");
    TrainingSpec spec = quick(1);
    spec.optimiser = "sgd";
    spec.learning_rate = rate;
    return values_of(train(topology, dataset_of(topology), spec, 4, nullptr).weights);
  };
  const std::vector<float> half = trained("0.5", 0.002), whole = trained("1", 0.001),
                           twice = trained("1", 0.002);
  for (std::size_t i = 0; i < half.size(); ++i) ASSERT_NEAR(half[i], whole[i], 1e-5);
  EXPECT_NE(half, twice);
}

TEST(ExitsTrainer, AMissingViewIsNoSampleForItsSummary) {
  // The local exit has no loss, so a summary learns from its own loss only.
  const std::string text =
      replaced(test::kDevicesAndCloud, "exit local threshold=0.8", "exit local threshold=0.8 loss=0");
  const Topology topology = parse_topology(text, "c");
  Dataset dataset = dataset_of(topology);
  for (std::int64_t row = 0; row < dataset.train.size(); ++row) {
    const auto begin = dataset.train.values.begin() + row * dataset.train.features;
    std::fill(begin, begin + 60, 0.0F);  // cam1 sees nothing
  }
  const Weights before = initial(topology, 5);
  const Weights after = train(topology, dataset, quick(1), 5, nullptr).weights;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string& name = before[i].name;
    if (name.find("s1.layer1.") == 0 && name.find("norm.mean") == std::string::npos &&
        name.find("norm.variance") == std::string::npos) {
      EXPECT_EQ(before[i].values, after[i].values) << name;
    }
    if (name == "s2.layer1.weight") {
      EXPECT_NE(before[i].values, after[i].values) << name;
    }
  }
  // Only the views of some rows are black: s1 learns from the others, whatever the labels of the black ones.
  Dataset some = dataset_of(topology);
  std::vector<std::int64_t> black;
  for (std::int64_t row = 0; row < some.train.size(); ++row) {
    if (some.train.values[row * some.train.features] == 0) black.push_back(row);
  }
  ASSERT_GT(black.size(), 10U);
  const std::string cloudless = replaced(text, "exit cloud", "exit cloud loss=0");
  const Topology summaries = parse_topology(cloudless, "c");
  const Weights one = train(summaries, some, quick(1), 6, nullptr).weights;
  for (const std::int64_t row : black) some.train.labels[row] = (some.train.labels[row] + 1) % 3;
  const Weights other = train(summaries, some, quick(1), 6, nullptr).weights;
  EXPECT_TRUE(moved(one, other, "d1").empty());
  EXPECT_FALSE(moved(one, other, "d2").empty()) << "which has seen those rows";
}

TEST(ExitsTrainer, ABatchIsNeverASingleRow) {
  const Topology topology = small();
  Dataset dataset = dataset_of(topology);
  dataset.train = views(topology, 65, 1);
  const TrainedModel model = train(topology, dataset, quick(2), 1, nullptr);  // batches of 32 and 33
  for (const float value : values_of(model.weights)) ASSERT_TRUE(std::isfinite(value));
}

TEST(ExitsTrainer, WhatIsTrainedWithoutStaysAsItWas) {
  const Topology topology = small();
  const Dataset dataset = dataset_of(topology);
  TrainingSpec spec = quick(1);
  spec.without = 0b001;
  const Weights before = initial(topology, 9);
  const Weights after = train(topology, dataset, spec, 9, nullptr).weights;
  EXPECT_TRUE(moved(before, after, "d1").empty());
  EXPECT_FALSE(moved(before, after, "d2").empty());
  EXPECT_FALSE(moved(before, after, "cloud").empty());
  // Without any device, no information flows.
  spec.without = 0b0111;
  const TrainedModel nobody = train(topology, dataset, spec, 9, nullptr);
  EXPECT_EQ(nobody.validation_accuracy, 0);
  EXPECT_EQ(nobody.null_batches, 10);
}

TEST(ExitsTrainer, ValidationIsTheMeanOfTheExitsWithoutTheSummaries) {
  const Topology topology = small();
  const Dataset dataset = dataset_of(topology);
  const TrainedModel model = train(topology, dataset, quick(1), 2, nullptr);
  Network network(topology, test::SmallDdnn(topology, 1, 1).columns);
  network->load(model.weights, "trained");
  const std::int64_t size = dataset.validation.size();
  const auto outcomes = outcomes_of(network,
                                    torch::from_blob(const_cast<float*>(dataset.validation.values.data()),
                                                     {size, dataset.validation.features}),
                                    all_alive(4));
  std::int64_t correct = 0;
  for (const ExitOutcome& exit : outcomes) {
    for (std::int64_t row = 0; row < size; ++row)
      correct += exit.labels[std::size_t(row)] == dataset.validation.labels[std::size_t(row)];
  }
  EXPECT_DOUBLE_EQ(model.validation_accuracy, double(correct) / double(2 * size));
}

TEST(ExitsTrainer, ThresholdsAreFoundOnTheValidationSamples) {
  const Topology topology = small({{"CONV", "conv"}, {"LINEAR", "norm-linear"}});  // no two rows are alike
  const Dataset dataset = dataset_of(topology);
  TrainingSpec spec = quick(2);
  const auto thresholds = [&](const ThresholdRule& rule, double& local_share) {
    spec.threshold = rule;
    const TrainedModel model = train(topology, dataset, spec, 3, nullptr);
    Network network(topology, test::SmallDdnn(topology, 1, 1).columns);
    network->load(model.weights, "trained");
    const std::int64_t size = dataset.validation.size();
    const auto outcomes = outcomes_of(network,
                                      torch::from_blob(const_cast<float*>(dataset.validation.values.data()),
                                                       {size, dataset.validation.features}),
                                      all_alive(4));
    const ExitTally found = tally(outcomes, network->thresholds(), dataset.validation.labels.data());
    local_share = double(found.answered[0]) / double(size);
    return network->thresholds();
  };
  double share = 0;
  EXPECT_EQ(thresholds({}, share), (std::vector<double>{0.8F, 0.8F}));
  EXPECT_EQ(thresholds({"fixed", 0.25}, share), (std::vector<double>{0.25, 0.8F}));
  thresholds({"share", 0.6}, share);
  EXPECT_NEAR(share, 0.6, 0.05);
}

std::vector<ExitOutcome> drawn_outcomes(RandomStream& stream, std::size_t exits, std::size_t rows) {
  std::vector<ExitOutcome> outcomes(exits);
  for (ExitOutcome& one : outcomes) {
    for (std::size_t row = 0; row < rows; ++row) {
      one.entropy.push_back(float(stream.uniform()));
      one.labels.push_back(std::int64_t(stream.below(2)));
    }
  }
  return outcomes;
}

TEST(ExitThresholds, ShareLeavesAtEveryExitOfThoseThatReachIt) {
  RandomStream stream(1);
  const std::vector<std::int64_t> labels(200, 0);
  for (const double share : {0.0, 0.25, 0.5, 0.9, 1.0}) {
    const auto outcomes = drawn_outcomes(stream, 3, 200);
    const auto thresholds = find_exit_thresholds({"share", share}, {0.8, 0.8, 0.7}, outcomes, labels);
    ASSERT_EQ(thresholds.size(), 3U);
    EXPECT_EQ(thresholds[2], 0.7) << "the last exit keeps its own";
    const ExitTally found = tally(outcomes, thresholds, labels.data());
    const auto first = std::int64_t(std::llround(200 * share));
    EXPECT_EQ(found.answered[0], first);
    EXPECT_EQ(found.answered[1], std::llround(double(200 - first) * share));
    for (const double threshold : thresholds) EXPECT_TRUE(threshold >= 0 && threshold <= 1);
  }
  // A dead exit keeps its threshold, and all rows reach the next exit.
  auto outcomes = drawn_outcomes(stream, 3, 200);
  outcomes[0] = {};
  const auto thresholds = find_exit_thresholds({"share", 0.5}, {0.3, 0.8, 0.7}, outcomes, labels);
  EXPECT_EQ(thresholds[0], 0.3);
  EXPECT_EQ(tally(outcomes, thresholds, labels.data()).answered, (std::vector<std::int64_t>{0, 100, 100}));
}

TEST(ExitThresholds, ShareOfEqualsLeavesNoMore) {
  const std::vector<ExitOutcome> outcomes{{{0.1F, 0.4F, 0.4F, 0.4F}, {0, 0, 0, 0}},
                                          {{1, 1, 1, 1}, {0, 0, 0, 0}}};
  const auto thresholds = find_exit_thresholds({"share", 0.5}, {0.8, 0.8}, outcomes, {0, 0, 0, 0});
  EXPECT_EQ(tally(outcomes, thresholds, std::vector<std::int64_t>(4, 0).data()).answered[0], 1);
}

/// Brute force tries all points of the grid for all exits but the last.
TEST(ExitThresholds, BestIsWhatBruteForceFinds) {
  RandomStream stream(2);
  const std::vector<double>& grid = threshold_grid();
  for (int round = 0; round < 10; ++round) {
    const auto outcomes = drawn_outcomes(stream, 3, 30);
    std::vector<std::int64_t> labels;
    for (int row = 0; row < 30; ++row) labels.push_back(std::int64_t(stream.below(2)));
    std::int64_t most = -1;
    std::vector<double> best;
    for (std::size_t i = grid.size(); i-- > 0;) {
      for (std::size_t k = grid.size(); k-- > 0;) {
        const std::vector<double> now{grid[i], grid[k], 0.8};
        const std::int64_t correct = tally(outcomes, now, labels.data()).all_correct();
        if (correct <= most) continue;
        most = correct;
        best = now;
      }
    }
    EXPECT_EQ(find_exit_thresholds({"best", 0}, {0.1, 0.2, 0.8}, outcomes, labels), best);
  }
}

TEST(ExitThresholds, OfEqualsMostLeaveEarly) {
  const std::vector<ExitOutcome> outcomes{{{0.2F, 0.9F}, {0, 0}}, {{0, 0}, {0, 0}}};
  EXPECT_EQ(find_exit_thresholds({"best", 0}, {0.1, 0.2}, outcomes, {0, 0}), (std::vector<double>{1, 0.2}));
}

TEST(ExitThresholds, TheOtherRules) {
  RandomStream stream(3);
  const auto outcomes = drawn_outcomes(stream, 2, 5);
  const std::vector<std::int64_t> labels(5, 0);
  EXPECT_EQ(find_exit_thresholds({}, {0.1, 0.2}, outcomes, labels), (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(find_exit_thresholds({"fixed", 0.5}, {0.1, 0.2}, outcomes, labels),
            (std::vector<double>{0.5, 0.2}));
  EXPECT_EQ(find_exit_thresholds({"best", 0}, {0.2}, {outcomes[0]}, labels), (std::vector<double>{0.2}));
  try {
    find_exit_thresholds({"luck", 0}, {0.1, 0.2}, outcomes, labels);
    FAIL() << "taken";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "exit_threshold: unknown 'luck' (a number, share NUMBER, best)");
  }
}

}  // namespace
}  // namespace deepfog
