#include "resilience/sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>

#include "networks.hpp"
#include "path_counter.hpp"
#include "resilience/class_accuracies.hpp"
#include "resilience/failure_strata.hpp"
#include "sampling_cases.hpp"

namespace deepfog {
namespace {

const Reliability kMixed = {.9,  1,  .6,  .7,  .3,  0,
                            .95, .8, .55, .66, .85, .75};  // one node with each certain fate

TEST(FailureStrata, PartTheCombinations) {
  const FailureStrata strata(kMixed);
  ASSERT_EQ(strata.count(), 11);
  std::vector<double> mass(13, 0.0), size(13, 0.0);
  const auto table = probabilities(kMixed);
  for (Combination c = 0; c < table.size(); ++c) {
    mass[static_cast<std::size_t>(failed_count(c, 12))] += table[c];
    size[static_cast<std::size_t>(failed_count(c, 12))] += table[c] > 0 ? 1 : 0;
  }
  for (int k = 0; k < strata.count(); ++k) {
    ASSERT_EQ(strata.failures(k), k + 1);  // the node of reliability 0 always fails
    ASSERT_NEAR(strata.mass(k), mass[static_cast<std::size_t>(k) + 1], 1e-14);
    ASSERT_EQ(strata.size(k), size[static_cast<std::size_t>(k) + 1]);
    const auto all = strata.all(k);
    ASSERT_EQ(static_cast<double>(all.size()), strata.size(k));
    double sum = 0;
    for (const WeightedCombination& member : all) {
      ASSERT_EQ(failed_count(member.combination, 12), k + 1);
      ASSERT_NEAR(member.probability * strata.mass(k), table[member.combination], 1e-14);
      sum += member.probability;
    }
    ASSERT_NEAR(sum, 1.0, 1e-12);
  }
}

TEST(FailureStrata, AreDrawnFromByTheirProbabilities) {
  const FailureStrata strata(kMixed);
  RandomStream stream(77);
  for (const int k : {0, 1, 2, 8, 10}) {
    std::map<Combination, double> drawn;
    const int draws = 40000;
    for (int i = 0; i < draws; ++i) drawn[strata.draw(k, stream)] += 1.0 / draws;
    const auto all = strata.all(k);
    double chi_square = 0;
    std::size_t seen = 0;
    for (const WeightedCombination& member : all) {
      const double difference = drawn[member.combination] - member.probability;
      chi_square += draws * difference * difference / member.probability;
      seen += drawn[member.combination] > 0 ? 1 : 0;
    }
    ASSERT_EQ(drawn.size(), all.size()) << "something else was drawn";
    const double degrees = static_cast<double>(all.size()) - 1;
    EXPECT_LE(chi_square, degrees + 5 * std::sqrt(2 * degrees) + 1e-9) << k;
    EXPECT_GT(seen, all.size() / 2);
  }
}

TEST(FailureStrata, ReachSixtyFourNodes) {
  const FailureStrata strata(Reliability(64, .5));
  EXPECT_NEAR(strata.mass(0), std::pow(.5, 64), 1e-30);
  EXPECT_EQ(strata.size(64), 1);
  EXPECT_NEAR(strata.size(32) / 1832624140942590534.0, 1, 1e-12);
  RandomStream stream(1);
  for (int k = 0; k <= 64; ++k) EXPECT_EQ(failed_count(strata.draw(k, stream), 64), k);
  EXPECT_THROW(FailureStrata(Reliability(65, .5)), std::invalid_argument);
  EXPECT_THROW(FailureStrata({1.5}), std::invalid_argument);
  const FailureStrata sure({1, 1});
  EXPECT_EQ(sure.count(), 1);
  EXPECT_EQ(sure.draw(0, stream), 0b11u);
}

/// A table that decreases unevenly with failures; a quarter of its entries are guesses.
std::vector<double> rough_table(std::uint64_t seed, int n) {
  RandomStream stream(seed);
  std::vector<double> table(std::size_t{1} << n);
  for (Combination c = 0; c < table.size(); ++c) {
    const double level = 1 - .7 * failed_count(c, n) / n;
    table[c] = stream.uniform() < .25 ? 1.0 / 3 : level * (.7 + .3 * stream.uniform());
  }
  return table;
}

struct Counted {
  const std::vector<double>& table;
  std::size_t asked = 0;
  int calls = 0;
  std::vector<double> operator()(const std::vector<Combination>& combinations) {
    ++calls;
    asked += combinations.size();
    std::vector<double> values;
    for (const Combination c : combinations) values.push_back(table.at(c));
    return values;
  }
};

TEST(Sampling, CoversTheExactValueNineteenTimesInTwenty) {
  const int n = 12;
  const auto table = rough_table(8, n);
  for (const Reliability& reliability :
       {Reliability(n, .6), Reliability{.9, .9, .8, .8, .7, .6, .7, .66, .9, .8, .7, .6}, kMixed}) {
    const double value = average(table, reliability);
    int covered = 0;
    double sum = 0, width = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      SamplingSpec spec;
      spec.budget = 600;
      spec.seed = seed;
      Counted network{table};
      const SampledAverage result = sample_average(reliability, spec, std::ref(network));
      ASSERT_EQ(network.asked, 600u);
      ASSERT_EQ(result.combinations, static_cast<std::int64_t>(network.asked));
      ASSERT_EQ(network.calls, 1);
      ASSERT_LE(result.lower, result.estimate);
      ASSERT_GE(result.upper, result.estimate);
      covered += result.lower <= value && value <= result.upper ? 1 : 0;
      sum += result.estimate;
      width += (result.upper - result.lower) / 200;
    }
    EXPECT_GE(covered, 186);
    EXPECT_NEAR(sum / 200, value, width / 2 / std::sqrt(200.0) * 2);  // no bias
    EXPECT_LT(width, .03);
  }
}

TEST(Sampling, IsNarrowerThanDrawingBlindly) {
  const auto table = rough_table(9, 12);
  const Reliability reliability(12, .6);
  SamplingSpec spec;
  spec.budget = 1000;
  Counted network{table};
  const SampledAverage result = sample_average(reliability, spec, std::ref(network));
  std::vector<double> squares;
  for (const double value : table) squares.push_back(value * value);
  const double value = average(table, reliability);
  const double blind = std::sqrt((average(squares, reliability) - value * value) / 1000);
  EXPECT_LT(result.upper - result.lower, 2 * 1.96 * blind);
}

TEST(Sampling, IsExactWhereTheBudgetReaches) {
  const auto table = rough_table(10, 12);
  for (const Reliability& reliability : {Reliability(12, .7), kMixed, Reliability(12, 1.0)}) {
    SamplingSpec spec;
    spec.budget = 4096;
    Counted network{table};
    const SampledAverage result = sample_average(reliability, spec, std::ref(network));
    EXPECT_NEAR(result.estimate, average(table, reliability), 1e-12);
    EXPECT_EQ(result.lower, result.estimate);
    EXPECT_EQ(result.upper, result.estimate);
    EXPECT_EQ(network.calls, 1);
    for (const Stratum& stratum : result.strata) EXPECT_EQ(stratum.use, StratumUse::exact);
  }
}

TEST(Sampling, SaysWhatWasUsed) {
  const auto table = rough_table(11, 12);
  SamplingSpec spec;
  spec.budget = 500;
  spec.seed = 99;
  spec.ignored_mass = 1e-3;
  Counted network{table};
  const Reliability reliability(12, .85);
  const SampledAverage result = sample_average(reliability, spec, std::ref(network));
  EXPECT_EQ(result.seed, 99u);
  ASSERT_EQ(result.strata.size(), 13u);
  double mass = 0, estimate = 0, ignored = 0;
  const FailureStrata strata(reliability);
  for (const Stratum& stratum : result.strata) {
    mass += stratum.mass;
    estimate += stratum.mass * stratum.mean;
    if (stratum.use == StratumUse::ignored) {
      ignored += stratum.mass;
      EXPECT_EQ(stratum.combinations, 0);
    } else if (stratum.use == StratumUse::exact) {
      EXPECT_EQ(static_cast<double>(stratum.combinations), strata.size(stratum.failures));
    } else {
      EXPECT_GE(stratum.combinations, 2);
    }
  }
  EXPECT_NEAR(mass, 1, 1e-12);
  EXPECT_NEAR(estimate, result.estimate, 1e-12);
  EXPECT_NEAR(ignored, result.ignored_mass, 1e-15);
  EXPECT_GT(ignored, 0);
  EXPECT_LE(ignored, 1e-3);
  EXPECT_EQ(result.strata[0].use, StratumUse::exact);
  EXPECT_EQ(result.strata[1].use, StratumUse::exact);  // 12 combinations
  EXPECT_EQ(result.strata[4].use, StratumUse::sampled);
  EXPECT_EQ(result.strata[11].use, StratumUse::ignored);
}

TEST(Sampling, DrawsInProportionToMass) {
  const auto table = rough_table(7, 14);
  SamplingSpec spec;
  spec.budget = 1000;
  Counted network{table};
  double draws = 0, mass = 0;
  const SampledAverage result = sample_average(Reliability(14, .5), spec, std::ref(network));
  for (const Stratum& stratum : result.strata) {
    if (stratum.use != StratumUse::sampled) continue;
    draws += static_cast<double>(stratum.combinations);
    mass += stratum.mass;
  }
  for (const Stratum& stratum : result.strata) {
    if (stratum.use != StratumUse::sampled) continue;
    EXPECT_NEAR(static_cast<double>(stratum.combinations), stratum.mass / mass * draws, 5);
    EXPECT_GE(stratum.combinations, 4);
  }
}

// Alternates between cliffs that few or no draws meet and smooth or flat tables; tests/bench/run.sh
// sampling_coverage runs all cases at three budgets.
TEST(Sampling, CoversCliffsSmoothAndFlatTables) {
  const auto cases = sampling_cases();
  for (std::size_t i = 0; i < cases.size(); i += 2) {
    const Coverage found = coverage(cases[i], 500, 500);
    EXPECT_GE(found.share(), .93) << cases[i].name << ": too high " << found.above << ", too low "
                                  << found.below;
    EXPECT_EQ(found.points, 0) << cases[i].name << ": certain of what it has not seen";
    EXPECT_LT(std::abs(found.bias), .1 * found.width) << cases[i].name;
    EXPECT_LT(found.width, .08) << cases[i].name;
  }
}

TEST(Sampling, OfAFlatTableIsAsWideAsTheRuleOfThreeSays) {
  const SamplingCase flat{"flat", Reliability(50, .9), [](Combination) { return .6; }, .6};
  for (const std::int64_t budget : {500, 5000}) {
    const Coverage found = coverage(flat, budget, 1);
    EXPECT_EQ(found.covered, 1);
    EXPECT_GT(found.width, 1.0 / static_cast<double>(budget));
    EXPECT_LT(found.width, 6.0 / static_cast<double>(budget));
  }
}

TEST(Sampling, IsTheSameForTheSameSeed) {
  const auto table = rough_table(12, 12);
  const auto run = [&](std::uint64_t seed) {
    SamplingSpec spec;
    spec.budget = 400;
    spec.seed = seed;
    Counted network{table};
    return sample_average(Reliability(12, .6), spec, std::ref(network));
  };
  const SampledAverage first = run(5), again = run(5), other = run(6);
  EXPECT_EQ(first.estimate, again.estimate);
  EXPECT_EQ(first.lower, again.lower);
  EXPECT_EQ(first.upper, again.upper);
  EXPECT_NE(first.estimate, other.estimate);
}

TEST(Sampling, OfAHazardousTreeFindsTheClosedForm) {
  const Topology tree = shipped("tree64");
  PathCounter network(tree);
  ClassAccuracies accuracies(tree, 0, std::ref(network));
  const auto evaluate = [&](const std::vector<Combination>& combinations) {
    return accuracies.of(combinations);
  };
  SamplingSpec spec;
  spec.seed = 3;
  const SampledAverage result = sample_average(Reliability(63, .8), spec, evaluate);
  const double value = (31 * std::pow(.8, 5) + std::pow(.8, 6)) / 32;
  EXPECT_LE(result.lower, value);
  EXPECT_GE(result.upper, value);
  EXPECT_LT(result.upper - result.lower, .006);
  EXPECT_LE(result.combinations, 20000);
  EXPECT_EQ(network.calls, 1);
  EXPECT_EQ(network.misfits, 0);
}

TEST(Sampling, RefusesWhatItCannotDo) {
  const auto table = rough_table(13, 12);
  Counted network{table};
  SamplingSpec spec;
  spec.budget = 30;
  EXPECT_THROW(sample_average(Reliability(12, .5), spec, std::ref(network)), std::invalid_argument);
  EXPECT_THROW(sample_average(Reliability(65, .5), {}, std::ref(network)), std::invalid_argument);
  EXPECT_EQ(network.calls, 0);
  const auto mute = [](const std::vector<Combination>&) { return std::vector<double>{}; };
  EXPECT_THROW(sample_average(Reliability(12, .5), {}, mute), std::runtime_error);
}

}  // namespace
}  // namespace deepfog
