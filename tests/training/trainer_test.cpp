#include "training/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "models/network.hpp"
#include "small_problem.hpp"

namespace deepfog {
namespace {

TrainingSpec quick() {
  TrainingSpec spec;
  spec.epochs = 12;
  spec.batch_size = 32;
  spec.learning_rate = 0.01;
  return spec;
}

std::vector<float> all_values(const Weights& weights) {
  std::vector<float> values;
  for (const NamedTensor& tensor : weights) {
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  }
  return values;
}

TEST(Trainer, LearnsWhatIsNotLinear) {
  const TrainedModel model = train(small_topology(), small_dataset(), quick(), 1, nullptr);
  EXPECT_GT(model.validation_accuracy, 0.9);
  EXPECT_EQ(model.null_batches, 0);
}

TEST(Trainer, TheSameSeedIsTheSameNetworkBitForBit) {
  TrainingSpec spec = quick();
  spec.epochs = 3;
  const Weights one = train(small_topology(), small_dataset(), spec, 7, nullptr).weights;
  EXPECT_EQ(all_values(one), all_values(train(small_topology(), small_dataset(), spec, 7, nullptr).weights));
  EXPECT_NE(all_values(one), all_values(train(small_topology(), small_dataset(), spec, 8, nullptr).weights));
}

TEST(Trainer, KeepsTheFirstOfTheBestValidationEpochs) {
  Dataset dataset = small_dataset();
  dataset.validation = three_sectors(10, 2);  // so few that epochs tie
  std::vector<double> seen;
  const TrainedModel model =
      train(small_topology(), dataset, quick(), 3, [&](std::int64_t epoch, double loss, double validation) {
        EXPECT_EQ(epoch, std::int64_t(seen.size()) + 1);
        EXPECT_TRUE(std::isfinite(loss));
        seen.push_back(validation);
        return true;
      });
  ASSERT_EQ(seen.size(), 12U);
  const auto best = std::max_element(seen.begin(), seen.end());
  ASSERT_GT(std::count(seen.begin(), seen.end(), *best), 1);
  EXPECT_EQ(model.validation_accuracy, *best);
  EXPECT_EQ(model.best_epoch, best - seen.begin() + 1);

  // The weights must be those of that epoch, not of the last one.
  TrainingSpec shorter = quick();
  shorter.epochs = model.best_epoch;
  EXPECT_EQ(all_values(train(small_topology(), dataset, shorter, 3, nullptr).weights),
            all_values(model.weights));
}

TEST(Trainer, ACallbackCanStopIt) {
  EXPECT_THROW(train(small_topology(), small_dataset(), quick(), 1,
                     [](std::int64_t epoch, double, double) { return epoch < 2; }),
               Interrupted);
}

TEST(Trainer, FailoutSkipsNullBatchesAndStillLearns) {
  TrainingSpec spec = quick();
  spec.training = "failout";
  spec.failout_rates = {0.3, 0.3};
  const TrainedModel model = train(small_topology(), small_dataset(), spec, 1, nullptr);
  EXPECT_GT(model.null_batches, 30);  // a fails in 0.3 of 12 x 19 batches
  EXPECT_LT(model.null_batches, 110);
  EXPECT_GT(model.validation_accuracy, 0.8);
}

TEST(Trainer, FailoutLeavesTheParametersOfAFailedNodeAlone) {
  TrainingSpec spec = quick();
  spec.epochs = 1;
  spec.training = "failout";
  spec.failout_rates = {0.0, 0.999999};  // b almost never trains
  const Topology topology = small_topology();
  const Weights trained = train(topology, small_dataset(), spec, 4, nullptr).weights;
  Network untouched(topology, std::vector<Columns>{{0, 2}});
  untouched->initialise(derive_seed(4, "", "", 0, "weights"));
  const Weights before = untouched->weights();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].values == trained[i].values, before[i].node == "b") << before[i].name;
  }
}

TEST(Trainer, ClassWeightsLiftARareClass) {
  Dataset dataset = small_dataset();
  SampleSet rare;  // one sample in thirty is of class 2
  rare.features = 2;
  for (std::int64_t i = 0, kept = 0; i < dataset.train.size(); ++i) {
    if (dataset.train.labels[i] == 2 && kept++ % 15 != 0) continue;
    rare.labels.push_back(dataset.train.labels[i]);
    rare.values.insert(rare.values.end(), &dataset.train.values[2 * i], &dataset.train.values[2 * i] + 2);
  }
  dataset.train = rare;
  TrainingSpec spec = quick();
  spec.epochs = 2;
  auto recall_of_rare = [&](const char* class_weights) {
    spec.class_weights = class_weights;
    const TrainedModel model = train(small_topology(), dataset, spec, 2, nullptr);
    Network network(small_topology(), std::vector<Columns>{{0, 2}});
    network->load(model.weights, "model");
    torch::NoGradGuard no_grad;
    const torch::Tensor values = torch::from_blob(dataset.test.values.data(), {200, 2}, torch::kFloat32);
    const torch::Tensor predicted = network->forward(values, 0b11).argmax(1);
    int hits = 0;
    for (int i = 0; i < 200; ++i) {
      hits += dataset.test.labels[i] == 2 && predicted[i].item<std::int64_t>() == 2;
    }
    return hits;
  };
  EXPECT_GT(recall_of_rare("balanced"), recall_of_rare("none"));
}

TEST(Trainer, MaxTrainSamplesTakesAFixedSubset) {
  TrainingSpec spec = quick();
  spec.epochs = 2;
  spec.max_train_samples = 64;
  std::int64_t epochs = 0;
  train(small_topology(), small_dataset(), spec, 1,
        [&](std::int64_t, double, double) { return ++epochs < 5; });
  EXPECT_EQ(epochs, 2);
  const Weights part = train(small_topology(), small_dataset(), spec, 1, nullptr).weights;
  spec.max_train_samples = 0;
  EXPECT_NE(all_values(part), all_values(train(small_topology(), small_dataset(), spec, 1, nullptr).weights));
}

TEST(Trainer, EveryOptimiserMovesTheWeights) {
  for (const char* optimiser : {"adam", "adagrad", "sgd", "rmsprop"}) {
    TrainingSpec spec = quick();
    spec.optimiser = optimiser;
    spec.epochs = 4;
    EXPECT_GT(train(small_topology(), small_dataset(), spec, 1, nullptr).validation_accuracy, 0.5)
        << optimiser;
  }
}

TEST(Trainer, BadSpecsAreRefusedBeforeAnyWork) {
  const auto message = [](const TrainingSpec& spec, const Dataset& dataset) {
    try {
      train(small_topology(), dataset, spec, 1, nullptr);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  TrainingSpec spec = quick();
  spec.training = "dropout";
  EXPECT_EQ(message(spec, small_dataset()), "training: unknown 'dropout' (standard, failout)");
  spec.training = "failout";
  spec.failout_rates = {0.1};
  EXPECT_EQ(message(spec, small_dataset()),
            "failout_rates: 1 rates (one for each of the 2 nodes that can fail)");
  spec = quick();
  spec.optimiser = "adamw";
  EXPECT_EQ(message(spec, small_dataset()), "optimiser: unknown 'adamw' (adam, adagrad, rmsprop, sgd)");
  spec = quick();
  spec.class_weights = "heavy";
  EXPECT_EQ(message(spec, small_dataset()), "class_weights: unknown 'heavy' (none, balanced)");
  Dataset empty = small_dataset();
  empty.validation = {};
  EXPECT_EQ(message(quick(), empty), "sectors: no training or no validation samples in split 'rows'");
}

/// The units that drop out depend on the seed of the run only, whatever was trained before.
TEST(Trainer, DropoutFollowsFromTheSeed) {
  TrainingSpec spec = quick();
  spec.epochs = 2;
  const auto with = [](const std::string& dropout) {
    return parse_topology(
        "topology small\nsource s 2\nnode a relu:16" + dropout +
            "\nnode c rescale residual:16 linear:3\nlink s -> a\nlink a -> c\nlink s -> c skip\nfails a\n",
        "small");
  };
  const auto values = [&](const std::string& dropout, std::uint64_t seed) {
    return all_values(train(with(dropout), small_dataset(), spec, seed, nullptr).weights);
  };
  const auto one = values(" dropout:0.3", 7);
  EXPECT_NE(one, values(" dropout:0.3", 8));
  EXPECT_EQ(one, values(" dropout:0.3", 7));
  EXPECT_NE(one, values("", 7));
  EXPECT_NE(one, values(" dropout:0.4", 7));
  spec.epochs = 12;
  EXPECT_GT(train(with(" dropout:0.1"), small_dataset(), spec, 1, nullptr).validation_accuracy, 0.85);
}

TEST(Trainer, ADivergedLossIsAFailureThatSaysSo) {
  TrainingSpec spec = quick();
  spec.optimiser = "sgd";
  spec.learning_rate = 1e30;
  EXPECT_THROW(train(small_topology(), small_dataset(), spec, 1, nullptr), Failure);
}

}  // namespace
}  // namespace deepfog
