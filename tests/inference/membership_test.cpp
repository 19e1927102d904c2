#include "inference/membership.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace deepfog {
namespace {

constexpr std::int64_t kLimit = 100;

Membership watching() {
  return {{1, 3}, 5, kLimit, 1'000};  // peers 1 and 3 of 5 ranks, at 1000 us
}

TEST(Membership, SuspectsAfterTheLimitAndNotBefore) {
  Membership members = watching();
  EXPECT_EQ(members.next_us(), 1'000 + kLimit + 1);
  EXPECT_FALSE(members.look(1'000 + kLimit, 0));
  EXPECT_FALSE(members.suspected(1));
  members.heard(3, 1, 1'050, 0);
  EXPECT_TRUE(members.look(1'000 + kLimit + 1, 4));
  EXPECT_TRUE(members.suspected(1));
  EXPECT_FALSE(members.suspected(3));
  EXPECT_FALSE(members.look(1'000 + kLimit + 2, 4)) << "once";
  EXPECT_EQ(members.next_us(), 1'050 + kLimit + 1);
  ASSERT_EQ(members.transitions().size(), 1U);
  const Transition& line = members.transitions()[0];
  EXPECT_EQ(line.peer, 1);
  EXPECT_EQ(line.event, MemberEvent::suspected);
  EXPECT_EQ(line.time_us, 1'000 + kLimit + 1);
  EXPECT_EQ(line.round, 4);
  EXPECT_EQ(members.view(), (std::vector<std::uint8_t>{0, 1, 0, 0, 0}));
}

TEST(Membership, StrangersAreNeverSuspected) {
  Membership members = watching();
  members.look(1'000'000, 0);
  EXPECT_EQ(members.view(), (std::vector<std::uint8_t>{0, 1, 0, 1, 0}));
  EXPECT_EQ(members.next_us(), std::numeric_limits<std::int64_t>::max());
}

TEST(Membership, OnlyAHigherEpochReturns) {
  Membership members = watching();
  members.heard(1, 4, 1'000, 0);
  members.look(2'000, 0);
  EXPECT_FALSE(members.heard(1, 3, 2'001, 0)) << "what was queued before the stop";
  EXPECT_FALSE(members.heard(1, 4, 2'002, 0));
  EXPECT_TRUE(members.suspected(1));
  EXPECT_EQ(members.epoch(1), 4U);
  EXPECT_TRUE(members.heard(1, 5, 2'003, 9));
  EXPECT_FALSE(members.suspected(1));
  ASSERT_EQ(members.transitions().size(), 3U);  // 1 and 3 suspected, 1 returned
  EXPECT_EQ(members.transitions()[2].event, MemberEvent::returned);
  EXPECT_EQ(members.transitions()[2].epoch, 5U);
  EXPECT_EQ(members.transitions()[2].round, 9);
  EXPECT_FALSE(members.look(2'003 + kLimit, 0));
  EXPECT_TRUE(members.look(2'003 + kLimit + 1, 0));
}

TEST(Membership, StaleEpochsAreNoSignOfLife) {
  Membership members = watching();
  members.heard(1, 2, 1'000, 0);
  EXPECT_FALSE(members.heard(1, 1, 1'090, 0));
  EXPECT_EQ(members.silent_for_us(1, 1'090), 90);
  members.look(1'101, 0);
  EXPECT_TRUE(members.suspected(1));
}

TEST(Membership, LostIsForGood) {
  Membership members = watching();
  members.lost(1, 1'010, 2);
  members.lost(1, 1'011, 2);
  EXPECT_TRUE(members.suspected(1));
  EXPECT_FALSE(members.heard(1, 9, 1'020, 2));
  EXPECT_TRUE(members.suspected(1));
  members.look(5'000, 2);
  std::vector<MemberEvent> events;
  for (const Transition& line : members.transitions()) {
    if (line.peer == 1) events.push_back(line.event);
  }
  EXPECT_EQ(events, std::vector<MemberEvent>{MemberEvent::lost});
}

TEST(Membership, ForgivesTheLiveNotTheSuspected) {
  Membership members = watching();
  members.heard(3, 1, 1'050, 0);
  members.look(1'120, 0);  // 1 is suspected
  members.forgive(9'000);
  EXPECT_FALSE(members.look(9'000 + kLimit, 0));
  EXPECT_TRUE(members.suspected(1));
  EXPECT_FALSE(members.suspected(3));
  EXPECT_TRUE(members.look(9'000 + kLimit + 1, 0));
}

}  // namespace
}  // namespace deepfog
