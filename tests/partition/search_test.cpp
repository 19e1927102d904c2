#include "partition/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "cut_layers.hpp"
#include "partition/baselines.hpp"

namespace deepfog {
namespace {

constexpr int kDevices = 3;

class Search : public testing::Test {
 protected:
  /// The importance that is kept when one device fails, which counts more in the second layer.
  static double accuracy(const Partition& partition) {
    ++asked;
    double kept = 0;
    for (std::size_t l = 0; l < partition.neurons.size(); ++l) {
      for (int failed = 0; failed < kDevices; ++failed) {
        for (const auto n :
             live_neurons(partition, int(l), all_alive(kDevices) & ~(Combination{1} << failed))) {
          kept += (l == 1 ? 5 : 1) * raw()[l][std::size_t(n)][0];
        }
      }
    }
    return kept;
  }
  static Scores raw() {
    Scores scores;
    for (std::size_t l = 0; l < sizes().size(); ++l) {
      scores.push_back(test::random_scores(sizes()[l], l + 11));
    }
    return scores;
  }
  static std::vector<std::int64_t> sizes() { return {9, 7, 12}; }
  static std::vector<CutLayer> layers() { return test::layers_of(sizes()); }
  static Scores points() { return normalised(raw(), ScoreNormalisation::zscore, {true, true, true}); }
  static std::int64_t bytes(double threshold) {
    return largest_device_bytes(partition_of_points(points(), {threshold, threshold, threshold}, kDevices),
                                layers());
  }
  /// Every outcome of one threshold t: each distance (only smaller ones are below it), and one above all.
  static std::vector<double> every_threshold() {
    std::set<double> all{0, 1e9};
    for (const LayerScores& layer : points()) {
      for (const Score& one : layer) {
        for (const Score& other : layer) all.insert(distance(one, other));
      }
    }
    return {all.begin(), all.end()};
  }
  const ThresholdSearch search{points(), layers(), kDevices};
  static int asked;
};
int Search::asked = 0;

TEST_F(Search, OutcomesAreAllThereAre) {
  const auto at = [&](const std::vector<double>& thresholds) {
    std::set<std::vector<std::vector<Neurons>>> found;
    for (const double t : thresholds) found.insert(search.partition({t, t, t}).neurons);
    return found;
  };
  EXPECT_EQ(at(search.outcomes(-1, 1 << 20)), at(every_threshold()));
  const std::vector<double> few = search.outcomes(-1, 10);
  EXPECT_EQ(few.size(), 10U);
  EXPECT_TRUE(std::is_sorted(few.begin(), few.end()));
  EXPECT_EQ(search.partition({few.back(), few.back(), few.back()}).neurons,
            search.partition({1e9, 1e9, 1e9}).neurons);
}

TEST_F(Search, MemoryBudgetAgainstBruteForce) {
  for (std::int64_t budget = 80; budget <= 290; budget += 10) {
    std::int64_t most = -1;
    for (const double t : every_threshold()) most = std::max(most, bytes(t) <= budget ? bytes(t) : -1);
    const SearchResult result = search.for_memory(budget, 1000);
    ASSERT_EQ(result.best >= 0, most >= 0) << budget;
    if (most < 0) continue;
    const SearchPoint& best = result.points[std::size_t(result.best)];
    EXPECT_EQ(best.bytes, most) << budget;
    EXPECT_EQ(best.bytes, bytes(best.thresholds[0])) << "the threshold gives what is promised";
    EXPECT_TRUE(std::isnan(best.accuracy));
  }
}

TEST_F(Search, FewEvaluationsStayWithinTheBudgetAndNearTheBest) {
  for (std::int64_t budget = 110; budget <= 280; budget += 10) {
    const SearchResult result = search.for_memory(budget, 20);
    ASSERT_GE(result.best, 0);
    EXPECT_LE(result.points.size(), 20U);
    EXPECT_LE(result.points[std::size_t(result.best)].bytes, budget);
    EXPECT_GE(result.points[std::size_t(result.best)].bytes, budget - 40) << budget;
  }
}

TEST_F(Search, EverythingAndNothing) {
  const SearchResult all = search.for_memory(280, 50);
  EXPECT_EQ(search.partition(all.points[std::size_t(all.best)].thresholds).neurons,
            replicated_partition(layers(), kDevices).neurons);
  EXPECT_EQ(search.for_memory(largest_device_bytes(lop_partition(layers(), kDevices), layers()) - 1).best,
            -1);
}

TEST_F(Search, TargetAccuracyAgainstBruteForce) {
  const double full = accuracy(search.partition({0, 0, 0}));
  for (const double share : {0.7, 0.8, 0.9, 0.95, 1.0}) {
    std::int64_t fewest = 1000;
    for (const double t : every_threshold()) {
      if (accuracy(search.partition({t, t, t})) >= share * full) fewest = std::min(fewest, bytes(t));
    }
    const SearchResult result = search.for_accuracy(share * full, accuracy, 1000);
    ASSERT_GE(result.best, 0);
    EXPECT_EQ(result.points[std::size_t(result.best)].bytes, fewest) << share;
    const SearchResult few = search.for_accuracy(share * full, accuracy, 16);
    ASSERT_GE(few.best, 0);
    EXPECT_LE(few.points.size(), 16U);
    EXPECT_GE(few.points[std::size_t(few.best)].accuracy, share * full);
  }
  EXPECT_EQ(search.for_accuracy(full * 1.01, accuracy).best, -1);
}

TEST_F(Search, RefinementIsNoWorseThanOneFigureAndWithinBudget) {
  int better = 0;
  for (std::int64_t budget = 110; budget <= 270; budget += 20) {
    const SearchResult single = search.for_memory(budget);
    const double before = accuracy(search.partition(single.points[std::size_t(single.best)].thresholds));
    asked = 0;
    const SearchResult result = search.refined(budget, accuracy, 60, 4);
    EXPECT_LE(asked, 61);
    ASSERT_GE(result.best, 0);
    const SearchPoint& best = result.points[std::size_t(result.best)];
    EXPECT_LE(best.bytes, budget);
    EXPECT_GE(best.accuracy, before);
    EXPECT_EQ(best.accuracy, accuracy(search.partition(best.thresholds)));
    better += best.accuracy > before ? 1 : 0;
  }
  EXPECT_GE(better, 3) << "the second layer counts more: thresholds of its own help";
  EXPECT_EQ(search.refined(50, accuracy).best, -1);
}

TEST_F(Search, RefinementAgainstBruteForceOverLayers) {
  const std::int64_t budget = 190;
  double most = 0;
  std::vector<std::vector<double>> outcomes;
  for (int l = 0; l < 3; ++l) outcomes.push_back(search.outcomes(l, 14));
  for (const double a : outcomes[0]) {
    for (const double b : outcomes[1]) {
      for (const double c : outcomes[2]) {
        const Partition at = search.partition({a, b, c});
        if (largest_device_bytes(at, layers()) <= budget) most = std::max(most, accuracy(at));
      }
    }
  }
  const SearchResult result = search.refined(budget, accuracy, 200, 9);
  EXPECT_GE(result.points[std::size_t(result.best)].accuracy, 0.97 * most);
}

TEST_F(Search, FewQuestionsStillReachTheBudget) {
  asked = 0;
  const SearchResult result = search.refined(110, accuracy, 1, 6);
  EXPECT_LE(asked, 10) << "two a layer, the first two and the last";
  EXPECT_LE(result.points.back().bytes, 110);
}

TEST_F(Search, FrontKeepsWhatNothingBeats) {
  const std::vector<double> thresholds{0, 0.5, 1, 1.5, 2, 3, 1e9};
  const SearchResult result = search.front(thresholds, accuracy);
  ASSERT_EQ(result.points.size(), thresholds.size());
  EXPECT_EQ(result.best, 0) << "full replication";
  for (const SearchPoint& one : result.points) {
    bool beaten = false;
    for (const SearchPoint& other : result.points) {
      beaten = beaten || (other.bytes < one.bytes && other.accuracy >= one.accuracy) ||
               (other.bytes <= one.bytes && other.accuracy > one.accuracy);
    }
    EXPECT_EQ(one.on_front, !beaten);
  }
}

TEST_F(Search, IsTheSameEveryTime) {
  const ThresholdSearch again(points(), layers(), kDevices);
  const SearchResult one = search.refined(150, accuracy), other = again.refined(150, accuracy);
  ASSERT_EQ(one.points.size(), other.points.size());
  for (std::size_t i = 0; i < one.points.size(); ++i) {
    EXPECT_EQ(one.points[i].thresholds, other.points[i].thresholds);
  }
}

TEST(ThresholdSearch, TakesLayersOfThousandsByQuantiles) {
  const auto layers = test::layers_of({1500, 700});
  const Scores points = normalised({test::random_scores(1500, 1), test::random_scores(700, 2)},
                                   ScoreNormalisation::zscore, {true, true, true});
  const ThresholdSearch search(points, layers, 4);
  const std::int64_t budget = replicated_bytes(layers) / 2;
  const SearchResult result = search.for_memory(budget, 40);
  ASSERT_GE(result.best, 0);
  EXPECT_LE(result.points[std::size_t(result.best)].bytes, budget);
  EXPECT_GT(result.points[std::size_t(result.best)].bytes, budget * 95 / 100);
}

TEST(ThresholdSearch, RefusesScoresThatDoNotFit) {
  EXPECT_THROW(ThresholdSearch({test::random_scores(5, 1)}, test::layers_of({6}), 2), Failure);
  EXPECT_THROW(ThresholdSearch({}, test::layers_of({6}), 2), Failure);
  EXPECT_THROW(ThresholdSearch({test::random_scores(6, 1)}, test::layers_of({6}), 0), Failure);
}

}  // namespace
}  // namespace deepfog
