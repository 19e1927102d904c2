#include "inference/memory_group.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "inference/flow_links.hpp"
#include "inference/node_links.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

Phase phase_of(std::int64_t samples, std::int64_t timeout_us) {
  Phase phase;
  phase.name = "all";
  phase.samples = samples;
  phase.timeout_us = timeout_us;
  return phase;
}

Topology three_nodes() {
  return load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/three-nodes.topology");
}

TEST(MemoryGroup, WithoutFailuresEveryAnswerIsTheNetworks) {
  MemoryGroup::Options options;
  options.round_driver.batch = 3;
  MemoryGroup group(three_nodes(), {phase_of(100, 10'000)}, "", options);
  ASSERT_TRUE(group.run());
  EXPECT_EQ(group.rounds().size(), 34U);
  EXPECT_EQ(group.wrong_answers(), 0);
  EXPECT_EQ(group.unlike_plan(), 0);
  EXPECT_EQ(group.reports().size(), 2U);
}

TEST(MemoryGroup, AllCombinationsOfRandomTopologies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomTopologyOptions small;
    small.most_failing = 4;
    const Topology topology = parse_topology(random_topology_text(seed, small), "random");
    std::vector<Phase> plan;
    for (Combination c = 0; c < Combination{1} << topology.failing(); ++c) {
      Phase phase = phase_of(10, 500'000);
      phase.combination = c ^ (c >> 1U);
      phase.settle = true;
      plan.push_back(phase);
    }
    MemoryGroup::Options options;
    options.seed = seed;
    options.round_driver.batch = 4;
    MemoryGroup group(topology, plan, "", options);
    ASSERT_TRUE(group.run()) << seed;
    EXPECT_EQ(group.rounds().size(), plan.size() * 3) << seed;
    EXPECT_EQ(group.wrong_answers(), 0) << seed;
    EXPECT_EQ(group.unlike_plan(), 0) << seed;
    for (const PhaseRecord& phase : group.phases()) EXPECT_GE(phase.settle_us, 0) << seed;
  }
}

/// A network that has diverged answers as in the simulation: a score of NaN is never the largest.
TEST(MemoryGroup, ScoresThatAreNoNumbersNameTheNetworksClass) {
  MemoryGroup::Options options;
  options.edit_weights = [](Weights& weights) {
    std::vector<float>& last = weights.back().values;
    ASSERT_EQ(last.size(), 3U) << "the bias of the classes";
    last[0] = std::numeric_limits<float>::quiet_NaN();
  };
  MemoryGroup group(three_nodes(), {phase_of(30, 10'000)}, "", options);
  ASSERT_TRUE(group.run());
  EXPECT_EQ(group.wrong_answers(), 0);
  for (const RoundRecord& record : group.rounds()) EXPECT_GT(record.predictions.at(0), 0);
}

/// fog and server host two stages each, so information leaves a node and comes back to it. server, the last
/// node, can fail like the others.
Topology twice() {
  return parse_topology(
      "topology twice\nsource s 3\nsource t 2\nnode edge relu:4\nnode fog relu:5\nnode server relu:4\n"
      "stage fog-b on fog relu:6\nstage out on server linear:3\n"
      "link s -> fog\nlink t -> edge\nlink fog -> edge\nlink fog -> server\nlink edge -> fog-b\n"
      "link fog -> fog-b skip\nlink server -> fog-b\nlink fog-b -> out\nlink server -> out skip\n"
      "fails edge fog server\n",
      "twice");
}

TEST(MemoryGroup, NodesOfSeveralStagesInAllCombinations) {
  const Topology topology = twice();
  std::vector<Phase> plan;
  for (Combination c = 0; c < 8; ++c) {
    plan.push_back(phase_of(10, 500'000));
    plan.back().combination = c;
    plan.back().settle = true;
  }
  for (const int depth : {1, 4}) {
    MemoryGroup::Options options;
    options.round_driver.batch = 3;
    options.round_driver.scenario = Scenario::offline;
    options.round_driver.depth = depth;
    options.compute_us = {300, 200, 100};
    MemoryGroup group(topology, plan, "", options);
    ASSERT_TRUE(group.run());
    EXPECT_EQ(group.wrong_answers(), 0);
    EXPECT_EQ(group.unlike_plan(), 0);
    EXPECT_EQ(group.oddities(), std::vector<std::string>{});
    int without_answer = 0;
    for (const RoundRecord& record : group.rounds()) {
      const Phase& phase = plan[static_cast<std::size_t>(record.frame.phase)];
      EXPECT_EQ(record.used, flow_links(topology, phase.combination)) << record.frame.phase;
      EXPECT_LT(record.latency_us, 500'000) << record.frame.phase << ": nobody waits for the planned dead";
      without_answer += record.phi ? 1 : 0;
    }
    EXPECT_EQ(without_answer, 4 * (4 + 2)) << "server dead, or fog";
  }
}

TEST(MemoryGroup, WhatTimesOutAtANodesFirstStageIsKnownAtItsSecond) {
  const Topology topology = twice();
  int lost_link = 0;
  while (link_name(topology, lost_link) != "fog->server") ++lost_link;
  Phase phase = phase_of(10, 5'000);
  phase.script = true;
  MemoryGroup group(topology, {phase}, "lose fog->server rounds 3..4\nlose server->fog-b rounds 3..4\n",
                    {});  // the second line keeps the timeout from being reported over another path
  ASSERT_TRUE(group.run());
  EXPECT_EQ(group.wrong_answers(), 0);
  for (const RoundRecord& record : group.rounds()) {
    const bool lost = record.frame.round == 3 || record.frame.round == 4;
    EXPECT_EQ(record.timed_out.has(lost_link), lost) << record.frame.round;
    EXPECT_EQ(record.used.has(lost_link), !lost) << record.frame.round;
    EXPECT_FALSE(record.phi) << "fog-b still speaks";
  }
}

}  // namespace
}  // namespace deepfog
