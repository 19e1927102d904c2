// Textbook systems: accuracy is 1 if the system works and 0 if it does not.

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <set>

#include "analysis/accuracy_risk.hpp"
#include "analysis/cut_sets.hpp"
#include "analysis/importance.hpp"
#include "analysis/state_distribution.hpp"

namespace deepfog {
namespace {

using System = std::function<bool(Combination)>;

bool up(Combination state, int component) {
  return alive(state, component - 1);
}

/// 1 and 2 leave the source, 4 and 5 reach the sink, 3 is the bridge between (Barlow and Proschan, 1975).
bool bridge(Combination s) {
  return (up(s, 1) && up(s, 4)) || (up(s, 2) && up(s, 5)) || (up(s, 1) && up(s, 3) && up(s, 5)) ||
         (up(s, 2) && up(s, 3) && up(s, 4));
}
bool two_of_three(Combination s) {
  return up(s, 1) + up(s, 2) + up(s, 3) >= 2;
}
/// 1 in series with 2 and 3 in parallel.
bool series_parallel(Combination s) {
  return up(s, 1) && (up(s, 2) || up(s, 3));
}

std::vector<double> table(int nodes, const System& system) {
  std::vector<double> values(std::size_t{1} << nodes);
  for (std::size_t state = 0; state < values.size(); ++state) values[state] = system(state) ? 1 : 0;
  return values;
}
std::vector<std::uint8_t> flags(int nodes, const System& system) {
  std::vector<std::uint8_t> values(std::size_t{1} << nodes);
  for (std::size_t state = 0; state < values.size(); ++state) values[state] = system(state) ? 1 : 0;
  return values;
}
std::vector<double> random_values(int nodes, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> values(std::size_t{1} << nodes);
  for (double& value : values) value = uniform(random);
  return values;
}

TEST(Availability, IsTheShareOfTimeUp) {
  EXPECT_DOUBLE_EQ(availability(990, 10), 0.99);
  EXPECT_DOUBLE_EQ(availability(5, 0), 1);
  EXPECT_DOUBLE_EQ(availability(0, 5), 0);
  for (const auto& [failure, repair] :
       std::vector<std::pair<double, double>>{{0, 0}, {-1, 2}, {1, NAN}, {INFINITY, 1}})
    EXPECT_THROW(availability(failure, repair), std::invalid_argument);
}

TEST(Distribution, OfTextbookSystems) {
  const double r = 0.9;
  EXPECT_NEAR(expectation(table(5, bridge), state_distribution(Reliability(5, r), {})), 0.97848, 1e-12);
  EXPECT_NEAR(expectation(table(3, two_of_three), state_distribution(Reliability(3, r), {})),
              3 * r * r - 2 * r * r * r, 1e-12);
  EXPECT_NEAR(expectation(table(3, series_parallel), state_distribution({0.9, 0.8, 0.7}, {})),
              0.9 * (1 - 0.2 * 0.3), 1e-12);
}

TEST(Distribution, ACommonCauseTakesItsMembersWithIt) {
  // Two parallel machines on one power feed are no better than the feed.
  const std::vector<FailureGroup> feed{{"feed", 0b11, 0.95}};
  const std::vector<double> chances = state_distribution({0.9, 0.9}, feed);
  EXPECT_NEAR(chances[0b00], 0.05 + 0.95 * 0.01, 1e-15);
  EXPECT_NEAR(chances[0b01], 0.95 * 0.09, 1e-15);
  EXPECT_NEAR(chances[0b11], 0.95 * 0.81, 1e-15);
}

/// Compares with an enumeration of every state of nodes and groups.
TEST(Distribution, GroupsThatOverlapAgainstTheDefinition) {
  const Reliability reliability{0.9, 0.8, 0.7, 0.95};
  const std::vector<FailureGroup> groups{{"a", 0b0011, 0.9}, {"b", 0b0110, 0.8}, {"c", 0b1000, 0.5}};
  std::vector<double> expected(16);
  for (Combination nodes = 0; nodes < 16; ++nodes) {
    for (Combination up_groups = 0; up_groups < 8; ++up_groups) {
      double chance = probability(nodes, reliability);
      Combination state = nodes;
      for (int g = 0; g < 3; ++g) {
        const FailureGroup& group = groups[static_cast<std::size_t>(g)];
        chance *= alive(up_groups, g) ? group.availability : 1 - group.availability;
        if (!alive(up_groups, g)) state &= ~group.members;
      }
      expected[state] += chance;
    }
  }
  const std::vector<double> chances = state_distribution(reliability, groups);
  for (std::size_t state = 0; state < 16; ++state)
    EXPECT_NEAR(chances[state], expected[state], 1e-15) << state;
}

TEST(CutSets, OfTextbookSystems) {
  EXPECT_EQ(minimal_cut_sets(flags(5, bridge)),
            (std::vector<Combination>{0b00011, 0b11000, 0b01110, 0b10101}));
  EXPECT_EQ(minimal_cut_sets(flags(3, two_of_three)), (std::vector<Combination>{0b011, 0b101, 0b110}));
  EXPECT_EQ(minimal_cut_sets(flags(3, series_parallel)), (std::vector<Combination>{0b001, 0b110}));
  EXPECT_EQ(minimal_cut_sets({1, 1, 1, 1}), std::vector<Combination>{});
  EXPECT_EQ(minimal_cut_sets({0, 0}), std::vector<Combination>{0}) << "nothing flows even with all alive";
  EXPECT_THROW(minimal_cut_sets({1, 0}), std::invalid_argument);
  EXPECT_THROW(minimal_cut_sets({1, 1, 1}), std::invalid_argument);
}

TEST(Importance, OfTwoOfThree) {
  const NodeImportance importance = node_importance(table(3, two_of_three), {0.9, 0.8, 0.7}, {});
  // Birnbaum importance of a node: the probability that exactly one of the others works.
  const double expected[] = {0.8 * 0.3 + 0.2 * 0.7, 0.9 * 0.3 + 0.1 * 0.7, 0.9 * 0.2 + 0.1 * 0.8};
  for (std::size_t i = 0; i < 3; ++i) {
    const double r = 0.9 - 0.1 * static_cast<double>(i);
    EXPECT_NEAR(importance.birnbaum[i], expected[i], 1e-12);
    EXPECT_NEAR(importance.improvement[i], (1 - r) * expected[i], 1e-12);
    EXPECT_NEAR(importance.loss[i], r * expected[i], 1e-12);
  }
}

TEST(Importance, TheBridgeMattersLeast) {
  const std::vector<double> birnbaum = node_importance(table(5, bridge), Reliability(5, 0.9), {}).birnbaum;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) EXPECT_GT(birnbaum[i], 4 * birnbaum[2]);
  EXPECT_NEAR(birnbaum[2], 2 * 0.81 * 0.01, 1e-12);  // 1 and 5 are up and 2 and 4 down, or the reverse
}

TEST(Shapley, SharesTheWholeGainToTheLastDigit) {
  for (const int nodes : {1, 2, 5, 9}) {
    const std::vector<double> values = random_values(nodes, 7);
    Reliability reliability;
    for (int i = 0; i < nodes; ++i) reliability.push_back(0.5 + 0.05 * i);
    const std::vector<FailureGroup> groups{{"g", 1, 0.9}};
    const NodeImportance importance = node_importance(values, reliability, groups);
    const std::vector<double> game = hardened_averages(values, reliability, groups);
    const double sum = std::accumulate(importance.shapley.begin(), importance.shapley.end(), 0.0);
    EXPECT_NEAR(sum, game.back() - game.front(), 1e-12) << nodes;
    EXPECT_NEAR(game.front(), expectation(values, state_distribution(reliability, groups)), 1e-12) << nodes;
  }
}

TEST(Shapley, OfKnownGames) {
  // Glove game: one left glove, two right ones.
  const std::vector<double> gloves{0, 0, 0, 1, 0, 1, 0, 1};
  const std::vector<double> shares = shapley_values(gloves);
  EXPECT_NEAR(shares[0], 4.0 / 6, 1e-12);
  EXPECT_NEAR(shares[1], 1.0 / 6, 1e-12);
  EXPECT_NEAR(shares[2], 1.0 / 6, 1e-12);
  // A null player gets nothing, and the values of a sum of games are the sums of their values.
  const std::vector<double> additive{0, 1, 0, 1, 3, 4, 3, 4};
  EXPECT_EQ(shapley_values(additive), (std::vector<double>{1, 0, 3}));
}

/// Compares with the definition by permutations.
TEST(Shapley, AgainstTheDefinition) {
  const std::vector<double> game = random_values(5, 3);
  std::vector<int> order{0, 1, 2, 3, 4};
  std::vector<double> expected(5);
  int permutations = 0;
  do {
    std::size_t before = 0;
    for (const int node : order) {
      const std::size_t with = before | std::size_t{1} << node;
      expected[static_cast<std::size_t>(node)] += game[with] - game[before];
      before = with;
    }
    ++permutations;
  } while (std::next_permutation(order.begin(), order.end()));
  const std::vector<double> shares = shapley_values(game);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(shares[i], expected[i] / permutations, 1e-12);
}

TEST(Interactions, TellComplementsFromSubstitutes) {
  const std::vector<double> series{0, 0, 0, 1}, parallel{0, 1, 1, 1}, additive{0, 1, 2, 3};
  EXPECT_NEAR(pair_interactions(series)[1], 1, 1e-12);
  EXPECT_NEAR(pair_interactions(parallel)[1], -1, 1e-12);
  EXPECT_NEAR(pair_interactions(additive)[1], 0, 1e-12);
  // 2-of-3, any pair: without the third both together win (+1); with the third only one is needed (-1).
  const std::vector<double> both = pair_interactions(table(3, two_of_three));
  for (const std::size_t pair : {1U, 2U, 5U}) EXPECT_NEAR(both[pair], 0, 1e-12);
  for (const std::size_t self : {0U, 4U, 8U}) EXPECT_EQ(both[self], 0);
  EXPECT_EQ(both[3], both[1]);
}

TEST(Risk, WalksAlongTheDistribution) {
  const AccuracyRisk risk({0.2, 0.9, 0.5, 0.5}, {0.1, 0.6, 0.2, 0.1});
  EXPECT_EQ(risk.quantile(0.05), 0.2);
  EXPECT_EQ(risk.quantile(0.1), 0.2);
  EXPECT_EQ(risk.quantile(0.11), 0.5);
  EXPECT_EQ(risk.quantile(0.4), 0.5);
  EXPECT_EQ(risk.quantile(1), 0.9);
  EXPECT_NEAR(risk.worst_mean(0.1), 0.2, 1e-12);
  EXPECT_NEAR(risk.worst_mean(0.2), (0.1 * 0.2 + 0.1 * 0.5) / 0.2, 1e-12);
  EXPECT_NEAR(risk.worst_mean(1), 0.02 + 0.15 + 0.54, 1e-12);
  EXPECT_NEAR(risk.at_least(0.5), 0.9, 1e-12);
  EXPECT_NEAR(risk.at_least(0.500001), 0.6, 1e-12);
  EXPECT_NEAR(risk.at_least(0), 1, 1e-12);
  EXPECT_EQ(risk.at_least(0.95), 0);
  EXPECT_NEAR(risk.deviation(), std::sqrt(0.1 * 0.51 * 0.51 + 0.6 * 0.19 * 0.19 + 0.3 * 0.21 * 0.21), 1e-12);
  EXPECT_THROW(AccuracyRisk({1}, {}), std::invalid_argument);
}

TEST(Risk, ByNumberOfFailures) {
  const auto rows = by_failures({0.1, 0.4, 0.2, 0.9}, state_distribution({0.9, 0.8}, {}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].combinations, 2);
  EXPECT_EQ(rows[1].best, 0.4);
  EXPECT_EQ(rows[1].best_at, 1U);
  EXPECT_EQ(rows[1].worst_at, 2U);
  EXPECT_NEAR(rows[1].mean, 0.3, 1e-12);
  EXPECT_NEAR(rows[1].chance, 0.9 * 0.2 + 0.1 * 0.8, 1e-12);
  EXPECT_EQ(rows[2].worst, 0.1);
  EXPECT_EQ(rows[0].best_at, 3U);
}

TEST(Analysis, OfTwentyNodesIsQuick) {
  const std::vector<double> values = random_values(20, 1);
  const Reliability reliability(20, 0.95);
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<double> chances = state_distribution(reliability, {{"rack", 0xff, 0.99}});
  const AccuracyRisk risk(values, chances);
  const NodeImportance importance = node_importance(values, reliability, {});
  by_failures(values, chances);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_NEAR(std::accumulate(importance.shapley.begin(), importance.shapley.end(), 0.0),
              values.back() - average(values, reliability), 1e-12);
  EXPECT_LT(risk.quantile(0.1), risk.quantile(0.9));
  EXPECT_LT(seconds, 20) << "a second on a quiet core (tests/bench)";
}

}  // namespace
}  // namespace deepfog
