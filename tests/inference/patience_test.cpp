#include "inference/patience.hpp"

#include <gtest/gtest.h>

#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kTimeout = 10'000, kLeast = 50;

Patience adaptive() {
  Patience patience({1, 3});
  patience.set(kTimeout, true, kLeast);
  return patience;
}

TEST(Patience, FixedTimeoutsCountHops) {
  Patience patience({0, 1, 2, 5});
  patience.set(kTimeout, false, kLeast);
  EXPECT_EQ(patience.limit_us(0), kTimeout);  // at least one
  EXPECT_EQ(patience.limit_us(1), kTimeout);
  EXPECT_EQ(patience.limit_us(2), 2 * kTimeout);
  EXPECT_EQ(patience.limit_us(3), 5 * kTimeout);
}

TEST(Patience, FixedTimeoutsDoNotLearn) {
  Patience patience({1});
  patience.set(kTimeout, false, kLeast);
  for (int i = 0; i < 100; ++i) patience.arrived(0, 100);
  EXPECT_EQ(patience.limit_us(0), kTimeout);
  patience.too_late(0);
  EXPECT_EQ(patience.limit_us(0), kTimeout);
}

TEST(Patience, UnknownLatenciesWaitTheFixedTime) {
  Patience patience = adaptive();
  EXPECT_EQ(patience.limit_us(0), kTimeout);
  EXPECT_EQ(patience.limit_us(1), 3 * kTimeout);
  patience.too_late(0);  // nothing to back off from
  EXPECT_EQ(patience.limit_us(0), kTimeout);
  patience.arrived(0, 100);
  EXPECT_LT(patience.limit_us(0), kTimeout);
  EXPECT_EQ(patience.limit_us(1), 3 * kTimeout);  // each link for itself
}

TEST(Patience, ConvergesAndStaysAboveWhatArrives) {
  Patience patience = adaptive();
  RandomStream stream(3);
  int missed = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto latency = static_cast<std::int64_t>(400 + stream.below(201));
    if (i >= 100 && latency > patience.limit_us(0)) ++missed;
    patience.arrived(0, latency);
  }
  EXPECT_LE(missed, 19) << "one of a hundred";
  EXPECT_GT(patience.limit_us(0), 600);  // mean 500, deviation 50, four of them on top
  EXPECT_LT(patience.limit_us(0), 1'000);
}

TEST(Patience, SteadyLatenciesEndAtTheLeast) {
  Patience patience = adaptive();
  for (int i = 0; i < 200; ++i) patience.arrived(0, 3);
  EXPECT_EQ(patience.limit_us(0), kLeast);
  for (int i = 0; i < 200; ++i) patience.arrived(0, 800);
  EXPECT_GE(patience.limit_us(0), 800);
  EXPECT_LE(patience.limit_us(0), 820);
}

TEST(Patience, NeverWaitsLongerThanTheFixedTime) {
  Patience patience = adaptive();
  for (int i = 0; i < 50; ++i) patience.arrived(1, i % 2 == 0 ? 10 : 100'000);
  EXPECT_EQ(patience.limit_us(1), 3 * kTimeout);
}

TEST(Patience, BacksOffFromLateMessages) {
  Patience patience = adaptive();
  for (int i = 0; i < 200; ++i) patience.arrived(0, 200);
  const std::int64_t before = patience.limit_us(0);
  EXPECT_LT(before, 210);
  patience.too_late(0);
  EXPECT_GE(patience.limit_us(0), 2 * 200);
  patience.too_late(0);
  EXPECT_GE(patience.limit_us(0), 4 * 200);
  for (int i = 0; i < 20; ++i) patience.too_late(0);
  EXPECT_EQ(patience.limit_us(0), kTimeout);
  for (int i = 0; i < 200; ++i) patience.arrived(0, 200);  // and comes down again
  EXPECT_LT(patience.limit_us(0), 300);
}

TEST(Patience, ANewPhaseKeepsWhatWasLearnt) {
  Patience patience = adaptive();
  for (int i = 0; i < 200; ++i) patience.arrived(0, 300);
  const std::int64_t learnt = patience.limit_us(0);
  patience.set(200, true, kLeast);
  EXPECT_EQ(patience.limit_us(0), 200);  // the new upper bound
  patience.set(kTimeout, true, kLeast);
  EXPECT_EQ(patience.limit_us(0), learnt);
}

TEST(Patience, AHyperconnectionsOwnTimeoutWinsAndBoundsTheLearnt) {
  Patience patience({1, 3});
  patience.set(1000, true, 10);
  patience.fix(1, 700);
  EXPECT_EQ(patience.limit_us(0), 1000);
  EXPECT_EQ(patience.limit_us(1), 700);  // not three hops of it
  patience.arrived(1, 5000);
  EXPECT_EQ(patience.limit_us(1), 700);
  patience.set(20, false, 10);
  EXPECT_EQ(patience.limit_us(1), 700);
}

}  // namespace
}  // namespace deepfog
