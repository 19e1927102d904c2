#include <gtest/gtest.h>

#include <tuple>

#include "inference/memory_group.hpp"

namespace deepfog {
namespace {

// near, middle, server; left->near, right->near, near->middle, middle->server, near->server, right->middle
constexpr int kNear = 0, kMiddle = 1, kServer = 2;
constexpr int kNearToMiddle = 2, kMiddleToServer = 3, kNearToServer = 4;
constexpr std::int64_t kHop = 50, kTimeout = 20'000, kBeat = 10'000, kLimit = 35'000;
constexpr std::int64_t kWhole = 3 * kHop;  ///< go to near, near to middle, middle to server

Phase phase_of(std::int64_t samples) {
  Phase phase;
  phase.name = "failures";
  phase.samples = samples;
  phase.timeout_us = kTimeout;
  phase.script = true;
  return phase;
}

MemoryGroup::Options steady() {
  MemoryGroup::Options options;
  options.network.latency_min_us = options.network.latency_max_us = kHop;
  options.messenger.heartbeat_us = kBeat;
  options.messenger.limit_us = kLimit;
  return options;
}

Topology three_nodes() {
  return load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/three-nodes.topology");
}

/// One run over three-nodes.topology, checked for what holds in every run.
class FailureRun : public MemoryGroup {
 public:
  FailureRun(const std::string& script, const Phase& phase, const Options& options = steady())
      : MemoryGroup(three_nodes(), {phase}, script, options) {
    finished_ = run();
    EXPECT_TRUE(finished_);
    EXPECT_EQ(wrong_answers(), 0);
    EXPECT_EQ(oddities(), std::vector<std::string>{});
  }
  std::int64_t latency_us(int round) const { return rounds()[static_cast<std::size_t>(round)].latency_us; }
  const RoundRecord& at(int round) const { return rounds()[static_cast<std::size_t>(round)]; }
  std::size_t transitions() const {
    std::size_t all = 0;
    for (int place = 0; place < 3; ++place) all += messenger(place).membership().transitions().size();
    return all;
  }

 private:
  bool finished_ = false;
};

TEST(GroupFailures, WithoutFailuresARoundTakesItsPath) {
  const FailureRun run("", phase_of(50));
  for (const std::int64_t latency : run.latencies_us()) EXPECT_EQ(latency, kWhole);
  EXPECT_EQ(run.transitions(), 0U);
  for (const RoundRecord& record : run.rounds()) EXPECT_EQ(record.waited_for, kMiddleToServer);
}

TEST(GroupFailures, ADeadNodeCostsOneRoundItsSuspicion) {
  Phase phase = phase_of(300);
  phase.timeout_us = 100'000;  // longer than the limit
  const FailureRun run("crash middle round 20\n", phase);
  for (int round = 0; round < 300; ++round) {
    if (round < 20) {
      EXPECT_EQ(run.latency_us(round), kWhole) << round;
    } else if (round == 20) {
      EXPECT_GE(run.latency_us(round), kLimit - kBeat);
      EXPECT_LE(run.latency_us(round), kLimit + kHop + 1);
    } else {
      EXPECT_EQ(run.latency_us(round), 2 * kHop) << round << ": nobody waits for the dead";
      EXPECT_EQ(run.at(round).waited_for, kNearToServer);
      EXPECT_FALSE(run.at(round).timed_out.has(kMiddleToServer));
    }
    EXPECT_EQ(run.at(round).used.has(kMiddleToServer), round < 20) << round;
  }
}

/// Below the limit every round waits for the timeout until the peer is suspected; then none does.
TEST(GroupFailures, ATimeoutBelowTheLimitIsPaidUntilSuspicion) {
  Phase phase = phase_of(300);
  phase.timeout_us = 5'000;
  const FailureRun run("crash middle round 20\n", phase);
  const std::int64_t first = run.latency_us(20);
  EXPECT_GE(first, 2 * 5'000) << "two hops";
  EXPECT_LE(first, 2 * 5'000 + kHop);
  std::int64_t paid = 0;
  for (int round = 20; round < 300; ++round) {
    if (run.at(round).timed_out.has(kMiddleToServer)) {
      EXPECT_EQ(paid, run.at(round).arrival_us - run.at(20).arrival_us) << round << ": without a break";
    }
    if (run.latency_us(round) > 2 * kHop) paid += run.latency_us(round);
  }
  EXPECT_LE(paid, kLimit + kHop + 1);
  EXPECT_GE(paid, kLimit - kBeat);
}

TEST(GroupFailures, AMissedDeadlineAndTwoHeartbeatsAreEnoughToSuspect) {
  Phase phase = phase_of(60);
  phase.timeout_us = 15'000;  // far below the limit: without doubt() a dozen rounds would wait
  MemoryGroup::Options options = steady();
  options.messenger.limit_us = 400'000;
  const FailureRun run("crash middle round 20\n", phase, options);
  EXPECT_GE(run.latency_us(20), 2 * 15'000) << "two hops";
  for (int round = 21; round < 60; ++round) EXPECT_LE(run.latency_us(round), 2 * kHop) << round;
}

TEST(GroupFailures, WithoutSuspicionEveryRoundPays) {
  Phase phase = phase_of(40);
  phase.suspects = false;
  const FailureRun run("crash middle round 10\n", phase);
  for (int round = 10; round < 40; ++round) {
    EXPECT_EQ(run.latency_us(round), 2 * kTimeout) << round;
    EXPECT_TRUE(run.at(round).timed_out.has(kMiddleToServer));
    EXPECT_EQ(run.at(round).waited_for, kMiddleToServer);
  }
  EXPECT_EQ(run.node(kServer).report().links[kMiddleToServer].timeouts, 30);
}

TEST(GroupFailures, ALossPaysTheTimeoutAndSuspectsNobody) {
  const FailureRun run("lose near->middle rounds 10..12\nlose middle->server round 20\n", phase_of(40));
  for (int round = 0; round < 40; ++round) {
    const bool first = round >= 10 && round <= 12, second = round == 20;
    // middle gives up near after one hop's timeout, and sends what it computes from its own sensor.
    const std::int64_t expected = first ? kHop + kTimeout + kHop : second ? 2 * kTimeout : kWhole;
    EXPECT_EQ(run.latency_us(round), expected) << round;
    EXPECT_EQ(run.at(round).timed_out.has(kNearToMiddle), first) << round;
    EXPECT_EQ(run.at(round).timed_out.has(kMiddleToServer), second) << round;
    EXPECT_EQ(run.at(round).used.has(kMiddleToServer), !second) << round;
  }
  EXPECT_EQ(run.transitions(), 0U);
  EXPECT_EQ(run.node(kNear).report().links[kNearToMiddle].lost, 3);
  EXPECT_EQ(run.node(kMiddle).report().links[kNearToMiddle].timeouts, 3);
}

TEST(GroupFailures, DelaysAndSlownessTakeTheirTime) {
  const FailureRun run("delay near->server rounds 5..6 by 3ms\nslow middle rounds 10..11 by 4ms\n",
                       phase_of(20));
  for (int round = 0; round < 20; ++round) {
    const std::int64_t expected = round == 5 || round == 6     ? kHop + 3'000 + kHop
                                  : round == 10 || round == 11 ? kWhole + 4'000
                                                               : kWhole;
    EXPECT_EQ(run.latency_us(round), expected) << round;
    EXPECT_EQ(run.at(round).timed_out, LinkSet(6)) << round;
  }
  EXPECT_EQ(run.node(kNear).report().links[kNearToServer].delayed, 2);
}

/// What arrives after its timeout is late, and its values are in no answer (wrong_answers would find them).
TEST(GroupFailures, ADelayBeyondTheTimeoutIsLate) {
  const FailureRun run("delay near->server rounds 5..6 by 30ms\n", phase_of(2'000));
  for (const int round : {5, 6}) {
    EXPECT_EQ(run.latency_us(round), kTimeout);
    EXPECT_TRUE(run.at(round).timed_out.has(kNearToServer));
  }
  EXPECT_EQ(run.node(kServer).report().links[kNearToServer].late, 2);
}

TEST(GroupFailures, AdaptiveTimeoutsPayFarLessForALoss) {
  Phase phase = phase_of(100);
  phase.adaptive = true;
  const FailureRun run("lose middle->server round 80\n", phase);
  EXPECT_LT(run.latency_us(80), 3 * kWhole);
  EXPECT_EQ(run.latency_us(79), kWhole);
  EXPECT_EQ(run.latency_us(99), kWhole);
}

/// The node is stopped at many moments of a round: skipped rounds are counted, the node is used again within
/// two heartbeats, and its return costs nobody a timeout.
TEST(GroupFailures, AStoppedNodeIsUsedAgainWithinTwoHeartbeats) {
  for (const auto& [name, place, link] :
       {std::tuple("middle", kMiddle, kMiddleToServer), std::tuple("near", kNear, kNearToServer)}) {
    for (std::int64_t length_us = 60'000; length_us < 60'300; length_us += 17) {
      const std::string what = std::string(name) + " stopped for " + std::to_string(length_us);
      Phase phase = phase_of(1'200);
      phase.timeout_us = 100'000;
      const FailureRun run(
          "hang " + std::string(name) + " round 100 for " + std::to_string(length_us) + "us\n", phase);
      const std::int64_t until_us = run.at(100).arrival_us + kHop + length_us;
      std::int64_t back_us = -1;
      for (int round = 101; round < 1'200; ++round) {
        EXPECT_LE(run.latency_us(round), 2 * kWhole) << round << ", " << what;
        EXPECT_EQ(run.at(round).timed_out, LinkSet(6)) << round << ", " << what;
        const bool used = run.at(round).used.has(link);
        if (used && back_us < 0) back_us = run.at(round).arrival_us + run.latency_us(round);
        if (back_us >= 0) {
          EXPECT_TRUE(used || run.at(round).arrival_us < back_us + 2 * kWhole) << round << ", " << what;
        }
      }
      ASSERT_GE(back_us, until_us) << what;
      EXPECT_LE(back_us, until_us + 2 * kBeat) << what;
      const NodeReport report = run.node(place).report();
      EXPECT_GT(report.rounds_skipped, 50) << what;
      EXPECT_EQ(report.epoch, 2U) << what;
    }
  }
}

/// Messages that arrived during the stop are read before anybody is suspected. With little to do, the others
/// send only a heartbeat now and then, and the stop begins just before the next ones arrive.
TEST(GroupFailures, AStoppedNodeSuspectsNobody) {
  MemoryGroup::Options options = steady();
  options.round_driver.scenario = Scenario::server;
  options.round_driver.rate = 5;
  for (std::int64_t length_us = kLimit - 2 * kBeat; length_us < kLimit + 2 * kBeat; length_us += 991) {
    MemoryGroup group(three_nodes(), {phase_of(4)}, "", options);
    group.network().stop(kMiddle, 11 * kBeat + 10, 11 * kBeat + 10 + length_us);
    ASSERT_TRUE(group.run());
    EXPECT_EQ(group.wrong_answers(), 0);
    EXPECT_TRUE(group.messenger(kMiddle).membership().transitions().empty()) << length_us;
  }
}

TEST(GroupFailures, AScriptOutOfForceDoesNothing) {
  Phase phase = phase_of(30);
  phase.script = false;
  const FailureRun run(
      "lose middle->server rounds 0..9\ndelay near->server rounds 10..19 by 3ms\n"
      "slow middle rounds 20.. by 4ms\nsilence near rounds 0..5\ncrash near round 7\nhang middle round 8 for "
      "1s\n",
      phase);
  for (const std::int64_t latency : run.latencies_us()) EXPECT_EQ(latency, kWhole);
}

}  // namespace
}  // namespace deepfog
