#include <gtest/gtest.h>

#include "models/device.hpp"
#include "small_problem.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

/// Runs only if there is a GPU. The samples, batches and initial weights are those of the processor, so the
/// network is nearly the same after one epoch, and as good in the end.
TEST(GpuTrainer, LearnsAsOnTheProcessor) {
  if (visible_gpus() == 0) GTEST_SKIP() << "SKIPPED: this LibTorch sees no GPU";
  TrainingSpec spec;
  spec.training = "failout";
  spec.failout_rates = {0.1, 0.1};
  spec.class_weights = "balanced";
  spec.learning_rate = 0.01;
  spec.batch_size = 32;
  spec.epochs = 1;
  const auto once = [&](const Device& device) {
    return train(small_topology(), small_dataset(), spec, 7, nullptr, device);
  };
  const Weights here = once({}).weights, there = once({0}).weights;
  for (std::size_t t = 0; t < here.size(); ++t) {
    for (std::size_t i = 0; i < here[t].values.size(); ++i)
      EXPECT_NEAR(here[t].values[i], there[t].values[i], 1e-3) << here[t].name;
  }
  spec.epochs = 12;
  EXPECT_NEAR(once({0}).validation_accuracy, once({}).validation_accuracy, 0.05);
}

}  // namespace
}  // namespace deepfog
