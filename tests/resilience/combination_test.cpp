#include "resilience/combination.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "core/seed.hpp"

namespace deepfog {
namespace {

TEST(Combination, BitIsTheNodeAtThatPositionAndMinusOneNeverFails) {
  EXPECT_TRUE(alive(0b101, 0));
  EXPECT_FALSE(alive(0b101, 1));
  EXPECT_TRUE(alive(0b101, 2));
  EXPECT_TRUE(alive(0, -1));
  EXPECT_EQ(all_alive(0), 0u);
  EXPECT_EQ(all_alive(3), 0b111u);
  EXPECT_EQ(all_alive(62), (Combination{1} << 62) - 1);
  EXPECT_EQ(all_alive(64), ~Combination{0});
}

TEST(Combination, CountsTheFailed) {
  EXPECT_EQ(failed_count(0b101, 3), 1);
  EXPECT_EQ(failed_count(0, 3), 3);
  EXPECT_EQ(failed_count(all_alive(62), 62), 0);
  EXPECT_EQ(failed_count(0, 0), 0);
}

TEST(Probability, IsTheWorkedExampleOfEquationTwo) {
  // deepFogGuard, section 3: R = (.98, .98, .95, .94), node 4 fails.
  EXPECT_NEAR(probability(0b0111, {.98, .98, .95, .94}), .98 * .98 * .95 * .06, 1e-15);
}

TEST(Probability, FollowsTheOrderOfTheVector) {
  EXPECT_NEAR(probability(0b001, {.9, .8, .7}), .9 * .2 * .3, 1e-15);
  EXPECT_NEAR(probability(0b100, {.9, .8, .7}), .1 * .2 * .7, 1e-15);
  EXPECT_EQ(probability(0, {}), 1);
}

TEST(Probabilities, AreEquationTwoForEveryCombination) {
  RandomStream draw(11);
  for (std::size_t n = 0; n <= 10; ++n) {
    Reliability reliability;
    for (std::size_t i = 0; i < n; ++i) reliability.push_back(draw.uniform());
    const auto table = probabilities(reliability);
    ASSERT_EQ(table.size(), std::size_t{1} << n);
    for (Combination c = 0; c < table.size(); ++c) ASSERT_NEAR(table[c], probability(c, reliability), 1e-15);
  }
}

TEST(Probabilities, SumToOne) {
  for (const Reliability& reliability :
       {Reliability{.9, .85, .8}, Reliability{.9, .9, .8, .8, .7, .6, .7, .66}, Reliability{1, 1, 1},
        Reliability{0, .5}, Reliability(20, .37)}) {
    const auto table = probabilities(reliability);
    EXPECT_NEAR(static_cast<double>(std::accumulate(table.begin(), table.end(), 0.0L)), 1.0, 1e-13);
  }
}

TEST(Probabilities, NoFailureIsCertainOfTheLastCombination) {
  const auto table = probabilities(Reliability(8, 1.0));
  EXPECT_EQ(table[255], 1);
  EXPECT_EQ(std::accumulate(table.begin(), table.end() - 1, 0.0), 0);
}

TEST(Probabilities, RefuseMoreThanThirtyNodes) {
  EXPECT_THROW(probabilities(Reliability(31, .5)), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
