#include "analysis/uncertainty.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "analysis/confidence.hpp"
#include "analysis/importance.hpp"
#include "analysis/linear_weights.hpp"
#include "analysis/sample_draw.hpp"
#include "core/error.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

/// One node: row 1 if it is alive; nothing flows if it is failed. `right(run, sample)` gives the hits.
SampleTable table_of(std::int64_t runs, std::int64_t samples,
                     const std::function<bool(std::int64_t, std::int64_t)>& right) {
  SampleTable table;
  table.rows = 1;
  table.samples = samples;
  table.row_of = {0, 1};
  table.guess_accuracy = 0.25;
  table.bits.assign(static_cast<std::size_t>(runs * table.stride()), 0);
  for (std::int64_t run = 0; run < runs; ++run) {
    table.runs.push_back(run);
    for (std::int64_t s = 0; s < samples; ++s) {
      if (right(run, s))
        table.bits[static_cast<std::size_t>(run * table.stride() + s / 8)] |=
            static_cast<std::uint8_t>(1U << s % 8);
    }
  }
  return table;
}

Figure whole(std::size_t table = 0, double weight = 1) {
  return {{{table, {0, weight}}}};
}

TEST(SampleDraw, CountsAreWeightedSums) {
  RandomStream stream(3);
  for (const std::int64_t samples : {1, 2, 7, 8, 63, 64, 65, 200, 1000}) {
    const SampleTable table = table_of(2, samples, [&](auto, auto) { return stream.below(2) == 1; });
    SampleDraw draw(samples, 5);
    for (int round = 0; round < 5; ++round) {
      if (round > 0) draw.next();
      std::int64_t all = 0;
      for (std::int64_t s = 0; s < samples; ++s) all += draw.times()[static_cast<std::size_t>(s)];
      EXPECT_EQ(all, samples);
      for (std::size_t run = 0; run < 2; ++run) {
        double expected = 0;
        for (std::int64_t s = 0; s < samples; ++s)
          expected += table.row(run, 0)[s / 8] >> s % 8 & 1 ? draw.times()[static_cast<std::size_t>(s)] : 0;
        std::vector<double> counts;
        draw.count(table, run, counts);
        EXPECT_EQ(counts, (std::vector<double>{0.25 * static_cast<double>(samples), expected})) << samples;
      }
    }
  }
}

/// Each sample is drawn once on average, with the variance of a binomial distribution.
TEST(SampleDraw, DrawsAreEven) {
  SampleDraw draw(10, 9);
  std::vector<double> sum(10), squares(10);
  constexpr int rounds = 20000;
  for (int round = 0; round < rounds; ++round) {
    draw.next();
    for (std::size_t s = 0; s < 10; ++s) {
      sum[s] += draw.times()[s];
      squares[s] += draw.times()[s] * draw.times()[s];
    }
  }
  for (std::size_t s = 0; s < 10; ++s) {
    EXPECT_NEAR(sum[s] / rounds, 1, 0.03);
    EXPECT_NEAR(squares[s] / rounds - 1, 0.9, 0.05);
  }
}

/// Runs 0 and 1, samples 0 and 1: run 0 has both right, run 1 only the first. By hand: the run means are 1
/// and 1/2, the sample means 1 and 1/2, and both standard errors sqrt(1/8 / 2) = 1/4. Over the 16 equally
/// likely draws the mean is 1 - u v, where u is the share of run 1 and v that of sample 1, each 0, 1/2 or 1
/// with probabilities 1/4, 1/2, 1/4.
TEST(Estimates, TwoRunsAndTwoSamplesByHand) {
  const SampleTable table = table_of(2, 2, [](auto run, auto s) { return run == 0 || s == 0; });
  Bootstrap many;
  many.draws = 40000;
  const Estimate one = estimates({table}, {whole()}, many).front();
  EXPECT_DOUBLE_EQ(one.mean, 0.75);
  EXPECT_DOUBLE_EQ(one.training_error, 0.25);
  EXPECT_NEAR(one.test_error, 0.25, 0.003);
  std::map<double, double> share;
  for (const double draw : one.draws) share[std::round(draw * 1e6) / 1e6] += 1.0 / many.draws;
  const std::map<double, double> expected{{1, 7.0 / 16}, {0.75, 4.0 / 16}, {0.5, 4.0 / 16}, {0, 1.0 / 16}};
  ASSERT_EQ(share.size(), expected.size());
  for (const auto& [value, chance] : expected) EXPECT_NEAR(share[value], chance, 0.01) << value;
  // The draws have the variance 5/64, which is 1/64 more than half of r + s (1/16 each), so the part that
  // neither accounts for is 4/64. This leaves 1/16 with half a degree of freedom, taken as one: t = 12.7062.
  // The quantiles are 0 and 1.
  const double wider = 12.7062 / 1.959964 * std::sqrt((1 / 16.0) / (5 / 64.0));
  EXPECT_NEAR(one.low, 0.75 - wider * 0.75, 0.1);
  EXPECT_NEAR(one.high, 0.75 + wider * 0.25, 0.05);
}

TEST(Estimates, WithoutNoiseTheIntervalHasNoWidth) {
  const SampleTable table = table_of(3, 70, [](auto, auto) { return true; });
  const Estimate one = estimates({table}, {whole()}).front();
  EXPECT_DOUBLE_EQ(one.mean, 1);
  EXPECT_DOUBLE_EQ(one.low, 1);
  EXPECT_DOUBLE_EQ(one.high, 1);
  EXPECT_EQ(one.training_error, 0);
  EXPECT_EQ(one.test_error, 0);
  EXPECT_TRUE(one.told_apart());
}

TEST(Estimates, ADifferenceFromItselfIsZeroAndNotToldApart) {
  RandomStream stream(8);
  const SampleTable table = table_of(4, 100, [&](auto, auto) { return stream.below(3) > 0; });
  const Figure difference{{{0, {0, 1}}, {1, {0, -1}}}};
  const Estimate one = estimates({table, table}, {difference}).front();
  EXPECT_EQ(one.mean, 0);
  EXPECT_EQ(one.low, 0);
  EXPECT_EQ(one.high, 0);
  EXPECT_FALSE(one.told_apart());
}

/// Noise that all runs and samples share does not widen a paired difference.
TEST(Estimates, PairsAreComparedPairByPair) {
  RandomStream stream(11);
  std::vector<double> hard(2000), luck(6);
  for (double& h : hard) h = stream.uniform();
  for (double& l : luck) l = 0.2 * stream.uniform();
  const auto right = [&](double bonus) {
    return [&, bonus](std::int64_t run, std::int64_t s) {
      return hard[static_cast<std::size_t>(s)] < 0.5 + luck[static_cast<std::size_t>(run)] + bonus;
    };
  };
  const std::vector<SampleTable> tables{table_of(6, 2000, right(0)), table_of(6, 2000, right(0.01))};
  const auto found = estimates(tables, {whole(0), whole(1), {{{1, {0, 1}}, {0, {0, -1}}}}});
  EXPECT_NEAR(found[2].mean, found[1].mean - found[0].mean, 1e-12);
  EXPECT_TRUE(found[2].told_apart());
  EXPECT_LT(found[2].high - found[2].low, 0.02);
  EXPECT_GT(found[0].high, found[1].low) << "the intervals of the two overlap";
}

TEST(Estimates, TheSameDrawsOnEveryMachine) {
  RandomStream stream(2);
  const SampleTable table = table_of(5, 300, [&](auto, auto) { return stream.below(4) > 0; });
  Bootstrap few;
  few.draws = 3;
  const std::vector<double> draws = estimates({table}, {whole()}, few).front().draws;
  EXPECT_EQ(estimates({table}, {whole()}, few).front().draws, draws);
  few.seed = 2;
  EXPECT_NE(estimates({table}, {whole()}, few).front().draws, draws);
}

/// Crossed effects: P(right) = base + run + sample effects. The interval must contain the true mean in about
/// 95 of 100 cases, whichever noise is larger.
double coverage(std::int64_t runs, std::int64_t samples, double run_spread, double sample_spread) {
  RandomStream stream(static_cast<std::uint64_t>(runs * 1000 + samples));
  const auto normal = [&] {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += stream.uniform();
    return sum;
  };
  constexpr int rounds = 300;
  int held = 0;
  Bootstrap few;
  few.draws = 400;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> run_effect, sample_effect;
    for (std::int64_t r = 0; r < runs; ++r) run_effect.push_back(run_spread * normal());
    for (std::int64_t s = 0; s < samples; ++s) sample_effect.push_back(sample_spread * normal());
    const SampleTable table = table_of(runs, samples, [&](std::int64_t r, std::int64_t s) {
      return stream.uniform() <
             0.5 + run_effect[static_cast<std::size_t>(r)] + sample_effect[static_cast<std::size_t>(s)];
    });
    few.seed = static_cast<std::uint64_t>(round);
    const Estimate one = estimates({table}, {whole()}, few).front();
    held += one.low <= 0.5 && 0.5 <= one.high ? 1 : 0;
  }
  return static_cast<double>(held) / rounds;
}

TEST(Estimates, IntervalsHoldTheTruthAsOftenAsTheySay) {
  for (const std::int64_t runs : {3, 5, 10}) {
    const double training = coverage(runs, 400, 0.1, 0.02), testing = coverage(runs, 100, 0.005, 0.15);
    EXPECT_GT(training, 0.92) << runs;
    EXPECT_LT(training, 0.99) << runs;
    EXPECT_GT(testing, 0.92) << runs;
    EXPECT_LT(testing, 0.99) << runs;
  }
}

TEST(Estimates, OneRunHasTestNoiseAlone) {
  RandomStream stream(4);
  const SampleTable table = table_of(1, 500, [&](auto, auto) { return stream.below(5) > 0; });
  const Estimate one = estimates({table}, {whole()}).front();
  EXPECT_TRUE(std::isnan(one.training_error));
  const double expected = std::sqrt(one.mean * (1 - one.mean) / 499);
  EXPECT_NEAR(one.test_error, expected, 0.06 * expected);
  EXPECT_NEAR(one.high - one.low, 2 * 1.965 * expected, 0.15 * expected);
}

TEST(Estimates, TablesOfOtherRunsAreRefused) {
  const auto right = [](auto, auto) { return true; };
  EXPECT_THROW(estimates({table_of(2, 10, right), table_of(3, 10, right)}, {whole()}), std::invalid_argument);
  EXPECT_THROW(estimates({table_of(2, 10, right), table_of(2, 11, right)}, {whole()}), std::invalid_argument);
  EXPECT_THROW(estimates({table_of(2, 10, right)}, {Figure{{{0, {1}}}}}), std::invalid_argument);
}

TEST(Estimates, OfRunsAlone) {
  const Estimate one = estimate_of_runs({0.5, 0.7});
  EXPECT_DOUBLE_EQ(one.mean, 0.6);
  EXPECT_DOUBLE_EQ(one.training_error, 0.1);
  EXPECT_NEAR(one.high - one.mean, 1.27062, 1e-5);
  EXPECT_TRUE(std::isnan(one.test_error));
  EXPECT_TRUE(std::isnan(estimate_of_runs({0.5}).low));
  EXPECT_FALSE(estimate_of_runs({0.5}).told_apart());
}

TEST(FirstShares, EqualOnesShareADraw) {
  std::vector<Estimate> figures(3);
  figures[0].draws = {1, 2, 3, 0};
  figures[1].draws = {0, 2, 1, 0};
  figures[2].draws = {0, 1, 4, 0};
  const std::vector<double> shares = first_shares(figures);
  EXPECT_NEAR(shares[0], (1 + 0.5 + 1 / 3.0) / 4, 1e-12);
  EXPECT_NEAR(shares[1], (0.5 + 1 / 3.0) / 4, 1e-12);
  EXPECT_NEAR(shares[2], (1 + 1 / 3.0) / 4, 1e-12);
}

/// The weighted sums over the table equal the values of the games, with groups as well.
TEST(LinearWeights, GiveTheImportanceOfNodes) {
  RandomStream stream(6);
  for (int nodes = 1; nodes <= 5; ++nodes) {
    Reliability reliability;
    for (int i = 0; i < nodes; ++i) reliability.push_back(stream.uniform());
    std::vector<FailureGroup> groups;
    for (int g = 0; g < nodes % 3; ++g)
      groups.push_back({"g", 1 + stream.below((std::uint64_t{1} << nodes) - 1), stream.uniform()});
    std::vector<double> values;
    for (int i = 0; i < 1 << nodes; ++i) values.push_back(stream.uniform());
    const NodeImportance expected = node_importance(values, reliability, groups);
    const auto shapley = shapley_weights(reliability, groups),
               birnbaum = birnbaum_weights(reliability, groups);
    for (std::size_t node = 0; node < reliability.size(); ++node) {
      EXPECT_NEAR(std::inner_product(values.begin(), values.end(), shapley[node].begin(), 0.0),
                  expected.shapley[node], 1e-12);
      EXPECT_NEAR(std::inner_product(values.begin(), values.end(), birnbaum[node].begin(), 0.0),
                  expected.birnbaum[node], 1e-12);
    }
  }
}

/// The means of the draws equal those that summarise() computes from the table of accuracies.
TEST(Certainties, MeansAreThoseOfTheAnswers) {
  RandomStream stream(12);
  SampleTable table;
  table.runs = {0, 2, 3};
  table.rows = 2;
  table.samples = 130;
  table.row_of = {0, 1, 0, 2};
  for (std::size_t s = 0; s < 130; ++s) table.guess.push_back(s % 3 == 0 ? 0.5 : 0.25);
  table.bits.assign(std::size_t(3 * 2 * table.stride()), 0);
  StateTable states;
  states.flow = {0, 1, 0, 1};
  const double guess = std::accumulate(table.guess.begin(), table.guess.end(), 0.0) / 130;
  for (std::size_t run = 0; run < 3; ++run) {
    std::vector<double> right(3);
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t s = 0; s < 130; ++s) {
        const bool good = stream.below(4) > row;
        right[row + 1] += good ? 1.0 / 130 : 0;
        const auto at = (run * 2 + row) * static_cast<std::size_t>(table.stride()) + s / 8;
        table.bits[at] |= static_cast<std::uint8_t>((good ? 1U : 0U) << s % 8);
      }
    }
    states.runs.push_back({guess, right[1], guess, right[2]});
  }
  Query query;
  query.reliability = {0.9, 0.7};
  query.groups = {{"both", 3, 0.95}};
  const Summary expected = summarise(states, query);
  const Confidence found = certainties({table}, {query}).front().front();
  const Confidence by_runs = confidence_of_runs(states, query, &states);
  EXPECT_NEAR(found.average.mean, expected.average.mean, 1e-12);
  EXPECT_NEAR(found.average.training_error, by_runs.average.training_error, 1e-12);
  for (std::size_t node = 0; node < 2; ++node) {
    EXPECT_NEAR(found.shapley[node].mean, expected.shapley[node].mean, 1e-12);
    EXPECT_NEAR(found.birnbaum[node].mean, expected.birnbaum[node].mean, 1e-12);
    EXPECT_NEAR(by_runs.shapley[node].high - by_runs.shapley[node].mean, expected.shapley[node].ci95, 1e-12);
  }
  EXPECT_NEAR(found.first[0] + found.first[1], 1, 1e-12);
  EXPECT_FALSE(found.difference.has_value());
  EXPECT_EQ(by_runs.difference->mean, 0);
  const SampleTable some = with_runs(table, {2});
  EXPECT_EQ(some.bits, std::vector<std::uint8_t>(table.row(1, 0), table.row(2, 0)));
  EXPECT_THROW(with_runs(table, {1}), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
