#include "core/seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace deepfog {
namespace {

// The fixed values below were computed by an independent program. They must never change, since every
// published result depends on them.

TEST(DeriveSeed, GivesTheSameValueForEver) {
  EXPECT_EQ(derive_seed(7, "health", "vanilla", 0, "weights"), 0x9e7069df3fbe594dULL);
  EXPECT_EQ(derive_seed(7, "health", "vanilla", 1, "weights"), 0xf5d4abea652de38eULL);
  EXPECT_EQ(derive_seed(0, "", "", -1, ""), 0xdc9c05ec66b893b2ULL);
}

TEST(DeriveSeed, EveryPartCounts) {
  const std::set<std::uint64_t> seeds = {derive_seed(1, "ab", "c", 0, "d"), derive_seed(2, "ab", "c", 0, "d"),
                                         derive_seed(1, "a", "bc", 0, "d"), derive_seed(1, "ab", "c", 1, "d"),
                                         derive_seed(1, "ab", "c", 0, "e"), derive_seed(1, "ab", "", 0, "cd"),
                                         derive_seed(1, "ab", "cd", 0, "")};
  EXPECT_EQ(seeds.size(), 7u);
}

TEST(DeriveSeed, HasNoCollisionAmongManyRuns) {
  std::set<std::uint64_t> seeds;
  for (std::int64_t run = 0; run < 20000; ++run)
    seeds.insert(derive_seed(1, "camera", "deepfogguard", run, "data"));
  EXPECT_EQ(seeds.size(), 20000u);
}

TEST(RandomStream, IsSplitmix64) {
  RandomStream stream(1234567);
  EXPECT_EQ(stream.next(), 6457827717110365317ULL);
  EXPECT_EQ(stream.next(), 3203168211198807973ULL);
  EXPECT_EQ(stream.next(), 9817491932198370423ULL);
  EXPECT_EQ(stream.next(), 4593380528125082431ULL);
  EXPECT_EQ(stream.next(), 16408922859458223821ULL);
}

TEST(RandomStream, UniformKeepsItsValuesAndItsRange) {
  RandomStream stream(42);
  EXPECT_EQ(stream.uniform(), 0.7415648787718233);
  EXPECT_EQ(stream.uniform(), 0.1599103928769201);
  EXPECT_EQ(stream.uniform(), 0.27860113025513866);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const double draw = stream.uniform();
    ASSERT_GE(draw, 0.0);
    ASSERT_LT(draw, 1.0);
    sum += draw;
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);  // five standard errors
}

TEST(RandomStream, BelowKeepsItsValues) {
  RandomStream stream(42);
  for (const std::uint64_t expected : {3, 1, 8, 4, 0, 2, 5, 8}) EXPECT_EQ(stream.below(10), expected);
  EXPECT_EQ(stream.below(1), 0u);
}

TEST(RandomStream, BelowRejectsWhatWouldFavourSmallResults) {
  RandomStream stream(3);
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;  // nearly every second draw is rejected
  EXPECT_EQ(stream.below(bound), 3694763184872335752ULL);
  EXPECT_EQ(stream.below(bound), 2084015055746161920ULL);
  EXPECT_EQ(stream.below(bound), 2512858195355979526ULL);
  EXPECT_THROW(stream.below(0), std::invalid_argument);
}

TEST(RandomStream, PermutationKeepsItsValues) {
  RandomStream stream(42);
  EXPECT_EQ(stream.permutation(10), (std::vector<std::int64_t>{0, 9, 5, 8, 6, 4, 7, 2, 1, 3}));
  EXPECT_TRUE(stream.permutation(0).empty());
  EXPECT_EQ(stream.permutation(1), std::vector<std::int64_t>{0});
  EXPECT_THROW(stream.permutation(-1), std::invalid_argument);
}

TEST(RandomStream, PermutationHoldsEachNumberOnceAndFavoursNone) {
  RandomStream stream(5);
  std::array<int, 24> seen{};
  for (int i = 0; i < 24000; ++i) {
    const auto order = stream.permutation(4);
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(sorted, (std::vector<std::int64_t>{0, 1, 2, 3}));
    std::array<std::int64_t, 4> remaining{0, 1, 2, 3};
    std::size_t index = 0;  // index of this order among the 24
    for (std::size_t at = 0; at < 4; ++at) {
      const auto place = std::find(remaining.begin() + static_cast<long>(at), remaining.end(), order[at]);
      index = index * (4 - at) + static_cast<std::size_t>(place - remaining.begin()) - at;
      std::rotate(remaining.begin() + static_cast<long>(at), place, place + 1);
    }
    ++seen[index];
  }
  for (const int count : seen) EXPECT_NEAR(count, 1000, 160);  // five standard deviations
}

}  // namespace
}  // namespace deepfog
