#include "inference/node.hpp"

#include <gtest/gtest.h>

#include "inference/lone_node.hpp"

namespace deepfog {
namespace {

constexpr int kA = 0, kB = 1, kM = 2, kServer = 3;
constexpr int kAToM = 2, kBToM = 3, kMToServer = 4;
constexpr std::int64_t kTimeout = 5'000, kLatency = LoneNode::kLatencyUs;

Frame frame_of(std::int64_t round, std::int32_t rows = 1) {
  return {round, 0, rows, round * 2};
}

/// The messages of both senders of m in a round of one row.
void speak(LoneNode& m, const Frame& frame, float a, float b) {
  m.message(kA, kAToM, frame, {a, a}, {0});
  m.message(kB, kBToM, frame, {b, b}, {1});
}

TEST(NodeAlone, AddsWhatArrivesAndSendsItOn) {
  LoneNode m(kM, {one_phase(kTimeout)});
  const Frame frame{0, 0, 2, 0};
  m.go(frame);
  m.message(kA, kAToM, frame, {1, 2, 3, 4}, {0});
  m.message(kB, kBToM, frame, {10, 20, 30, 40}, {1});
  m.run_for(2 * kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].header.kind, MessageKind::vector);
  EXPECT_EQ(out[0].header.link, kMToServer);
  EXPECT_TRUE(out[0].header.frame == frame);
  EXPECT_EQ(out[0].values, (std::vector<float>{11, 22, 33, 44}));
  EXPECT_EQ(out[0].used, links_of({0, 1, 2, 3}));
  EXPECT_EQ(out[0].timed_out, links_of({}));
  const NodeReport report = m.node.report();
  EXPECT_EQ(report.links[kAToM].arrived, 1);
  EXPECT_EQ(report.links[kMToServer].messages, 1);
  EXPECT_EQ(report.links[kMToServer].bytes, std::int64_t(message_overhead(6)) + 16);
  EXPECT_EQ(report.malformed, 0);
  EXPECT_FALSE(m.node.busy());
}

TEST(NodeAlone, ReadsItsSensorAndServesEveryReceiver) {
  LoneNode a(kA, {one_phase(kTimeout)});
  a.go({0, 0, 2, 7});
  a.run_for(2 * kLatency);
  for (const int receiver : {kM, kServer}) {
    const auto out = a.messages(receiver);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].values, (std::vector<float>{7, 7, 8, 8}));
    EXPECT_EQ(out[0].used, links_of({0}));
  }
}

TEST(NodeAlone, HasRoomForEveryRoundWhereWorkNeverEnds) {
  LoneNode a(kA, {one_phase(kTimeout)});
  constexpr std::int64_t rounds = 100;  // many times the window
  std::int64_t next = 0;
  a.while_computing = [&] {
    if (++next == rounds) return;
    a.go(frame_of(next));
    a.network.channel(kA).wait(a.network.now_us() + kLatency);
  };
  a.go(frame_of(0));
  a.run_for(rounds * 2 * kLatency);
  EXPECT_EQ(next, rounds);
  EXPECT_EQ(a.messages(kM).size(), std::size_t{rounds});
  EXPECT_EQ(a.node.report().rounds_skipped, 0);
}

/// After a stop, a node learns that its peer suspects it: the peer sends data again only once it knows
/// better.
TEST(NodeAlone, WaitsForNobodyWhoSuspectsIt) {
  LoneNode m(kM, {one_phase(kTimeout)});
  MessageHeader beat;
  beat.suspects_you = true;
  m.say(kB, beat, std::vector<char>(4, 0));
  m.run_for(2 * kLatency);
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {1, 1}, {0});
  m.run_for(2 * kLatency);
  const auto alone = m.messages(kServer);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone[0].used, links_of({0, 2}));
  EXPECT_EQ(alone[0].timed_out, links_of({}));

  m.message(kB, kBToM, frame_of(0), {2, 2}, {1});  // too late, but it shows that b no longer suspects m
  m.run_for(2 * kLatency);
  m.go(frame_of(1));
  m.message(kA, kAToM, frame_of(1), {1, 1}, {0});
  m.run_for(2 * kLatency);
  EXPECT_TRUE(m.messages(kServer).empty());
  m.message(kB, kBToM, frame_of(1), {2, 2}, {1});
  m.run_for(2 * kLatency);
  EXPECT_EQ(m.messages(kServer).size(), 1U);
}

TEST(NodeAlone, AllInputsPhiSendsPhi) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {}, {}, {0});
  m.message(kB, kBToM, frame_of(0), {}, {}, {1});
  m.run_for(2 * kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].header.kind, MessageKind::phi);
  EXPECT_EQ(out[0].used, links_of({}));
  EXPECT_EQ(out[0].timed_out, links_of({0, 1})) << "what was missed upstream is not forgotten";
  EXPECT_EQ(m.node.report().links[kMToServer].phis, 1);
  EXPECT_EQ(m.node.report().links[kMToServer].messages, 0);
}

TEST(NodeAlone, AMissingInputCostsItsTimeoutAndIsNamed) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {3, 3}, {0});
  m.run_until(kLatency + kTimeout - 1);
  EXPECT_TRUE(m.node.busy());
  m.run_until(kLatency + kTimeout);
  EXPECT_FALSE(m.node.busy());
  m.run_for(kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].values, (std::vector<float>{3, 3}));
  EXPECT_EQ(out[0].used, links_of({0, 2}));
  EXPECT_EQ(out[0].timed_out, links_of({3}));
  EXPECT_EQ(m.node.report().links[kBToM].timeouts, 1);
  EXPECT_EQ(m.node.report().links[kAToM].timeouts, 0);
}

/// The answer has been sent: what arrives now must neither change it nor count for the next round.
TEST(NodeAlone, LateMessagesAreCountedAndDropped) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {3, 3}, {0});
  m.run_for(kTimeout + 3 * kLatency);
  m.message(kB, kBToM, frame_of(0), {100, 100}, {1});
  m.run_for(2 * kLatency);
  m.go(frame_of(1), 1);
  speak(m, frame_of(1), 1, 2);
  m.run_for(2 * kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].values, (std::vector<float>{3, 3}));
  EXPECT_EQ(out[1].values, (std::vector<float>{3, 3}));
  EXPECT_EQ(m.node.report().links[kBToM].late, 1);
  EXPECT_EQ(m.node.report().links[kBToM].arrived, 1);
}

/// The same while the answer is held back or being computed.
TEST(NodeAlone, WhatComesAfterGivingUpIsLateWhileTheRoundIsOpen) {
  LoneNode::Options options = LoneNode::options();
  options.script = "slow m rounds 0.. by 2ms\n";
  Phase phase = one_phase(kTimeout);
  phase.script = true;
  LoneNode m(kM, {phase}, options);
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {3, 3}, {0});
  m.run_for(kTimeout + 500);
  ASSERT_TRUE(m.node.busy());
  m.message(kB, kBToM, frame_of(0), {100, 100}, {1});
  m.run_for(2'000);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].values, (std::vector<float>{3, 3}));
  EXPECT_EQ(out[0].used, links_of({0, 2}));
  EXPECT_EQ(out[0].timed_out, links_of({3}));
  EXPECT_EQ(m.node.report().links[kBToM].late, 1);
  EXPECT_EQ(m.node.report().links[kBToM].arrived, 0);
}

TEST(NodeAlone, DuplicatesAreCountedAndDropped) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.go(frame_of(0));
  m.message(kA, kAToM, frame_of(0), {1, 1}, {0});
  m.message(kA, kAToM, frame_of(0), {50, 50}, {0});
  m.run_for(2 * kLatency);
  m.message(kB, kBToM, frame_of(0), {2, 2}, {1});
  m.run_for(2 * kLatency);
  m.message(kB, kBToM, frame_of(0), {2, 2}, {1});  // of a round that is over
  m.run_for(2 * kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].values, (std::vector<float>{3, 3}));
  EXPECT_EQ(m.node.report().links[kAToM].duplicates, 1);
  EXPECT_EQ(m.node.report().links[kBToM].duplicates, 1);
  EXPECT_EQ(m.node.report().links[kBToM].late, 0);
}

TEST(NodeAlone, AMessageMayComeBeforeTheWord) {
  LoneNode m(kM, {one_phase(kTimeout)});
  speak(m, frame_of(0), 4, 5);
  m.run_for(2 * kLatency);
  m.go(frame_of(0));
  m.run_for(2 * kLatency);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].values, (std::vector<float>{9, 9}));
}

TEST(NodeAlone, SuspectedPeersAreNotWaitedFor) {
  LoneNode::Options options = LoneNode::options();
  options.messenger.limit_us = 100'000;
  for (const bool suspects : {true, false}) {
    Phase phase = one_phase(kTimeout);
    phase.suspects = suspects;
    LoneNode m(kM, {phase}, options);
    m.run_until(99'000);
    m.go(frame_of(0));                                // shows that the server is alive
    m.message(kA, kAToM, {0, 0, 1, 0}, {1, 1}, {0});  // shows that a is alive, but not b
    m.run_until(110'000);
    m.messages(kServer);
    m.go(frame_of(1), 1);
    m.message(kA, kAToM, frame_of(1), {1, 1}, {0});
    m.run_for(2 * kLatency);
    EXPECT_EQ(m.messages(kServer).size(), suspects ? 1U : 0U);
    m.run_for(kTimeout + kLatency);
    const auto out = m.messages(kServer);
    ASSERT_EQ(out.size(), suspects ? 0U : 1U);
    if (!suspects) {
      EXPECT_EQ(out[0].timed_out, links_of({3}));
    }
    EXPECT_EQ(m.node.report().links[kBToM].timeouts, suspects ? 0 : 2);
  }
}

TEST(NodeAlone, NothingButHeartbeatsGoesToASuspect) {
  LoneNode::Options options = LoneNode::options();
  options.messenger.limit_us = 100'000;
  options.messenger.heartbeat_us = 40'000;
  LoneNode a(kA, {one_phase(kTimeout)}, options);
  a.run_until(90'000);
  MessageHeader alive;
  a.say(kServer, alive, {0, 0, 0, 0});
  a.run_until(150'000);
  a.heard(kM);
  a.go(frame_of(0));
  a.run_for(60'000);
  std::vector<LoneNode::Heard> to_m = a.heard(kM);
  ASSERT_GE(to_m.size(), 1U);
  for (const auto& one : to_m) {
    EXPECT_EQ(one.header.kind, MessageKind::heartbeat);
    EXPECT_TRUE(one.header.suspects_you);
  }
  EXPECT_EQ(a.messages(kServer).size(), 1U);
}

}  // namespace
}  // namespace deepfog
