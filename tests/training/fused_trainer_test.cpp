#include "training/fused_trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/error.hpp"
#include "small_problem.hpp"

namespace deepfog {
namespace {

TrainingSpec quick() {
  TrainingSpec spec;
  spec.epochs = 5;
  spec.batch_size = 32;
  spec.learning_rate = 0.01;
  return spec;
}

/// A topology with everything it may have: several sources, a weight, trainable expansions from a source and
/// from a stage, a stage without layers, two stages on one node, and widths around and above the sizes of a
/// panel and a block.
Topology rich_topology() {
  return parse_topology(
      "topology rich\nsource s 2\nsource wide 600\nnode a relu:40\nnode b relu:16*2\nnode p\nnode c relu:70 "
      "linear:3\n"
      "stage pass on p\nstage b2 on b linear:33\nlink s -> a\nlink wide -> a weight=0.5\nlink a -> b\nlink "
      "wide -> b "
      "expand=linear skip\n"
      "link b -> pass\nlink a -> pass weight=0.25 skip\nlink pass -> c\nlink b -> b2\nlink a -> b2 "
      "expand=linear "
      "weight=2 skip\n"
      "link b2 -> c\nfails a b p\n",
      "rich");
}

Dataset rich_dataset() {
  Dataset dataset = small_dataset();
  dataset.sources.push_back({"wide", 600});
  RandomStream stream(9);
  for (SampleSet* set : {&dataset.train, &dataset.validation, &dataset.test}) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < set->size(); ++i) {
      values.insert(values.end(), &set->values[2 * i], &set->values[2 * i] + 2);
      for (int c = 0; c < 600; ++c) values.push_back(float(0.2 * stream.uniform() - 0.1));
    }
    set->values = values;
    set->features = 602;
  }
  return dataset;
}

/// The largest difference in a tensor relative to its largest element, over all tensors.
double distance(const Weights& expected, const Weights& given) {
  EXPECT_TRUE(mismatches(expected, given).empty());
  double distance = 0;
  for (std::size_t t = 0; t < expected.size(); ++t) {
    double largest = 1e-6, difference = 0;
    for (std::size_t i = 0; i < expected[t].values.size(); ++i) {
      largest = std::max(largest, double(std::fabs(expected[t].values[i])));
      difference = std::max(difference, std::fabs(double(expected[t].values[i]) - given[t].values[i]));
    }
    distance = std::max(distance, difference / largest);
  }
  return distance;
}

constexpr double kTolerance = 1e-4;

void expect_as_one_by_one(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                          const std::vector<std::uint64_t>& seeds, const char* what) {
  std::map<std::size_t, std::vector<double>> losses;
  const std::vector<TrainedModel> fused_trainer = train_fused(
      topology, dataset, spec, seeds, [&](std::size_t run, std::int64_t epoch, double loss, double) {
        losses[run].push_back(loss);
        EXPECT_EQ(epoch, std::int64_t(losses[run].size()));
        return true;
      });
  ASSERT_EQ(fused_trainer.size(), seeds.size());
  for (std::size_t r = 0; r < seeds.size(); ++r) {
    std::vector<double> expected;
    const TrainedModel one = train(topology, dataset, spec, seeds[r], [&](std::int64_t, double loss, double) {
      expected.push_back(loss);
      return true;
    });
    EXPECT_LT(distance(one.weights, fused_trainer[r].weights), kTolerance) << what << ", run " << r;
    EXPECT_EQ(fused_trainer[r].best_epoch, one.best_epoch) << what << ", run " << r;
    EXPECT_DOUBLE_EQ(fused_trainer[r].validation_accuracy, one.validation_accuracy) << what << ", run " << r;
    EXPECT_EQ(fused_trainer[r].null_batches, one.null_batches) << what << ", run " << r;
    ASSERT_EQ(losses[r].size(), expected.size());
    for (std::size_t e = 0; e < expected.size(); ++e) EXPECT_NEAR(losses[r][e], expected[e], 1e-4) << what;
  }
}

TEST(FusedTrainer, EveryRunIsTheOneThatItsSeedGivesAlone) {
  expect_as_one_by_one(small_topology(), small_dataset(), quick(), {1, 2, 3, 4, 5}, "five");
  expect_as_one_by_one(small_topology(), small_dataset(), quick(), {6}, "one");
}

TEST(FusedTrainer, EveryOptimiserWithWeightDecay) {
  for (const char* optimiser : {"adam", "adagrad", "sgd", "rmsprop"}) {
    TrainingSpec spec = quick();
    spec.optimiser = optimiser;
    spec.weight_decay = 0.001;
    spec.epochs = 2;
    expect_as_one_by_one(small_topology(), small_dataset(), spec, {7, 8}, optimiser);
  }
}

TEST(FusedTrainer, FailoutDrawsNullBatchesAndUntouchedParameters) {
  TrainingSpec spec = quick();
  spec.training = "failout";
  spec.failout_rates = {0.3, 0.3};
  expect_as_one_by_one(small_topology(), small_dataset(), spec, {1, 2, 3}, "failout");
  EXPECT_GT(train_fused(small_topology(), small_dataset(), spec, {1}, nullptr)[0].null_batches, 10);
}

TEST(FusedTrainer, ANodeThatIsLeftOutIsMissedInValidationToo) {
  TrainingSpec spec = quick();
  for (const Combination without : {0b10, 0b11}) {
    spec.without = without;
    expect_as_one_by_one(small_topology(), small_dataset(), spec, {1}, "without");
  }
}

TEST(FusedTrainer, SubsetsClassWeightsAndOddBatches) {
  TrainingSpec spec = quick();
  spec.max_train_samples = 301;
  spec.class_weights = "balanced";
  for (std::int64_t batch : {7, 150, 1000}) {
    spec.batch_size = batch;
    expect_as_one_by_one(small_topology(), small_dataset(), spec, {3, 1}, "subset");
  }
}

TEST(FusedTrainer, EverythingATopologyMayHave) {
  TrainingSpec spec = quick();
  spec.learning_rate = 0.001;
  spec.epochs = 2;
  expect_as_one_by_one(rich_topology(), rich_dataset(), spec, {1, 2}, "standard");
  spec.training = "failout";
  spec.failout_rates = {0.3, 0.3, 0.3};
  expect_as_one_by_one(rich_topology(), rich_dataset(), spec, {1, 2}, "failout");
}

TEST(FusedTrainer, ARunDoesNotDependOnTheOthers) {
  const Topology topology = small_topology();
  const Dataset dataset = small_dataset();
  const auto many = train_fused(topology, dataset, quick(), {5, 6, 7}, nullptr);
  const auto alone = train_fused(topology, dataset, quick(), {6}, nullptr);
  EXPECT_EQ(distance(alone[0].weights, many[1].weights), 0.0);
  EXPECT_GT(distance(alone[0].weights, many[0].weights), 0.01);
  EXPECT_TRUE(train_fused(topology, dataset, quick(), {}, nullptr).empty());
}

TEST(FusedTrainer, EveryRunKeepsItsOwnBestEpoch) {
  TrainingSpec spec = quick();
  spec.epochs = 12;
  std::vector<std::vector<double>> seen(4);
  const auto models = train_fused(small_topology(), small_dataset(), spec, {3, 4, 5, 6},
                                  [&](std::size_t run, std::int64_t, double, double validation) {
                                    seen[run].push_back(validation);
                                    return true;
                                  });
  for (std::size_t r = 0; r < models.size(); ++r) {
    const auto best = std::max_element(seen[r].begin(), seen[r].end());
    EXPECT_EQ(models[r].validation_accuracy, *best);
    EXPECT_EQ(models[r].best_epoch, best - seen[r].begin() + 1);
    TrainingSpec shorter = spec;
    shorter.epochs = models[r].best_epoch;
    const auto again = train_fused(small_topology(), small_dataset(), shorter, {3 + r}, nullptr);
    EXPECT_EQ(distance(models[r].weights, again[0].weights), 0.0);
  }
}

TEST(FusedTrainer, ACallbackCanStopIt) {
  int calls = 0;
  EXPECT_THROW(train_fused(small_topology(), small_dataset(), quick(), {1, 2, 3},
                           [&](std::size_t run, std::int64_t epoch, double, double) {
                             ++calls;
                             return !(run == 1 && epoch == 2);
                           }),
               Interrupted);
  EXPECT_EQ(calls, 5);
}

TEST(FusedTrainer, BadSpecsAndDivergenceAreTheErrorsOfTrain) {
  TrainingSpec spec = quick();
  spec.optimiser = "adamw";
  EXPECT_THROW(train_fused(small_topology(), small_dataset(), spec, {1}, nullptr), UserError);
  spec = quick();
  spec.training = "dropout";
  EXPECT_THROW(train_fused(small_topology(), small_dataset(), spec, {1}, nullptr), UserError);
  spec = quick();
  spec.class_weights = "heavy";
  EXPECT_THROW(train_fused(small_topology(), small_dataset(), spec, {1}, nullptr), UserError);
  spec = quick();
  spec.optimiser = "sgd";
  spec.learning_rate = 1e30;
  EXPECT_THROW(train_fused(small_topology(), small_dataset(), spec, {1}, nullptr), Failure);
}

}  // namespace
}  // namespace deepfog
