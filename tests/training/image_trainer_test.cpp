#include "training/image_trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "models/cnn.hpp"
#include "resumption.hpp"

namespace deepfog {
namespace {

constexpr ImageShape kShape{1, 16, 16};

/// A bright bar at a random position in noise, upright or lying. Only the relative positions of pixels
/// distinguish the two classes.
SampleSet bars(std::int64_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  SampleSet set;
  set.features = kShape.values();
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t label = std::int64_t(stream.below(2));
    const std::int64_t x0 = 4 + std::int64_t(stream.below(6)), y0 = 4 + std::int64_t(stream.below(6));
    for (std::int64_t y = 0; y < 16; ++y) {
      for (std::int64_t x = 0; x < 16; ++x) {
        const std::int64_t along = label == 0 ? y - y0 : x - x0, across = label == 0 ? x - x0 : y - y0;
        const bool bar = across == 0 && along >= -3 && along <= 3;
        set.values.push_back(static_cast<float>((bar ? 1.5 : 0.0) + 0.5 * stream.uniform()));
      }
    }
    set.labels.push_back(label);
  }
  return set;
}

Dataset bar_images() {
  Dataset dataset;
  dataset.name = "bars";
  dataset.origin = "synthetic";
  dataset.split = "images";
  dataset.class_names = {"upright", "lying"};
  Source source{"camera", kShape.values()};
  source.shape = {1, 16, 16};
  dataset.sources = {source};
  dataset.train = bars(128, 1);
  dataset.validation = bars(60, 2);
  dataset.test = bars(60, 3);
  return dataset;
}

const CnnSpec kNetwork{"vgg_bn_small", kShape, 2};

ImageTrainingSpec quick() {
  ImageTrainingSpec spec;
  spec.epochs = 4;
  spec.batch_size = 16;
  return spec;
}

std::vector<float> all_values(const Weights& weights) {
  std::vector<float> values;
  for (const NamedTensor& tensor : weights) {
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  }
  return values;
}

double accuracy_of(const CnnSpec& network_spec, const Weights& weights, SampleSet set) {
  Cnn network(network_spec);
  network->load(weights, "trained");
  network->eval();
  torch::NoGradGuard no_grad;
  const ImageShape& shape = network_spec.image;
  const torch::Tensor images =
      torch::from_blob(set.values.data(), {set.size(), shape.channels, shape.height, shape.width});
  const torch::Tensor labels = torch::from_blob(set.labels.data(), {set.size()}, torch::kInt64);
  return network->forward(images).argmax(1).eq(labels).to(torch::kFloat64).mean().item<double>();
}

TEST(ImageTrainer, LearnsShapesWithEitherOptimiser) {
  Dataset dataset = bar_images();
  normalise_channels(dataset, image_shape_of(dataset));
  for (const char* optimiser : {"sgd", "adam"}) {
    ImageTrainingSpec spec = quick();
    spec.epochs = 8;
    spec.optimiser = optimiser;
    if (spec.optimiser == "adam") spec.learning_rate = 0.003;
    const TrainedModel model = train_images(kNetwork, dataset, spec, 1, nullptr);
    EXPECT_GT(model.validation_accuracy, 0.9) << optimiser;
    EXPECT_GT(accuracy_of(kNetwork, model.weights, dataset.test), 0.9) << optimiser;
    EXPECT_DOUBLE_EQ(accuracy_of(kNetwork, model.weights, dataset.validation), model.validation_accuracy);
  }
}

TEST(ImageTrainer, TheSameSeedIsTheSameNetworkBitForBit) {
  const Dataset dataset = bar_images();
  ImageTrainingSpec spec = quick();
  spec.epochs = 1;
  spec.max_train_samples = 64;
  for (const char* name : {"vgg_bn_small", "alexnet_small", "convnext_small"}) {
    const CnnSpec network{name, kShape, 2};
    const auto trained = [&](std::uint64_t seed) {
      return all_values(train_images(network, dataset, spec, seed, nullptr).weights);
    };
    const std::vector<float> seven = trained(7);
    EXPECT_EQ(seven, trained(7)) << name;
    EXPECT_NE(seven, trained(8)) << name;
  }
}

TEST(ImageTrainer, TheFirstOfTheBestEpochsIsKept) {
  Dataset dataset = bar_images();
  dataset.validation = bars(6, 2);  // so few that epochs tie
  std::vector<double> seen;
  const TrainedModel model =
      train_images(kNetwork, dataset, quick(), 3, [&](std::int64_t epoch, double loss, double validation) {
        EXPECT_EQ(epoch, std::int64_t(seen.size()) + 1);
        EXPECT_TRUE(std::isfinite(loss));
        seen.push_back(validation);
        return true;
      });
  ASSERT_EQ(seen.size(), 4U);
  const auto best = std::max_element(seen.begin(), seen.end());
  EXPECT_EQ(model.validation_accuracy, *best);
  EXPECT_EQ(model.best_epoch, best - seen.begin() + 1);
  EXPECT_DOUBLE_EQ(accuracy_of(kNetwork, model.weights, dataset.validation), *best);
}

TEST(ImageTrainer, ACallbackCanStopIt) {
  EXPECT_THROW(train_images(kNetwork, bar_images(), quick(), 1,
                            [](std::int64_t epoch, double, double) { return epoch < 2; }),
               Interrupted);
}

TEST(ImageTrainer, EveryAugmentationIsAnotherTraining) {
  const Dataset dataset = bar_images();
  std::vector<std::vector<float>> trained;
  for (const char* augmentation : {"none", "crop", "crop_flip"}) {
    ImageTrainingSpec spec = quick();
    spec.epochs = 1;
    spec.max_train_samples = 32;
    spec.augmentation = augmentation;
    trained.push_back(all_values(train_images(kNetwork, dataset, spec, 1, nullptr).weights));
  }
  EXPECT_NE(trained[0], trained[1]);
  EXPECT_NE(trained[1], trained[2]);
}

/// Mirroring removes the difference between left and right.
TEST(ImageTrainer, FlipsMakeSidesEqual) {
  Dataset dataset = bar_images();
  for (SampleSet* set : {&dataset.train, &dataset.validation}) {
    for (std::int64_t row = 0; row < set->size(); ++row) {
      for (std::int64_t i = 0; i < set->features; ++i) {
        const bool right = i % 16 >= 8;
        set->values[row * set->features + i] = right == (set->labels[row] == 1) ? 1.0F : 0.0F;
      }
    }
  }
  const auto last_loss = [&](const char* augmentation) {
    ImageTrainingSpec spec = quick();
    spec.augmentation = augmentation;
    double last = 0;
    train_images(kNetwork, dataset, spec, 1, [&](std::int64_t, double loss, double) {
      last = loss;
      return true;
    });
    return last;
  };
  EXPECT_LT(last_loss("crop"), 0.6 * std::log(2.0));
  EXPECT_GT(last_loss("crop_flip"), 0.9 * std::log(2.0));  // no better than guessing
}

TEST(ImageTrainer, ALastBatchOfOneIsLeftOut) {
  Dataset dataset = bar_images();
  dataset.train = bars(17, 1);
  ImageTrainingSpec spec = quick();
  spec.epochs = 1;
  EXPECT_NO_THROW(train_images({"vgg_bn_small", kShape, 2}, dataset, spec, 1, nullptr));
}

TEST(ImageTrainer, ChannelsAreNormalisedTogether) {
  Dataset dataset = bar_images();
  const std::vector<float> before = dataset.test.values;
  const Normalisation normalisation = normalise_channels(dataset, kShape);
  EXPECT_TRUE(fault_of(normalisation).empty());
  double sum = 0, squares = 0;
  for (const float value : dataset.train.values) {
    sum += value;
    squares += double(value) * value;
  }
  EXPECT_NEAR(sum / double(dataset.train.values.size()), 0, 1e-5);
  EXPECT_NEAR(squares / double(dataset.train.values.size()), 1, 1e-4);
  ASSERT_EQ(normalisation.centre.size(), 256U);
  EXPECT_EQ(normalisation.centre[0], normalisation.centre[255]);
  EXPECT_FLOAT_EQ(dataset.test.values[7], (before[7] - normalisation.centre[7]) / normalisation.deviation[7]);
}

TEST(ImageTrainer, BadSpecsAreRefusedBeforeAnyWork) {
  const auto message = [](const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec) {
    try {
      train_images(network, dataset, spec, 1, nullptr);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  ImageTrainingSpec spec = quick();
  spec.augmentation = "flip";
  EXPECT_EQ(message(kNetwork, bar_images(), spec), "augmentation: unknown 'flip' (none, crop, crop_flip)");
  spec = quick();
  spec.optimiser = "lion";
  EXPECT_EQ(message(kNetwork, bar_images(), spec), "optimiser: unknown 'lion' (sgd, adam)");
  spec = quick();
  spec.batch_size = 1;
  EXPECT_EQ(message(kNetwork, bar_images(), spec),
            "training: batch_size must be at least 2 and epochs at least 1");
  EXPECT_EQ(message({"vgg_bn_small", {3, 16, 16}, 2}, bar_images(), quick()),
            "bars: 256 values a sample are not 3x16x16");
  EXPECT_EQ(message({"vgg_bn_small", kShape, 1}, bar_images(), quick()), "bars: label 1 (0 to 0)");
  EXPECT_EQ(message({"vgg", kShape, 2}, bar_images(), quick()).rfind("network: unknown 'vgg'", 0), 0U);
  Dataset flat = bar_images();
  flat.sources[0].shape.clear();
  EXPECT_THROW(image_shape_of(flat), UserError);
  EXPECT_THROW(normalise_channels(flat, {3, 16, 16}), UserError);
}

TEST(ImageTrainer, ADivergedLossIsAFailureThatSaysSo) {
  ImageTrainingSpec spec = quick();
  spec.learning_rate = 1e30;
  EXPECT_THROW(train_images(kNetwork, bar_images(), spec, 1, nullptr), Failure);
}

TEST(ImageTrainer, GoesOnWhereItWas) {
  const std::vector<std::pair<std::string, std::string>> cases{// batch norm; dropout; stochastic depth
                                                               {"vgg_bn_small", "sgd"},
                                                               {"alexnet_small", "adam"},
                                                               {"convnext_small", "adam"}};
  for (const auto& [name, optimiser] : cases) {
    SCOPED_TRACE(name);
    const CnnSpec network{name, kShape, 2};
    ImageTrainingSpec spec = quick();
    spec.optimiser = optimiser;
    spec.epochs = 2;
    spec.batch_size = 32;
    const Dataset dataset = bar_images();
    expect_resumes([&](const Checkpoints& checkpoints) {
      return train_images(network, dataset, spec, 3, nullptr, checkpoints);
    });
  }
}

}  // namespace
}  // namespace deepfog
