#include "inference/memory_group.hpp"

#include <gtest/gtest.h>

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
  options.conductor.batch = 3;
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
    options.conductor.batch = 4;
    MemoryGroup group(topology, plan, "", options);
    ASSERT_TRUE(group.run()) << seed;
    EXPECT_EQ(group.rounds().size(), plan.size() * 3) << seed;
    EXPECT_EQ(group.wrong_answers(), 0) << seed;
    EXPECT_EQ(group.unlike_plan(), 0) << seed;
    for (const PhaseRecord& phase : group.phases()) EXPECT_GE(phase.settle_us, 0) << seed;
  }
}

}  // namespace
}  // namespace deepfog
