#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/seed.hpp"
#include "resilience/combination.hpp"

namespace deepfog {
namespace {

std::vector<double> draws(RandomStream& stream, std::size_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = stream.uniform();
  return values;
}

TEST(Average, IsEquationThreeTermByTerm) {
  RandomStream stream(23);
  for (std::size_t n = 0; n <= 12; ++n) {
    for (int repeat = 0; repeat < 10; ++repeat) {
      const auto values = draws(stream, std::size_t{1} << n);
      const auto reliability = draws(stream, n);
      long double sum = 0;
      for (Combination c = 0; c < values.size(); ++c) {
        sum += static_cast<long double>(values[c]) * probability(c, reliability);
      }
      ASSERT_NEAR(average(values, reliability), static_cast<double>(sum), 1e-14) << n << " nodes";
    }
  }
}

TEST(Average, TakesOneEntryWhereNothingIsLeftToChance) {
  EXPECT_EQ(average({.1, .2, .3, .4}, {1, 1}), .4);
  EXPECT_EQ(average({.1, .2, .3, .4}, {0, 1}), .3);
  EXPECT_EQ(average({.1, .2, .3, .4}, {1, 0}), .2);
  EXPECT_EQ(average({.7}, {}), .7);
}

TEST(Average, OfAConstantIsThatConstant) {
  RandomStream stream(5);
  EXPECT_NEAR(average(std::vector<double>(1 << 16, .3), draws(stream, 16)), .3, 1e-15);
}

TEST(Average, StaysExactOverAMillionCombinations) {
  // The value of a combination is its number of live nodes, so the average is the sum of the survival
  // probabilities.
  const int n = 20;
  std::vector<double> values(std::size_t{1} << n);
  for (Combination c = 0; c < values.size(); ++c) values[c] = n - failed_count(c, n);
  RandomStream stream(9);
  const auto reliability = draws(stream, n);
  double expected = 0;
  for (const double survival : reliability) expected += survival;
  EXPECT_NEAR(average(values, reliability), expected, 1e-13);
}

TEST(Average, RefusesATableOfAnotherSize) {
  EXPECT_THROW(average({.1, .2, .3}, {.5, .5}), std::invalid_argument);
  EXPECT_THROW(average({.1, .2, .3, .4}, {.5}), std::invalid_argument);
  EXPECT_THROW(average({}, {}), std::invalid_argument);
  EXPECT_THROW(average({.1}, Reliability(31, .5)), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
