#include "inference/messenger.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "comm/memory_channel.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kBeat = 10'000, kLimit = 50'000;
constexpr std::uint64_t kRun = 77;

/// Three messengers without nodes, on simulated time; each is a peer of both others.
class MessengerTest : public testing::Test {
 protected:
  explicit MessengerTest(const MemoryNetworkOptions& options = {}) : network_(3, 5, options) {
    MessengerOptions post;
    post.run = kRun;
    post.heartbeat_us = kBeat;
    post.limit_us = kLimit;
    for (int place = 0; place < 3; ++place) {
      wirings_.push_back(std::make_unique<NodeLinks>(topology_, place));
      messengers_.push_back(std::make_unique<Messenger>(network_.channel(place), *wirings_.back(), post));
    }
  }

  Messenger& at(int place) { return *messengers_[static_cast<std::size_t>(place)]; }

  void run_until(std::int64_t until_us) {
    std::vector<MemoryNetwork::Step> steps;
    for (int place = 0; place < 3; ++place) {
      steps.push_back([this, place] {
        Messenger& messenger = at(place);
        while (const auto delivery = messenger.next()) ++heard_[{delivery->from, place}];
        messenger.tend(messenger.now_us());
        return messenger.next_us();
      });
    }
    network_.run(steps, until_us);
  }

  /// Sends a message that rank `from` never meant to send.
  void forge(int from, int to, MessageHeader header, const std::vector<char>& payload = {0, 0, 0}) {
    header.run = kRun;
    network_.channel(from).send(to, encode_message(header, payload));
  }

  std::vector<MemberEvent> story(int observer, int peer) {
    std::vector<MemberEvent> events;
    for (const Transition& line : at(observer).membership().transitions()) {
      if (line.peer == peer) events.push_back(line.event);
    }
    return events;
  }

  Topology topology_ =
      load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/three-nodes.topology");
  MemoryNetwork network_;
  std::vector<std::unique_ptr<NodeLinks>> wirings_;
  std::vector<std::unique_ptr<Messenger>> messengers_;
  std::map<std::pair<int, int>, int> heard_;  ///< (from, to): messages
};

using Story = std::vector<MemberEvent>;
const Story kNothing, kAway{MemberEvent::suspected}, kBack{MemberEvent::suspected, MemberEvent::returned};

TEST_F(MessengerTest, HeartbeatsKeepThreePlacesTogether) {
  run_until(1'000'000);
  for (int one = 0; one < 3; ++one) {
    EXPECT_EQ(at(one).epoch(), 1U);
    EXPECT_EQ(at(one).malformed(), 0);
    EXPECT_TRUE(at(one).membership().transitions().empty());
    for (int other = 0; other < 3; ++other) {
      if (one != other) {
        EXPECT_NEAR((heard_[{one, other}]), 100, 1);
      }
    }
  }
}

TEST_F(MessengerTest, ADeadPeerIsSuspectedAfterTheLimit) {
  network_.kill(0, 105'000);  // its last heartbeat left at 100 ms
  run_until(100'000 + kLimit);
  EXPECT_FALSE(at(1).suspects(0));
  run_until(400'000);
  for (const int observer : {1, 2}) {
    ASSERT_EQ(story(observer, 0), kAway);
    const std::int64_t time_us = at(observer).membership().transitions()[0].time_us;
    EXPECT_GE(time_us, 100'000 + kLimit + 20);
    EXPECT_LE(time_us, 100'000 + kLimit + 61);
  }
}

/// Stops of all lengths around the limit: the node is back within two heartbeats and suspects nobody itself.
TEST_F(MessengerTest, StoppedNodesAreBackWithinTwoHeartbeats) {
  std::int64_t from_us = 105'000;
  for (std::int64_t length_us = kLimit - 3 * kBeat; length_us <= kLimit + 3 * kBeat; length_us += 777) {
    const std::size_t before = at(1).membership().transitions().size();
    network_.stop(0, from_us, from_us + length_us);
    run_until(from_us + length_us + 2 * kBeat);
    for (const int observer : {1, 2}) {
      EXPECT_FALSE(at(observer).suspects(0)) << length_us;
      EXPECT_TRUE(at(0).membership().transitions().empty()) << length_us;
    }
    const std::size_t seen = at(1).membership().transitions().size() - before;
    if (length_us < kLimit - kBeat - 100) {
      EXPECT_EQ(seen, 0U) << length_us;
    }
    if (length_us > kLimit) {
      EXPECT_EQ(seen, 2U) << length_us;
    }
    run_until(from_us + length_us + 20 * kBeat);
    EXPECT_FALSE(at(1).suspects(0)) << length_us;
    from_us += length_us + 21 * kBeat + 1'234;
  }
  const Story all = story(1, 0);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i], i % 2 == 0 ? MemberEvent::suspected : MemberEvent::returned);
}

TEST_F(MessengerTest, OwnStopIsNoticed) {
  network_.stop(0, 105'000, 105'000 + kLimit + kBeat);
  run_until(300'000);
  EXPECT_EQ(at(0).epoch(), 2U) << "once, not for every peer that suspects it";
  EXPECT_EQ(story(1, 0), kBack);
  EXPECT_EQ(at(1).membership().epoch(0), 2U);
}

/// The node notices its own stop from its clock. That it heard nothing meanwhile is no silence of the others.
TEST_F(MessengerTest, OwnStopIsNoticedWithoutAWordOfOthers) {
  const auto tend_at = [this](std::int64_t time_us) {
    network_.channel(0).wait(time_us);
    at(0).tend(network_.now_us());
  };
  tend_at(kLimit);
  EXPECT_EQ(at(0).epoch(), 1U) << "just not long enough";
  tend_at(2 * kLimit + 1);
  EXPECT_EQ(at(0).epoch(), 2U);
  EXPECT_FALSE(at(0).suspects(1));
  EXPECT_EQ(at(0).next_us(), network_.now_us() + kBeat) << "and says so at once";
  tend_at(2 * kLimit + 1 + kLimit / 2);
  EXPECT_FALSE(at(0).suspects(1));
  tend_at(3 * kLimit + 2);
  EXPECT_TRUE(at(0).suspects(1));
  EXPECT_EQ(at(0).epoch(), 2U);
}

TEST_F(MessengerTest, ASuspectThatIsAliveObjectsAtOnce) {
  run_until(25'000);
  MessageHeader accusation;
  accusation.kind = MessageKind::heartbeat;
  accusation.epoch = 1;
  accusation.suspects_you = true;
  accusation.about_epoch = 1;
  forge(1, 0, accusation);
  run_until(25'200);  // long before the next heartbeat
  EXPECT_EQ(at(0).epoch(), 2U);
  EXPECT_EQ(at(1).membership().epoch(0), 2U);
  EXPECT_EQ(at(2).membership().epoch(0), 2U);
  forge(1, 0, accusation);  // about an epoch that is over
  run_until(25'400);
  EXPECT_EQ(at(0).epoch(), 2U);
}

TEST_F(MessengerTest, SilentNodesSendNothingAndReturnUnderAHigherEpoch) {
  run_until(105'000);
  at(0).be_silent(true, network_.now_us());
  const int before = heard_[{0, 1}];
  run_until(405'000);
  EXPECT_EQ((heard_[{0, 1}]), before);
  EXPECT_EQ(story(1, 0), kAway);
  EXPECT_EQ(at(0).epoch(), 1U) << "a node that plays dead does not object";
  EXPECT_TRUE(at(0).membership().transitions().empty()) << "it still listens";
  at(0).be_silent(false, network_.now_us());
  run_until(405'200);
  EXPECT_EQ(at(0).epoch(), 2U);
  EXPECT_EQ(story(1, 0), kBack);
  EXPECT_EQ(story(2, 0), kBack);
}

TEST_F(MessengerTest, StaleMessagesOfASuspectDoNotBringItBack) {
  run_until(105'000);
  at(0).be_silent(true, network_.now_us());
  run_until(300'000);
  MessageHeader stale;
  stale.kind = MessageKind::heartbeat;
  stale.epoch = 1;
  forge(0, 1, stale);
  run_until(300'200);
  EXPECT_TRUE(at(1).suspects(0));
  EXPECT_FALSE(at(0).epoch() > 1);
}

TEST_F(MessengerTest, WhatIsNoMessageOfThisRunIsCounted) {
  run_until(25'000);
  MessageHeader header;
  header.kind = MessageKind::heartbeat;
  header.epoch = 1;
  std::vector<std::vector<char>> bad(3);
  bad[1] = std::vector<char>(64, 'x');
  header.run = kRun + 1;
  bad[2] = encode_message(header, {0, 0, 0});
  for (const std::vector<char>& bytes : bad) network_.channel(1).send(0, bytes);
  header.run = kRun;
  forge(1, 0, header, {0, 0});  // a view with the wrong number of ranks
  forge(0, 0, header);          // no node sends to itself
  header.epoch = 0;
  forge(1, 0, header);
  run_until(25'200);
  EXPECT_EQ(at(0).malformed(), 6);
}

TEST_F(MessengerTest, AnEpochFarAheadIsDamage) {
  run_until(25'000);
  MessageHeader header;
  header.kind = MessageKind::heartbeat;
  header.epoch = 0xfffffff0U;
  forge(1, 0, header);
  header.epoch = 1;
  header.suspects_you = true;
  header.about_epoch = 0xfffffff0U;
  forge(1, 0, header);
  run_until(25'200);
  EXPECT_EQ(at(0).malformed(), 1);
  EXPECT_EQ(at(0).membership().epoch(1), 1U);
  EXPECT_EQ(at(0).epoch(), 1U);
}

/// If the others believe in a higher epoch than its own, a node must rise above it to be heard again.
TEST_F(MessengerTest, AForgedEpochDoesNotLockANodeOut) {
  run_until(25'000);
  MessageHeader header;
  header.kind = MessageKind::heartbeat;
  header.epoch = 1'000;
  forge(0, 1, header);
  run_until(25'000 + kLimit + 3 * kBeat);
  EXPECT_FALSE(at(1).suspects(0));
  EXPECT_EQ(at(0).epoch(), 1'001U);
  EXPECT_EQ(story(1, 0), kBack);
}

class MessengerKnowsDeaths : public MessengerTest {
 protected:
  static MemoryNetworkOptions knowing() {
    MemoryNetworkOptions options;
    options.deaths_known_after_us = 3'000;
    return options;
  }
  MessengerKnowsDeaths() : MessengerTest(knowing()) {}
};

TEST_F(MessengerKnowsDeaths, LostIsForGood) {
  network_.kill(0, 105'000);
  run_until(105'000 + 3'000 + kBeat);
  EXPECT_EQ(story(1, 0), Story{MemberEvent::lost}) << "long before the limit";
  EXPECT_EQ(story(2, 0), Story{MemberEvent::lost});
  run_until(500'000);
  EXPECT_EQ(story(1, 0), Story{MemberEvent::lost});
  EXPECT_TRUE(at(1).suspects(0));
}

}  // namespace
}  // namespace deepfog
