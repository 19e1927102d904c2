#include <gtest/gtest.h>

#include "core/error.hpp"
#include "evaluation/sweep.hpp"

namespace deepfog {
namespace {

Dataset counted() {
  Dataset dataset;
  dataset.class_names = {"a", "b", "c", "d"};
  dataset.train.labels = {0, 0, 1, 1, 1, 2, 2, 2, 2, 2};  // shares .2 .3 .5 0
  dataset.test.labels = {0, 1, 1, 2};                     // shares .25 .5 .25 0
  return dataset;
}

TEST(Guess, UniformIsExactlyOneInC) {
  const std::vector<double> guess = guess_probabilities(counted(), "uniform");
  EXPECT_EQ(guess, std::vector<double>(4, 0.25));
  EXPECT_EQ(guess_accuracy(counted(), guess), 0.25);
  Dataset twelve;
  twelve.class_names.assign(12, "x");
  twelve.test.labels = {0, 0, 1};
  EXPECT_EQ(guess_accuracy(twelve, guess_probabilities(twelve, "uniform")), 1.0 / 12);
}

TEST(Guess, ByClassFrequencyOfTheTrainingSamples) {
  const std::vector<double> guess = guess_probabilities(counted(), "class_frequency");
  EXPECT_EQ(guess, (std::vector<double>{0.2, 0.3, 0.5, 0.0}));
  EXPECT_DOUBLE_EQ(guess_accuracy(counted(), guess), 0.2 * 0.25 + 0.3 * 0.5 + 0.5 * 0.25);
}

TEST(Guess, OtherWordsAreRefused) {
  EXPECT_THROW(guess_probabilities(counted(), "best"), UserError);
}

TEST(PrecisionRecall, ByHandOverThePresentClasses) {
  // Rows are true classes; class 2 is absent, and class 1 is never predicted.
  const std::int64_t confusion[] = {3, 0, 1, 4, 0, 0, 0, 0, 0};
  const PrecisionRecall measured = precision_recall(confusion, 3);
  EXPECT_DOUBLE_EQ(measured.precision, (3.0 / 7 + 0) / 2);
  EXPECT_DOUBLE_EQ(measured.recall, (3.0 / 4 + 0) / 2);
}

TEST(PrecisionRecall, OnePredictionIsEnough) {
  const std::int64_t confusion[] = {1, 2, 0, 5};
  EXPECT_DOUBLE_EQ(precision_recall(confusion, 2).precision, (1.0 + 5.0 / 7) / 2);
}

TEST(PrecisionRecall, OfAGuessIsShareAndProbability) {
  const PrecisionRecall guessed = guessed_precision_recall({1, 3, 0}, {0.5, 0.3, 0.2});
  EXPECT_DOUBLE_EQ(guessed.precision, (0.25 + 0.75) / 2);
  EXPECT_DOUBLE_EQ(guessed.recall, (0.5 + 0.3) / 2);
}

TEST(SweepCounts, DifferentShapesDoNotAdd) {
  SweepCounts a{{1, 2}, {}, 4}, b{{1, 2, 3, 4}, {}, 4};
  EXPECT_THROW(add(a, b), Failure);
}

}  // namespace
}  // namespace deepfog
