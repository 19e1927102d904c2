#include "core/bounded_mean.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/seed.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

std::vector<double> bits(int ones, int n) {
  std::vector<double> values(static_cast<std::size_t>(n), 0.0);
  for (int i = 0; i < ones; ++i) values[static_cast<std::size_t>(i)] = 1;
  return values;
}

TEST(BoundedMean, OfBitsIsClopperAndPearsons) {
  struct Known {
    int ones, n;
    double lower, upper;
  };
  for (const Known& known : {Known{0, 10, 0, .308497},
                             {1, 10, .002529, .445016},
                             {2, 4, .067586, .932414},
                             {50, 100, .398321, .601679},
                             {9, 10, .554984, .997471},
                             {10, 10, .691503, 1}}) {
    EXPECT_NEAR(upper_mean_975(bits(known.ones, known.n), 1), known.upper, .002);
    EXPECT_NEAR(lower_mean_975(bits(known.ones, known.n), 0), known.lower, .002);
  }
  EXPECT_NEAR(upper_mean_975(bits(0, 1000), 1), 1 - std::pow(.025, .001), 3e-5);  // the rule of three
}

TEST(BoundedMean, OfManyIsThatOfTheNormalDistribution) {
  RandomStream stream(5);
  std::vector<double> values;
  for (int i = 0; i < 100'000; ++i) values.push_back(.4 + .2 * stream.uniform());
  const double half = 1.96 * standard_deviation(values) / std::sqrt(1e5);
  EXPECT_NEAR(upper_mean_975(values, 1), mean(values) + half, .05 * half);
  EXPECT_NEAR(lower_mean_975(values, 0), mean(values) - half, .05 * half);
}

TEST(BoundedMean, IsTheQuantileUnderRandomWeights) {
  RandomStream stream(6);
  for (const int n : {3, 12, 40}) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(std::pow(stream.uniform(), 3) - .2);
    const double limit = upper_mean_975(values, .9);
    int below = 0;
    constexpr int kTrials = 40'000;
    for (int trial = 0; trial < kTrials; ++trial) {
      double sum = 0;
      const auto weigh = [&](double value) { sum -= std::log(1 - stream.uniform()) * (value - limit); };
      weigh(.9);
      for (const double value : values) weigh(value);
      below += sum <= 0 ? 1 : 0;
    }
    EXPECT_NEAR(below / double(kTrials), .975, .004) << n;
  }
}

TEST(BoundedMean, IsNeverBeyondTheBoundNorWithinTheObservations) {
  EXPECT_EQ(upper_mean_975({1, 1, 1}, 1), 1);
  EXPECT_EQ(lower_mean_975({.25, .25}, .25), .25);
  EXPECT_GT(upper_mean_975({.5}, 1), .95);  // one observation says little
  EXPECT_LT(upper_mean_975({.5}, 1), 1);
  EXPECT_GT(upper_mean_975({-1, 2, 2}, 1.5), 2.0 / 3);  // rounding may put an observation beyond the bound
  EXPECT_THROW(upper_mean_975({}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
