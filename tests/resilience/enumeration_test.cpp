#include "resilience/enumeration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "core/deadline.hpp"
#include "networks.hpp"

namespace deepfog {
namespace {

/// Reliabilities between 0 and 1, some of which are 0, 1, .5 or repeated.
Reliability awkward(RandomStream& stream, int n) {
  Reliability reliability = random_reliability(stream, n);
  for (double& survival : reliability) {
    const std::uint64_t kind = stream.below(8);
    if (kind < 4) survival = std::vector<double>{0, 1, .5, .9}[kind];
  }
  return reliability;
}

TEST(MostProbableFirst, IsCompleteOrderedAndEquationTwo) {
  RandomStream stream(3);
  for (int repeat = 0; repeat < 120; ++repeat) {
    const int n = repeat % 13;
    const Reliability reliability = awkward(stream, n);
    const auto table = probabilities(reliability);
    std::set<Combination> seen;
    double before = std::numeric_limits<double>::infinity();
    MostProbableFirst order(reliability);
    while (const auto next = order.next()) {
      ASSERT_LT(next->combination, table.size());
      ASSERT_TRUE(seen.insert(next->combination).second) << "handed out twice";
      ASSERT_LE(next->probability, before);
      ASSERT_NEAR(next->probability, table[next->combination], 1e-14);
      before = next->probability;
    }
    ASSERT_FALSE(order.next().has_value());
    for (Combination c = 0; c < table.size(); ++c) ASSERT_EQ(seen.count(c) == 1, table[c] > 0) << c;
  }
}

TEST(MostProbableFirst, ReachesSixtyFourNodes) {
  Reliability reliability(64, .99);
  reliability[63] = .9;  // the node most likely to fail
  reliability[5] = .02;  // more likely failed than alive
  MostProbableFirst order(reliability);
  const Combination likeliest = ~Combination{0} ^ (Combination{1} << 5);
  const auto first = order.next(), second = order.next(), third = order.next();
  EXPECT_EQ(first->combination, likeliest);
  EXPECT_NEAR(first->probability, std::pow(.99, 62) * .9 * .98, 1e-14);
  EXPECT_EQ(second->combination, likeliest ^ (Combination{1} << 63));
  EXPECT_EQ(third->combination, ~Combination{0});  // 2/98 is more than 1/99
  double before = third->probability;
  const Stopwatch watch;
  for (int i = 0; i < 500000; ++i) {
    const auto next = order.next();
    ASSERT_TRUE(next.has_value());
    ASSERT_LE(next->probability, before);
    before = next->probability;
  }
  EXPECT_LT(watch.seconds(), 20.0);  // usually some tenths of a second
}

TEST(MostProbableFirst, OfNothingLeftToChanceIsOneCombination) {
  MostProbableFirst none(Reliability{}), certain({1, 0, 1});
  EXPECT_EQ(none.next()->probability, 1.0);
  EXPECT_FALSE(none.next().has_value());
  const auto only = certain.next();
  EXPECT_EQ(only->combination, 0b101u);
  EXPECT_EQ(only->probability, 1.0);
  EXPECT_FALSE(certain.next().has_value());
}

TEST(MostProbableFirst, RefusesWhatIsNoReliability) {
  EXPECT_THROW(MostProbableFirst(Reliability(65, .5)), std::invalid_argument);
  EXPECT_THROW(MostProbableFirst({.5, 1.01}), std::invalid_argument);
  EXPECT_THROW(MostProbableFirst({-.01}), std::invalid_argument);
  EXPECT_THROW(MostProbableFirst({std::nan("")}), std::invalid_argument);
}

/// Twenty nodes: the camera's eight survival probabilities, repeated.
Reliability twenty(const Reliability& camera) {
  Reliability reliability;
  for (std::size_t i = 0; i < 20; ++i) reliability.push_back(camera[i % camera.size()]);
  return reliability;
}

std::size_t states_for(double mass, const Reliability& reliability) {
  MostProbableFirst order(reliability);
  std::size_t states = 0;
  for (double sum = 0; sum < mass; ++states) sum += order.next()->probability;
  return states;
}

TEST(MostProbableFirst, NeedsFewOfAMillionStatesForNinetyNinePercent) {
  const std::vector<Reliability> settings = {twenty({.995, .99, .98, .97, .95, .95, .95, .95}),
                                             twenty({.99, .98, .94, .93, .90, .90, .87, .87})};
  const std::vector<std::size_t> expected = {394, 3907};
  for (std::size_t setting = 0; setting < settings.size(); ++setting) {
    auto sorted = probabilities(settings[setting]);
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    std::size_t states = 0;
    for (double sum = 0; sum < .99; ++states) sum += sorted[states];
    EXPECT_EQ(states_for(.99, settings[setting]), states);
    EXPECT_EQ(states, expected[setting]);
  }
}

TEST(Combinations, AllAndThoseWithSoManyFailed) {
  EXPECT_EQ(all_combinations(0), std::vector<Combination>{0});
  EXPECT_EQ(all_combinations(2), (std::vector<Combination>{0, 1, 2, 3}));
  EXPECT_EQ(combinations_with(4, 0), std::vector<Combination>{15});
  EXPECT_EQ(combinations_with(4, 3), (std::vector<Combination>{1, 2, 4, 8}));
  EXPECT_EQ(combinations_with(3, 1), (std::vector<Combination>{3, 5, 6}));
  EXPECT_EQ(combinations_with(10, 4).size(), 210U);
  EXPECT_THROW(all_combinations(27), std::invalid_argument);
  EXPECT_THROW(all_combinations(-1), std::invalid_argument);
  EXPECT_THROW(combinations_with(3, 4), std::invalid_argument);
  EXPECT_THROW(combinations_with(3, -1), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
