#include "partition/grouping.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "cut_layers.hpp"

namespace deepfog {
namespace {

constexpr double kHuge = std::numeric_limits<double>::infinity();
const std::array<bool, kScores> kAll{true, true, true};

/// Lines 10 to 20 of Algorithm 1 as they are written: every group meets all others, including those before
/// it.
std::vector<Group> as_written(const LayerScores& points, double threshold) {
  std::vector<Group> groups;
  for (std::size_t n = 0; n < points.size(); ++n) groups.push_back({static_cast<std::int64_t>(n)});
  for (std::size_t z = 0; z < groups.size(); ++z) {
    for (std::size_t q = 0; q < groups.size();) {
      double largest = 0;
      for (const auto j : groups[z]) {
        for (const auto o : groups[q]) {
          largest = std::max(largest, distance(points[std::size_t(j)], points[std::size_t(o)]));
        }
      }
      if (q == z || !(largest < threshold)) {
        ++q;
        continue;
      }
      groups[z].insert(groups[z].end(), groups[q].begin(), groups[q].end());
      groups.erase(groups.begin() + std::ptrdiff_t(q));
      if (q < z) --z;
    }
  }
  return groups;
}

TEST(Grouping, FollowsTheLoopsAsWritten) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const LayerScores points =
        normalised(test::random_scores(3 + std::int64_t(seed), seed), ScoreNormalisation::zscore, kAll);
    for (const double threshold : {0.0, 0.3, 0.8, 1.5, 2.5, 4.0, 100.0}) {
      EXPECT_EQ(grouped(points, threshold), as_written(points, threshold)) << seed << " " << threshold;
    }
  }
}

TEST(Grouping, MembersAreNearerThanTheThreshold) {
  const LayerScores points = normalised(test::random_scores(120, 3), ScoreNormalisation::minmax, kAll);
  for (const double threshold : {0.1, 0.4, 0.9}) {
    std::set<std::int64_t> seen;
    for (const Group& group : grouped(points, threshold)) {
      for (const auto j : group) {
        EXPECT_TRUE(seen.insert(j).second);
        for (const auto o : group)
          EXPECT_LT(distance(points[std::size_t(j)], points[std::size_t(o)]), threshold);
      }
    }
    EXPECT_EQ(seen.size(), 120U);
  }
}

TEST(Grouping, NothingIsBelowZeroAndAllBelowInfinity) {
  const LayerScores equal(7, Score{1, 2, 3});
  EXPECT_EQ(grouped(equal, 0).size(), 7U);
  EXPECT_EQ(grouped(equal, 1e-300).size(), 1U);
  EXPECT_EQ(grouped(test::random_scores(50, 1), kHuge).size(), 1U);
  EXPECT_TRUE(grouped({}, 1).empty());
}

TEST(Grouping, TheThresholdItselfIsNotBelowIt) {
  EXPECT_EQ(grouped(test::on_a_line({0, 2}), 2).size(), 2U);
  EXPECT_EQ(grouped(test::on_a_line({0, 2}), 2.0000001).size(), 1U);
}

TEST(Grouping, IsNotMonotoneInTheThreshold) {
  const LayerScores points = test::on_a_line({0, 1, -0.5, 1.5});
  EXPECT_EQ(grouped(points, 0.6), (std::vector<Group>{{0, 2}, {1, 3}}));
  EXPECT_EQ(grouped(points, 1.1), (std::vector<Group>{{0, 1}, {2}, {3}}));
}

TEST(Grouping, FourThousandNeuronsTakeWellUnderASecond) {
  const LayerScores points = normalised(test::random_scores(4096, 9), ScoreNormalisation::zscore, kAll);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t groups = 0;
  for (const double threshold : {0.0, 0.1, 1.0, kHuge}) groups += grouped(points, threshold).size();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(groups, 4096U);
  EXPECT_LT(took.count(), 8) << "four thresholds: 0.2 s on an idle core";
}

TEST(Normalised, ZscoreHasMeanZeroAndDeviationOne) {
  const LayerScores points = normalised(test::random_scores(64, 5), ScoreNormalisation::zscore, kAll);
  for (std::size_t a = 0; a < kScores; ++a) {
    double sum = 0, squares = 0;
    for (const Score& point : points) {
      sum += point[a];
      squares += point[a] * point[a];
    }
    EXPECT_NEAR(sum, 0, 1e-9);
    EXPECT_NEAR(squares, 64, 1e-9);
  }
}

TEST(Normalised, MinmaxAndNone) {
  const LayerScores scores{{1, 10, 5}, {3, 20, 5}, {2, 40, 5}};
  EXPECT_EQ(normalised(scores, ScoreNormalisation::minmax, kAll),
            (LayerScores{{0, 0, 0}, {1, 10.0 / 30, 0}, {0.5, 1, 0}}));
  EXPECT_EQ(normalised(scores, ScoreNormalisation::none, kAll), scores);
}

TEST(Normalised, OnlyScoresThatAreUsedCount) {
  const LayerScores scores{{1, 10, 5}, {3, 20, 7}};
  EXPECT_EQ(normalised(scores, ScoreNormalisation::none, {true, false, true}),
            (LayerScores{{1, 0, 5}, {3, 0, 7}}));
}

TEST(Normalised, AScoreThatAllShareSeparatesNobody) {
  const double same = 0.1 + 0.2;
  const LayerScores points =
      normalised(LayerScores(5, Score{same, same, same}), ScoreNormalisation::zscore, kAll);
  EXPECT_EQ(points, LayerScores(5, Score{0, 0, 0}));
}

TEST(Normalised, SmallAndLargeScoresAreNormalisedAlike) {
  const LayerScores usual{{1, 0, 0}, {2, 0, 0}, {4, 0, 0}};
  for (const auto how : {ScoreNormalisation::zscore, ScoreNormalisation::minmax}) {
    const LayerScores right = normalised(usual, how, kAll);
    for (const double factor : {1e-300, 1e-200, 1e-160, 1e-30, 1e30, 1e160, 1e300}) {
      LayerScores scores = usual;
      for (Score& score : scores) score[0] *= factor;
      const LayerScores points = normalised(scores, how, kAll);
      for (std::size_t n = 0; n < points.size(); ++n)
        EXPECT_NEAR(points[n][0], right[n][0], 1e-12) << factor << " " << n;
    }
    const double least = std::numeric_limits<double>::denorm_min();
    for (const Score& point : normalised({{0, 0, 0}, {least, 0, 0}}, how, kAll))
      EXPECT_NEAR(point[0], 0, 1e-300);
  }
  EXPECT_DOUBLE_EQ(distance({3e200, 0, 0}, {0, 4e200, 0}), 5e200);
}

TEST(Normalised, RefusesWhatIsNotFinite) {
  const LayerScores scores{{1, 1, 1}, {1, std::nan(""), 1}};
  EXPECT_THROW(normalised(scores, ScoreNormalisation::zscore, kAll), Failure);
  EXPECT_NO_THROW(normalised(scores, ScoreNormalisation::zscore, {true, false, true}));
  EXPECT_THROW(score_normalisation_of("z-score", "a.ini:3"), UserError);
  EXPECT_EQ(score_normalisation_of("minmax", ""), ScoreNormalisation::minmax);
}

TEST(Dealt, AGroupOfOneIsOnEveryDevice) {
  EXPECT_EQ(dealt({{7}}, 4), (std::vector<Neurons>{{7}, {7}, {7}, {7}}));
}

TEST(Dealt, AGroupSmallerThanTheGapCycles) {
  EXPECT_EQ(dealt({{4, 9}}, 5), (std::vector<Neurons>{{4}, {4}, {9}, {4}, {9}}));  // places 4 9 4 9 4
}

TEST(Dealt, TheFirstOfALargerGroupAreReplicated) {
  // Places of neurons: 0 1 2 3 4 | 0, dealt to devices 1, 2, 0, 1, 2, 0.
  EXPECT_EQ(dealt({{0, 1, 2, 3, 4}}, 3), (std::vector<Neurons>{{0, 2}, {0, 3}, {1, 4}}));
}

TEST(Dealt, EveryDeviceGetsAsManyAndNoneTwice) {
  for (int devices = 1; devices <= 9; ++devices) {
    for (std::int64_t size = 1; size <= 40; ++size) {
      Group group;
      for (std::int64_t n = 0; n < size; ++n) group.push_back(n);
      const std::vector<Neurons> parts = dealt({group}, devices);
      std::set<std::int64_t> seen;
      for (const Neurons& part : parts) {
        EXPECT_EQ(part.size(), std::size_t((size + devices - 1) / devices));
        EXPECT_EQ(std::set<std::int64_t>(part.begin(), part.end()).size(), part.size());
        seen.insert(part.begin(), part.end());
      }
      EXPECT_EQ(seen.size(), group.size());
    }
  }
}

}  // namespace
}  // namespace deepfog
