#include "inference/adaptive_timeout.hpp"

#include <gtest/gtest.h>

#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kTimeout = 10'000, kLeast = 50;

AdaptiveTimeout adaptive() {
  AdaptiveTimeout adaptive_timeout({1, 3});
  adaptive_timeout.set(kTimeout, true, kLeast);
  return adaptive_timeout;
}

TEST(AdaptiveTimeout, FixedTimeoutsCountHops) {
  AdaptiveTimeout adaptive_timeout({0, 1, 2, 5});
  adaptive_timeout.set(kTimeout, false, kLeast);
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);  // at least one hop
  EXPECT_EQ(adaptive_timeout.limit_us(1), kTimeout);
  EXPECT_EQ(adaptive_timeout.limit_us(2), 2 * kTimeout);
  EXPECT_EQ(adaptive_timeout.limit_us(3), 5 * kTimeout);
}

TEST(AdaptiveTimeout, FixedTimeoutsDoNotLearn) {
  AdaptiveTimeout adaptive_timeout({1});
  adaptive_timeout.set(kTimeout, false, kLeast);
  for (int i = 0; i < 100; ++i) adaptive_timeout.arrived(0, 100);
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);
  adaptive_timeout.too_late(0);
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);
}

TEST(AdaptiveTimeout, UnknownLatenciesWaitTheFixedTime) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 3 * kTimeout);
  adaptive_timeout.too_late(0);  // no latency is known, so there is nothing to double
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);
  adaptive_timeout.arrived(0, 100);
  EXPECT_LT(adaptive_timeout.limit_us(0), kTimeout);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 3 * kTimeout);  // links are independent
}

TEST(AdaptiveTimeout, ConvergesAndStaysAboveWhatArrives) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  RandomStream stream(3);
  int missed = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto latency = static_cast<std::int64_t>(400 + stream.below(201));
    if (i >= 100 && latency > adaptive_timeout.limit_us(0)) ++missed;
    adaptive_timeout.arrived(0, latency);
  }
  EXPECT_LE(missed, 19) << "one of a hundred";
  EXPECT_GT(adaptive_timeout.limit_us(0), 600);  // mean 500 plus four deviations of 50
  EXPECT_LT(adaptive_timeout.limit_us(0), 1'000);
}

TEST(AdaptiveTimeout, SteadyLatenciesEndAtTheLeast) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  for (int i = 0; i < 200; ++i) adaptive_timeout.arrived(0, 3);
  EXPECT_EQ(adaptive_timeout.limit_us(0), kLeast);
  for (int i = 0; i < 200; ++i) adaptive_timeout.arrived(0, 800);
  EXPECT_GE(adaptive_timeout.limit_us(0), 800);
  EXPECT_LE(adaptive_timeout.limit_us(0), 820);
}

TEST(AdaptiveTimeout, NeverWaitsLongerThanTheFixedTime) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  for (int i = 0; i < 50; ++i) adaptive_timeout.arrived(1, i % 2 == 0 ? 10 : 100'000);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 3 * kTimeout);
}

TEST(AdaptiveTimeout, BacksOffFromLateMessages) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  for (int i = 0; i < 200; ++i) adaptive_timeout.arrived(0, 200);
  const std::int64_t before = adaptive_timeout.limit_us(0);
  EXPECT_LT(before, 210);
  adaptive_timeout.too_late(0);
  EXPECT_GE(adaptive_timeout.limit_us(0), 2 * 200);
  adaptive_timeout.too_late(0);
  EXPECT_GE(adaptive_timeout.limit_us(0), 4 * 200);
  for (int i = 0; i < 20; ++i) adaptive_timeout.too_late(0);
  EXPECT_EQ(adaptive_timeout.limit_us(0), kTimeout);
  for (int i = 0; i < 200; ++i) adaptive_timeout.arrived(0, 200);  // it comes down again
  EXPECT_LT(adaptive_timeout.limit_us(0), 300);
}

TEST(AdaptiveTimeout, ANewPhaseKeepsWhatWasLearnt) {
  AdaptiveTimeout adaptive_timeout = adaptive();
  for (int i = 0; i < 200; ++i) adaptive_timeout.arrived(0, 300);
  const std::int64_t learnt = adaptive_timeout.limit_us(0);
  adaptive_timeout.set(200, true, kLeast);
  EXPECT_EQ(adaptive_timeout.limit_us(0), 200);  // the new upper bound
  adaptive_timeout.set(kTimeout, true, kLeast);
  EXPECT_EQ(adaptive_timeout.limit_us(0), learnt);
}

TEST(AdaptiveTimeout, AHyperconnectionsOwnTimeoutWinsAndBoundsTheLearnt) {
  AdaptiveTimeout adaptive_timeout({1, 3});
  adaptive_timeout.set(1000, true, 10);
  adaptive_timeout.fix(1, 700);
  EXPECT_EQ(adaptive_timeout.limit_us(0), 1000);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 700);  // not multiplied by three hops
  adaptive_timeout.arrived(1, 5000);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 700);
  adaptive_timeout.set(20, false, 10);
  EXPECT_EQ(adaptive_timeout.limit_us(1), 700);
}

}  // namespace
}  // namespace deepfog
