#include "inference/round_driver.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "inference/memory_group.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kHop = 50, kWhole = 3 * kHop;
constexpr int kServer = 2;

Topology three_nodes() {
  return load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/three-nodes.topology");
}

Phase phase_of(std::int64_t samples, std::int64_t first = 0) {
  Phase phase;
  phase.name = "phase";
  phase.first_sample = first;
  phase.samples = samples;
  phase.timeout_us = 1'000'000;
  return phase;
}

MemoryGroup::Options steady() {
  MemoryGroup::Options options;
  options.network.latency_min_us = options.network.latency_max_us = kHop;
  return options;
}

void expect_sound(const MemoryGroup& group) {
  EXPECT_EQ(group.wrong_answers(), 0);
  EXPECT_EQ(group.oddities(), std::vector<std::string>{});
}

TEST(RoundDriverScenarios, SingleStreamBeginsWhenTheLastIsAnswered) {
  MemoryGroup::Options options = steady();
  options.round_driver.depth = 7;  // without effect
  MemoryGroup group(three_nodes(), {phase_of(20)}, "", options);
  ASSERT_TRUE(group.run());
  expect_sound(group);
  for (std::size_t i = 1; i < group.rounds().size(); ++i) {
    const RoundRecord& before = group.rounds()[i - 1];
    EXPECT_EQ(group.rounds()[i].arrival_us, before.arrival_us + before.latency_us);
  }
}

/// With several frames in flight, only the compute time of the slowest node counts.
TEST(RoundDriverScenarios, DepthRaisesThroughputToTheSlowestNodes) {
  for (const int depth : {1, 2, 4, 100}) {
    MemoryGroup::Options options = steady();
    options.round_driver.scenario = Scenario::offline;
    options.round_driver.depth = depth;
    options.compute_us = {1'000, 3'000, 2'000};
    Phase phase = phase_of(100);
    phase.timeout_us = 5'000;  // counted from when a node takes up the round, not from when the round began
    MemoryGroup group(three_nodes(), {phase}, "", options);
    ASSERT_TRUE(group.run());
    expect_sound(group);
    for (const RoundRecord& record : group.rounds()) EXPECT_EQ(record.timed_out, LinkSet(6));
    const RoundRecord& last = group.rounds().back();
    const double a_frame = double(last.arrival_us + last.latency_us) / 100;
    if (depth == 1) {
      EXPECT_NEAR(a_frame, 6'000 + kWhole, 1);
    }
    if (depth == 2) {
      EXPECT_LT(a_frame, 0.6 * 6'000);
    }
    if (depth >= 4) {
      EXPECT_LE(a_frame, 3'000 / 0.9);
    }
    EXPECT_GE(a_frame, 3'000);
    EXPECT_EQ(group.node(1).report().compute_us, 100 * 3'000);
  }
}

TEST(RoundDriverScenarios, ServerFramesArriveAtTheirRate) {
  MemoryGroup::Options options = steady();
  options.round_driver.scenario = Scenario::server;
  options.round_driver.depth = 8;
  options.round_driver.rate = 500;
  MemoryGroup group(three_nodes(), {phase_of(4'000)}, "", options);
  ASSERT_TRUE(group.run());
  expect_sound(group);
  double sum_us = 0, squares = 0;
  for (std::size_t i = 1; i < 4'000; ++i) {
    const auto gap = double(group.rounds()[i].arrival_us - group.rounds()[i - 1].arrival_us);
    ASSERT_GE(gap, 0);
    sum_us += gap;
    squares += gap * gap;
  }
  const double mean = sum_us / 3'999, variance = squares / 3'999 - mean * mean;
  EXPECT_NEAR(mean, 2'000, 4 * 2'000 / 63.2);  // four standard errors
  EXPECT_NEAR(std::sqrt(variance), 2'000, 200) << "exponential: the deviation is the mean";
  for (const std::int64_t latency : group.latencies_us()) EXPECT_LE(latency, 2 * kWhole);
}

/// The latency of a frame that finds the network busy counts from its arrival.
TEST(RoundDriverScenarios, ServerLatencyCountsFromTheArrival) {
  MemoryGroup::Options options = steady();
  options.round_driver.scenario = Scenario::server;
  options.round_driver.depth = 2;
  options.round_driver.rate = 1'000;
  options.compute_us = {100, 2'000, 100};  // frames arrive twice as fast as it can compute
  MemoryGroup group(three_nodes(), {phase_of(400)}, "", options);
  ASSERT_TRUE(group.run());
  expect_sound(group);
  const RoundRecord& last = group.rounds().back();
  EXPECT_NEAR(double(last.arrival_us), 400'000, 100'000);
  EXPECT_GE(last.arrival_us + last.latency_us, 800'000);
  EXPECT_GE(last.latency_us, 250'000);
}

TEST(RoundDriverScenarios, TheSameSeedArrivesAlike) {
  std::vector<std::int64_t> arrivals[3];
  for (int i = 0; i < 3; ++i) {
    MemoryGroup::Options options = steady();
    options.round_driver.scenario = Scenario::server;
    options.round_driver.rate = 100;
    options.round_driver.seed = i < 2 ? 4 : 5;
    MemoryGroup group(three_nodes(), {phase_of(50)}, "", options);
    ASSERT_TRUE(group.run());
    for (const RoundRecord& record : group.rounds()) arrivals[i].push_back(record.arrival_us);
  }
  EXPECT_EQ(arrivals[0], arrivals[1]);
  EXPECT_NE(arrivals[0], arrivals[2]);
}

/// Several groups share the frames of one phase, or the phases of a plan, without gaps or overlaps.
TEST(RoundDriverGroups, ShareFramesAndPhases) {
  for (const int phases : {1, 2, 5}) {
    for (const int groups : {1, 2, 3, 7}) {
      for (const std::int64_t samples : {1, 5, 14, 20}) {
        std::vector<Phase> plan;
        for (int p = 0; p < phases; ++p) plan.push_back(phase_of(samples, p * samples));
        std::multiset<std::pair<std::int32_t, std::int64_t>> seen;
        std::int64_t rows = 0;
        for (int group_index = 0; group_index < groups; ++group_index) {
          MemoryGroup::Options options = steady();
          options.round_driver.batch = 3;
          options.round_driver.groups = groups;
          options.round_driver.group = group_index;
          MemoryGroup group(three_nodes(), plan, "", options);
          ASSERT_TRUE(group.run());
          EXPECT_EQ(group.wrong_answers(), 0);
          std::int64_t planned = 0;
          for (int p = 0; p < phases; ++p) planned += frames_of(plan, p, 3, groups, group_index);
          EXPECT_EQ(std::int64_t(group.rounds().size()), planned);
          EXPECT_EQ(group.round_driver().rounds_planned(), planned);
          EXPECT_EQ(group.round_driver().rounds_done(), planned);
          for (const RoundRecord& record : group.rounds()) {
            seen.insert({record.frame.phase, record.frame.first_sample});
            rows += record.frame.rows;
          }
        }
        EXPECT_EQ(rows, phases * samples);
        EXPECT_EQ(std::int64_t(seen.size()), phases * ((samples + 2) / 3));
        EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), seen.size());
      }
    }
  }
}

/// If a live node's message is missed in a phase that settles, the frame is repeated, and only the repeat
/// counts.
TEST(RoundDriverSettles, AndRepeatsWhatMissedALiveNode) {
  std::vector<Phase> plan{phase_of(20), phase_of(20)};
  plan[0].settle = plan[1].settle = true;
  plan[1].combination = ~Combination{1};  // without near
  for (Phase& phase : plan) {
    phase.script = true;
    phase.timeout_us = 10'000;
  }
  MemoryGroup group(three_nodes(), plan, "lose middle->server rounds 5..7\nlose middle->server round 30\n",
                    steady());
  ASSERT_TRUE(group.run());
  expect_sound(group);
  EXPECT_EQ(group.unlike_plan(), 0);
  EXPECT_EQ(group.rounds().size(), 40U);
  ASSERT_EQ(group.phases().size(), 2U);
  EXPECT_EQ(group.phases()[0].repeats, 3);
  EXPECT_EQ(group.phases()[1].repeats, 1);
  for (const PhaseRecord& phase : group.phases()) EXPECT_GE(phase.settle_us, 0);
  EXPECT_GT(group.phases()[1].settle_us, 100'000) << "near had to be suspected first";
}

TEST(RoundDriverSettles, ARepeatHasAnEnd) {
  Phase phase = phase_of(3);
  phase.settle = phase.script = true;
  phase.timeout_us = 1'000;
  MemoryGroup::Options options = steady();
  options.round_driver.most_repeats = 4;
  MemoryGroup group(three_nodes(), {phase}, "lose middle->server rounds 0..\n", options);
  ASSERT_TRUE(group.run());
  expect_sound(group);
  EXPECT_EQ(group.rounds().size(), 3U);
  EXPECT_EQ(group.phases()[0].repeats, 3 * 4);
}

TEST(RoundDriverSettles, InVainIsSaid) {
  Phase first = phase_of(50), second = phase_of(5);
  first.script = true;
  second.settle = true;  // waits for middle, which is dead
  second.timeout_us = 1'000;
  MemoryGroup::Options options = steady();
  options.round_driver.settle_us = 700'000;
  MemoryGroup group(three_nodes(), {first, second, second}, "crash middle round 40\n", options);
  ASSERT_TRUE(group.run());
  expect_sound(group);
  EXPECT_EQ(group.phases()[1].settle_us, -1);
  EXPECT_EQ(group.phases()[1].repeats, 0) << "it will not come back for the asking";
  EXPECT_GE(group.phases()[2].settle_us, 0) << "nobody waits for it a second time";
  EXPECT_EQ(group.rounds().size(), 60U);
}

TEST(RoundDriverEnds, InterruptedItEndsWhatIsInFlight) {
  MemoryGroup::Options options = steady();
  options.round_driver.scenario = Scenario::offline;
  options.round_driver.depth = 4;
  options.before_step = [](MemoryGroup& group, int) {
    if (group.rounds().size() >= 10) group.round_driver().interrupt();
  };
  MemoryGroup group(three_nodes(), {phase_of(50), phase_of(50)}, "", options);
  ASSERT_TRUE(group.run());
  EXPECT_TRUE(group.round_driver().interrupted());
  EXPECT_GE(group.rounds().size(), 10U);
  EXPECT_LE(group.rounds().size(), 10U + 2 * 4);
  EXPECT_EQ(group.wrong_answers(), 0);
  EXPECT_EQ(group.phases().size(), 1U);
  EXPECT_EQ(group.reports().size(), 2U);
  for (std::size_t i = 0; i < group.rounds().size(); ++i)
    EXPECT_EQ(group.rounds()[i].frame.round, std::int64_t(i));
}

TEST(RoundDriverEnds, TheDeadDoNotHoldItUp) {
  for (const bool at_the_end : {false, true}) {
    Phase phase = phase_of(50);
    phase.script = true;
    phase.timeout_us = 1'000;
    MemoryGroup::Options options = steady();
    options.round_driver.report_us = 900'000;
    MemoryGroup group(three_nodes(), {phase},
                      at_the_end ? "crash middle round 49\n" : "crash middle round 2\n", options);
    ASSERT_TRUE(group.run());
    expect_sound(group);
    EXPECT_EQ(group.rounds().size(), 50U);
    ASSERT_EQ(group.reports().size(), 1U);
    EXPECT_EQ(group.reports()[0].node, 0);
    EXPECT_FALSE(group.round_driver().all_reported());
    const RoundRecord& last = group.rounds().back();
    const std::int64_t waited_us = group.messenger(kServer).now_us() - last.arrival_us - last.latency_us;
    EXPECT_LE(waited_us, 300'000) << "the limit, or a moment for suspects; never report_us";
    EXPECT_GE(waited_us, 900'000 / 8) << "a suspect may still report";
  }
}

TEST(RoundDriverEnds, DamagedReportsAreAskedForAgain) {
  MemoryGroup::Options options = steady();
  bool told = false;
  options.before_step = [&](MemoryGroup& group, int place) {
    if (place != 0 || group.rounds().size() < 5 || told) return;
    told = true;  // before the node itself hears of the end
    MessageHeader header;
    header.kind = MessageKind::report;
    header.run = 7'919 + 1;
    header.epoch = 1;
    const std::vector<char> foreign = encode_report(group.node(1).report());
    std::vector<char> cut = encode_report(group.node(0).report());
    cut.pop_back();
    for (const auto& payload : {foreign, cut, std::vector<char>{}})
      group.network().channel(0).send(kServer, encode_message(header, payload));
  };
  MemoryGroup group(three_nodes(), {phase_of(5)}, "", options);
  ASSERT_TRUE(group.run());
  EXPECT_TRUE(told);
  EXPECT_EQ(group.reports().size(), 2U);
  EXPECT_TRUE(group.round_driver().all_reported());
  EXPECT_EQ(group.node(kServer).report().malformed, 3);
  std::set<int> nodes;
  for (const NodeReport& report : group.reports()) nodes.insert(report.node);
  EXPECT_EQ(nodes, (std::set<int>{0, 1}));
}

TEST(RoundDriverEnds, EveryNodeLeavesWithTheLast) {
  MemoryGroup group(three_nodes(), {phase_of(5)}, "", steady());
  ASSERT_TRUE(group.run());
  for (const int place : {0, 1}) EXPECT_EQ(group.node(place).ending(), NodeEnding::clean);
}

}  // namespace
}  // namespace deepfog
