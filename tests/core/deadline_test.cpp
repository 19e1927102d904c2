#include "core/deadline.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace deepfog {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Deadline, PassesWhenItsTimeIsUp) {
  const Deadline soon = Deadline::in(milliseconds(20));
  EXPECT_FALSE(soon.passed());
  EXPECT_GT(soon.left(), nanoseconds::zero());
  EXPECT_LE(soon.left(), milliseconds(20));
  std::this_thread::sleep_for(milliseconds(25));
  EXPECT_TRUE(soon.passed());
  EXPECT_EQ(soon.left(), nanoseconds::zero());
}

TEST(Deadline, IsPassedAtOnceForNoOrNegativeTime) {
  EXPECT_TRUE(Deadline::in(nanoseconds::zero()).passed());
  EXPECT_TRUE(Deadline::in(milliseconds(-5)).passed());
  EXPECT_EQ(Deadline::in(milliseconds(-5)).left(), nanoseconds::zero());
  EXPECT_EQ(Deadline::in(nanoseconds::min()).left(), nanoseconds::zero());
}

TEST(Deadline, NeverAndTheLongestSpansDoNotOverflow) {
  EXPECT_FALSE(Deadline::never().passed());
  EXPECT_GT(Deadline::never().left(), hours(24 * 365));
  EXPECT_FALSE(Deadline::in(nanoseconds::max()).passed());
  EXPECT_GT(Deadline::in(nanoseconds::max()).left(), hours(24 * 365));
}

TEST(Stopwatch, MeasuresSeconds) {
  const Stopwatch watch;
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_GE(watch.seconds(), 0.020);
  EXPECT_LT(watch.seconds(), 20.0);
}

}  // namespace
}  // namespace deepfog
