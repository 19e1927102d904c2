#include <gtest/gtest.h>

#include <functional>

#include "inference/lone_node.hpp"

namespace deepfog {
namespace {

constexpr int kA = 0, kB = 1, kM = 2, kServer = 3;
constexpr int kAToM = 2, kBToM = 3;
constexpr std::int64_t kTimeout = 5'000, kLatency = LoneNode::kLatencyUs;

MessageHeader word(MessageKind kind, const Frame& frame, std::int64_t oldest = 0) {
  MessageHeader header;
  header.kind = kind;
  header.frame = frame;
  header.oldest = oldest;
  return header;
}

/// A wrong message arrives while the round is open; the answer of the round uses only the right ones.
TEST(NodeRefuses, WhatMakesNoSense) {
  const Frame open{3, 0, 2, 10};
  const std::vector<float> bad(4, 99.F);
  const std::vector<std::pair<const char*, std::function<void(LoneNode&)>>> wrongs = {
      {"a sender that is another", [&](LoneNode& m) { m.message(kB, kAToM, open, bad); }},
      {"a hyperconnection that ends elsewhere", [&](LoneNode& m) { m.message(kA, 5, open, bad); }},
      {"a source's", [&](LoneNode& m) { m.message(kA, 0, open, bad); }},
      {"its own", [&](LoneNode& m) { m.message(kServer, 4, open, bad); }},
      {"another width", [&](LoneNode& m) { m.message(kA, kAToM, open, std::vector<float>(6, 99.F)); }},
      {"other rows",
       [&](LoneNode& m) {
         m.message(kB, kBToM, {3, 0, 1, 10}, {99, 99});
       }},
      {"no rows",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {3, 0, 0, 10}, {});
       }},
      {"too many rows",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {3, 0, 5, 10}, std::vector<float>(10));
       }},
      {"other samples",
       [&](LoneNode& m) {
         m.message(kB, kBToM, {3, 0, 2, 12}, bad);
       }},
      {"samples beyond the end",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {4, 0, 2, 999}, bad);
       }},
      {"another phase",
       [&](LoneNode& m) {
         m.message(kB, kBToM, {3, 1, 2, 10}, bad);
       }},
      {"an unknown phase",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {3, 2, 2, 10}, bad);
       }},
      {"a round of the future",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {3 + 8, 0, 2, 10}, bad);
       }},
      {"a round far away",
       [&](LoneNode& m) {
         m.message(kA, kAToM, {1L << 60, 0, 2, 10}, bad);
       }},
      {"a go of a stranger",
       [&](LoneNode& m) {
         m.say(kA, word(MessageKind::go, {4, 0, 1, 0}));
       }},
      {"an end of a stranger",
       [&](LoneNode& m) {
         m.say(kA, word(MessageKind::end, {4, 0, 0, 0}));
       }},
      {"a leave of a stranger",
       [&](LoneNode& m) {
         m.say(kB, word(MessageKind::leave, {4, 0, 1, 0}));
       }},
      {"a phase of a stranger",
       [&](LoneNode& m) {
         m.say(kB, word(MessageKind::phase, {4, 1, 0, 0}));
       }},
      {"a report",
       [&](LoneNode& m) {
         m.say(kServer, word(MessageKind::report, {3, 0, 0, 0}));
       }},
      {"a go without rows",
       [&](LoneNode& m) {
         m.go({4, 0, 0, 0});
       }},
      {"a go of too many rows",
       [&](LoneNode& m) {
         m.go({4, 0, 5, 0});
       }},
      {"a go beyond the samples",
       [&](LoneNode& m) {
         m.go({4, 0, 2, 999});
       }},
      {"a go of an unknown phase",
       [&](LoneNode& m) {
         m.go({4, 2, 1, 0});
       }},
      {"rounds over before they begin",
       [&](LoneNode& m) {
         m.go({4, 0, 1, 0}, 6);
       }},
      {"an unknown phase",
       [&](LoneNode& m) {
         m.say(kServer, word(MessageKind::phase, {4, 2, 0, 0}));
       }},
  };
  for (const auto& [what, say_it] : wrongs) {
    LoneNode m(kM, {one_phase(kTimeout), one_phase(kTimeout)});
    m.go(open, 3);
    m.message(kA, kAToM, open, {1, 2, 3, 4}, {0});
    m.run_for(2 * kLatency);
    say_it(m);
    m.run_for(2 * kLatency);
    EXPECT_EQ(m.node.report().malformed, 1) << what;
    m.message(kB, kBToM, open, {1, 1, 1, 1}, {1});
    m.run_for(2 * kLatency);
    const auto out = m.messages(kServer);
    ASSERT_EQ(out.size(), 1U) << what;
    EXPECT_EQ(out[0].values, (std::vector<float>{2, 3, 4, 5})) << what;
    EXPECT_EQ(out[0].used, links_of({0, 1, 2, 3})) << what;
    EXPECT_EQ(m.node.report().links[kAToM].arrived, 1) << what;
    EXPECT_EQ(m.node.ending(), NodeEnding::none) << what;
  }
}

/// Otherwise the round would be over before the round driver begins it, and nobody would take its answer.
TEST(NodeRefuses, MessagesThatBeginARoundOnTheLastNode) {
  LoneNode server(kServer, {one_phase(kTimeout)});
  std::vector<std::int64_t> answered;
  server.node.on_answer([&](const Answer& answer) { answered.push_back(answer.round); });
  server.node.begin({0, 0, 1, 0}, 0);
  for (std::int64_t round = 0; round < 3; ++round) server.message(kM, 4, {round, 0, 1, 0}, {1, 1});
  server.run_for(3 * kTimeout);
  EXPECT_EQ(answered, std::vector<std::int64_t>{0});
  EXPECT_EQ(server.node.report().malformed, 2);
  server.node.begin({1, 0, 1, 0}, 1);
  server.run_for(3 * kTimeout);
  EXPECT_EQ(answered, (std::vector<std::int64_t>{0, 1}));
}

TEST(NodeWords, LeaveEndsTheRun) {
  for (const bool clean : {true, false}) {
    LoneNode m(kM, {one_phase(kTimeout)});
    m.say(kServer, word(MessageKind::leave, {5, 0, clean ? 1 : 0, 0}));
    m.run_for(2 * kLatency);
    EXPECT_EQ(m.node.ending(), clean ? NodeEnding::clean : NodeEnding::after_deaths);
  }
}

TEST(NodeWords, EndIsAnsweredWithTheReport) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.node.on_report([](NodeReport& report) { report.resident_bytes = 12'345; });
  m.message(kB, kAToM, {0, 0, 1, 0}, {1, 1});
  m.say(kServer, word(MessageKind::end, {5, 0, 0, 0}));
  m.run_for(2 * kLatency);
  int reports = 0;
  for (const auto& one : m.heard(kServer)) {
    if (one.header.kind != MessageKind::report) continue;
    const NodeReport report = decode_report(one.payload, kM, m.node_links.links(), 4);
    EXPECT_EQ(report.resident_bytes, 12'345);
    EXPECT_EQ(report.malformed, 1);
    EXPECT_EQ(report.epoch, 1U);
    ++reports;
  }
  EXPECT_EQ(reports, 1);
}

TEST(NodeWords, OldRoundsAreLetGoAndCounted) {
  LoneNode m(kM, {one_phase(kTimeout)});
  m.go({0, 0, 1, 0});
  m.run_for(2 * kLatency);
  m.go({7, 0, 1, 0}, 6);  // 0 is not finished, 1 to 5 were never heard of; 6 may still be announced
  m.message(kA, kAToM, {7, 0, 1, 0}, {1, 1}, {0});
  m.message(kB, kBToM, {7, 0, 1, 0}, {1, 1}, {1});
  m.run_for(2 * kLatency);
  EXPECT_EQ(m.node.report().rounds_skipped, 6);
  const auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].header.frame.round, 7);
  m.message(kA, kAToM, {0, 0, 1, 0}, {1, 1}, {0});
  m.run_for(2 * kLatency);
  EXPECT_EQ(m.node.report().links[kAToM].late, 1);
}

/// The round that a node computes may be over for all others: it is dropped after the computation.
TEST(NodeWords, ARoundIsNotDroppedUnderItsOwnHands) {
  LoneNode m(kM, {one_phase(kTimeout)});
  bool told = false;
  m.while_computing = [&] {
    if (told) return;
    told = true;
    m.go({3, 0, 1, 6}, 3);
    m.network.channel(kM).wait(m.network.now_us() + 2 * kLatency);
  };
  m.go({0, 0, 4, 0});
  m.message(kA, kAToM, {0, 0, 4, 0}, {1, 2, 3, 4, 5, 6, 7, 8}, {0});
  m.message(kB, kBToM, {0, 0, 4, 0}, {1, 1, 1, 1, 1, 1, 1, 1}, {1});
  m.run_for(5 * kLatency);
  auto out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_TRUE(out[0].header.frame == (Frame{0, 0, 4, 0}));
  EXPECT_EQ(out[0].values, (std::vector<float>{2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(m.node.report().rounds_skipped, 2) << "1 and 2; 0 is through, 3 is open";
  m.message(kA, kAToM, {3, 0, 1, 6}, {1, 1}, {0});
  m.message(kB, kBToM, {3, 0, 1, 6}, {1, 1}, {1});
  m.run_for(5 * kLatency);
  out = m.messages(kServer);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].header.frame.round, 3);
}

TEST(NodeWords, DeadByPlanIsSilentAndBackUnderAHigherEpoch) {
  std::vector<Phase> plan{one_phase(kTimeout), one_phase(kTimeout)};
  plan[0].combination = 0b011;  // a and b
  LoneNode::Options options = LoneNode::options();
  options.messenger.heartbeat_us = 1'000;
  LoneNode m(kM, plan, options);
  m.say(kServer, word(MessageKind::phase, {0, 0, 0, 0}));
  m.run_for(2 * kLatency);
  m.heard(kServer);
  m.go({0, 0, 1, 0});
  m.message(kA, kAToM, {0, 0, 1, 0}, {1, 1}, {0});
  m.message(kB, kBToM, {0, 0, 1, 0}, {1, 1}, {1});
  m.run_for(10'000);
  EXPECT_TRUE(m.heard(kServer).empty());
  m.say(kServer, word(MessageKind::phase, {1, 1, 0, 0}, 1));
  m.run_for(2 * kLatency);
  const auto back = m.heard(kServer);
  ASSERT_FALSE(back.empty());
  EXPECT_EQ(back[0].header.kind, MessageKind::heartbeat);
  EXPECT_EQ(back[0].header.epoch, 2U);
  EXPECT_EQ(m.node.report().rounds_skipped, 0) << "it took part, as a dead node";
}

TEST(NodeWords, EveryPhaseHasItsOwnTimeout) {
  std::vector<Phase> plan{one_phase(kTimeout), one_phase(3 * kTimeout)};
  LoneNode m(kM, plan);
  for (const std::int32_t phase : {0, 1}) {
    const Frame frame{phase, phase, 1, 0};
    m.go(frame, phase);
    m.message(kA, kAToM, frame, {1, 1}, {0});
    const std::int64_t timeout_us = plan[static_cast<std::size_t>(phase)].timeout_us;
    m.run_for(kLatency + timeout_us - 1);
    EXPECT_TRUE(m.node.busy()) << phase;
    m.run_for(1);
    EXPECT_FALSE(m.node.busy()) << phase;
  }
}

/// The peer becomes suspected while the script holds the message back.
TEST(NodeWords, DelayedMessagesDoNotGoToSuspectsEither) {
  LoneNode::Options options = LoneNode::options();
  options.messenger.heartbeat_us = 20'000;
  options.messenger.limit_us = 50'000;
  options.script = "delay a->m rounds 0.. by 40ms\n";
  Phase phase = one_phase(kTimeout);
  phase.script = true;
  for (const bool alive : {true, false}) {
    LoneNode a(kA, {phase}, options);
    a.run_until(30'000);
    a.go({0, 0, 1, 0});
    if (alive) a.say(kM, {}, {0, 0, 0, 0});
    a.run_until(75'000);
    EXPECT_EQ(a.messenger.suspects(kM), !alive);
    EXPECT_EQ(a.messages(kM).size(), alive ? 1U : 0U);
    EXPECT_EQ(a.messages(kServer).size(), 1U);
    EXPECT_EQ(a.node.report().links[kAToM].delayed, 1);
  }
}

TEST(NodeWords, ScriptedDeathsHappenOnceAndInTheirRound) {
  LoneNode::Options options = LoneNode::options();
  options.script = "crash m round 3\nhang m round 2 for 7ms\ncrash a round 0\n";
  for (const bool in_force : {true, false}) {
    Phase phase = one_phase(kTimeout);
    phase.script = in_force;
    LoneNode m(kM, {phase}, options);
    for (std::int64_t round = 0; round < 6; ++round) {
      m.go({round, 0, 1, 0}, round);
      m.run_for(2 * kLatency);
      EXPECT_EQ(m.crashes, in_force && round >= 3 ? 1 : 0);
      EXPECT_EQ(m.hung_us.size(), in_force && round >= 2 ? 1U : 0U);
    }
    if (in_force) {
      EXPECT_EQ(m.hung_us[0], 7'000);
    }
  }
}

TEST(NodeEndings, ADeathThatTheTransportReportsNeedsNoPatience) {
  LoneNode orphan(kM, {one_phase(kTimeout)});
  orphan.run_until(1'000);
  EXPECT_EQ(orphan.node.ending(), NodeEnding::none);
  orphan.messenger.membership().lost(kServer, orphan.network.now_us(), 0);
  orphan.say(kA, MessageHeader{});  // wakes the node
  orphan.run_for(2 * LoneNode::kLatencyUs);
  EXPECT_EQ(orphan.node.ending(), NodeEnding::orphaned);
}

TEST(NodeEndings, OrphansEndAndSoDoesTheDeadline) {
  LoneNode::Options options = LoneNode::options();
  options.messenger.heartbeat_us = 40'000;
  options.messenger.limit_us = 100'000;
  options.node.orphan_us = 50'000;
  LoneNode orphan(kM, {one_phase(kTimeout)}, options);
  orphan.run_until(150'000);
  EXPECT_EQ(orphan.node.ending(), NodeEnding::none);
  orphan.run_until(150'010);
  EXPECT_EQ(orphan.node.ending(), NodeEnding::orphaned);

  LoneNode consoled(kM, {one_phase(kTimeout)}, options);
  consoled.run_until(120'000);
  MessageHeader back;  // the last node returns from its own stop
  back.epoch = 2;
  consoled.say(kServer, back, {0, 0, 0, 0});
  consoled.run_until(200'000);
  EXPECT_EQ(consoled.node.ending(), NodeEnding::none);

  options = LoneNode::options();
  options.node.deadline_us = 70'000;
  for (const int place : {kM, kServer}) {
    LoneNode node(place, {one_phase(kTimeout)}, options);
    node.run_until(69'999);
    EXPECT_EQ(node.node.ending(), NodeEnding::none);
    node.run_until(70'000);
    EXPECT_EQ(node.node.ending(), NodeEnding::out_of_time);
  }
}

}  // namespace
}  // namespace deepfog
