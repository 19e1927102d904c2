#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "inference/memory_group.hpp"
#include "inference/node_links.hpp"
#include "inference/random_script.hpp"
#include "topology/stage_cost.hpp"

namespace deepfog {
namespace {

/// Two devices with summaries, a gateway that can fail, an edge with its own exit, and the cloud.
Topology three_exits() {
  return parse_topology(
      "topology exits\nsource a 1x6x6\nsource b 1x6x6 channels-last\n"
      "node d1 binary-conv:2\nstage s1 on d1 binary-linear:3\nnode d2 binary-conv:2\nstage s2 on d2 "
      "binary-linear:3\n"
      "node gateway mean\nnode edge concat binary-conv:3\nstage edge-exit on edge binary-linear:3\n"
      "node cloud concat conv:4 norm-linear:3\n"
      "link a -> d1\nlink b -> d2\nlink d1 -> s1\nlink d2 -> s2\nlink s1 -> gateway\nlink s2 -> gateway\n"
      "link d1 -> edge\nlink d2 -> edge\nlink edge -> edge-exit\nlink edge -> cloud\n"
      "exit gateway threshold=0.7\nexit edge-exit threshold=0.6\nexit cloud\nfails d1 gateway d2 edge\n",
      "exits");
}

/// The edge in two halves, as in ddnn-f: one may have an input while the other has none.
Topology two_edges() {
  return parse_topology(
      "topology halves\nsource a 1x6x6\nsource b 1x6x6\n"
      "node d1 binary-conv:2\nstage s1 on d1 binary-linear:3\nnode d2 binary-conv:2\nstage s2 on d2 "
      "binary-linear:3\n"
      "node gateway max\nnode e1 binary-conv:2\nstage t1 on e1 binary-linear:3\n"
      "node e2 binary-conv:2\nstage t2 on e2 binary-linear:3\nnode edge-gateway max\n"
      "node cloud concat binary-conv:3 binary-linear:3\n"
      "link a -> d1\nlink b -> d2\nlink d1 -> s1\nlink d2 -> s2\nlink s1 -> gateway\nlink s2 -> gateway\n"
      "link d1 -> e1\nlink d2 -> e2\nlink e1 -> t1\nlink e2 -> t2\nlink t1 -> edge-gateway\n"
      "link t2 -> edge-gateway\nlink e1 -> cloud\nlink e2 -> cloud\n"
      "exit gateway threshold=0.7\nexit edge-gateway threshold=0.6\nexit cloud\nfails d1 d2 e1 e2\n",
      "halves");
}

/// Random sums are large, and large scores are confident. Halve them, so that some rows pass every exit.
void soften(Weights& weights) {
  for (NamedTensor& tensor : weights) {
    if (tensor.shape == std::vector<std::int64_t>{3} && tensor.name.find("norm.scale") != std::string::npos &&
        tensor.name.find("edge.") != 0) {
      for (float& value : tensor.values) value *= 0.5F;
    }
  }
}

Phase phase_of(std::int64_t samples, std::int64_t timeout_us) {
  Phase phase;
  phase.name = "all";
  phase.samples = samples;
  phase.timeout_us = timeout_us;
  return phase;
}

MemoryGroup::Options options_of(std::uint64_t seed, std::int64_t batch) {
  MemoryGroup::Options options;
  options.seed = seed;
  options.round_driver.batch = batch;
  options.edit_weights = soften;
  return options;
}

std::map<std::int64_t, int> answers_by_exit(const MemoryGroup& group) {
  std::map<std::int64_t, int> answers;
  for (const RoundRecord& record : group.rounds()) {
    for (const std::int64_t exit : record.exits) ++answers[exit];
  }
  return answers;
}

void all_combinations(const Topology& topology) {
  std::vector<Phase> plan;
  for (Combination c = 0; c < Combination{1} << topology.failing(); ++c) {
    Phase phase = phase_of(24, 500'000);
    phase.combination = c ^ (c >> 1U);
    phase.settle = true;
    plan.push_back(phase);
  }
  for (const std::int64_t batch : {1, 7}) {
    MemoryGroup group(topology, plan, "", options_of(3, batch));
    ASSERT_TRUE(group.run());
    EXPECT_EQ(group.wrong_answers(), 0) << topology.name() << ", batch " << batch;
    EXPECT_EQ(group.unlike_plan(), 0) << topology.name() << ", batch " << batch;
    EXPECT_EQ(answers_by_exit(group).size(), 3U) << "rows leave at every exit";
    for (const PhaseRecord& phase : group.phases())
      EXPECT_EQ(phase.repeats, 0) << topology.name() << ": what is used is what the plan has";
  }
}

TEST(ExitsAtWork, AllCombinationsGiveTheNetworksAnswersAndExits) {
  for (const Topology& topology : {three_exits(), two_edges()}) all_combinations(topology);
}

TEST(ExitsAtWork, WhatHasLeftIsNotWaitedFor) {
  MemoryGroup::Options options = options_of(5, 1);
  options.compute_us = {10, 10, 10, 50'000, 10};  // the edge is slow
  MemoryGroup group(three_exits(), {phase_of(60, 1'000'000)}, "", options);
  ASSERT_TRUE(group.run());
  EXPECT_EQ(group.wrong_answers(), 0);
  std::vector<std::int64_t> slowest(3, 0), fastest(3, 1'000'000'000);
  for (const RoundRecord& record : group.rounds()) {
    const auto exit = static_cast<std::size_t>(record.exits.at(0));
    slowest[exit] = std::max(slowest[exit], record.latency_us);
    fastest[exit] = std::min(fastest[exit], record.latency_us);
  }
  EXPECT_LT(slowest[0], 5'000) << "the edge may still be busy with rounds that were answered long ago";
  EXPECT_GT(fastest[2], 50'000);
}

/// Every byte belongs to a header, or to the rows that travel in the form of the link.
TEST(ExitsAtWork, BytesAreThoseOfTheRowsThatStay) {
  const Topology topology = three_exits();
  Phase phase = phase_of(64, 500'000);
  phase.settle = true;  // nobody answers before the messages arrive
  MemoryGroup group(topology, {phase}, "", options_of(3, 8));
  ASSERT_TRUE(group.run());
  std::vector<std::int64_t> stayed{64, 64, 64};  // rows that have passed this number of exits
  for (const auto& [exit, count] : answers_by_exit(group)) {
    for (std::int64_t passed = exit + 1; passed < 3; ++passed)
      stayed[static_cast<std::size_t>(passed)] -= count;
  }
  const auto links = static_cast<int>(topology.hyperconnections().size());
  int seen = 0;
  for (const LinkCost& cost : link_costs(topology)) {
    LinkCounts counts;
    for (const NodeReport& report : group.reports()) {
      if (report.node == sending_node(topology, cost.link))
        counts = report.links[static_cast<std::size_t>(cost.link)];
    }
    const Hyperconnection& link = topology.hyperconnections()[static_cast<std::size_t>(cost.link)];
    EXPECT_EQ(counts.messages, 8) << link_name(topology, cost.link);
    EXPECT_EQ(counts.bytes,
              counts.payload + counts.messages * static_cast<std::int64_t>(message_overhead(links)));
    const std::int64_t bitmaps = link.partial && !link.verdict ? 8 : 0;
    const std::int64_t bits = cost.bits * stayed[static_cast<std::size_t>(cost.exits_passed)];
    if (cost.kind == "verdict" || bits % 8 != 0) {
      EXPECT_NEAR(static_cast<double>(counts.payload), static_cast<double>(bits) / 8 + double(bitmaps), 8);
    } else {
      EXPECT_NEAR(static_cast<double>(counts.payload), static_cast<double>(bits / 8 + bitmaps), 8);
    }
    ++seen;
  }
  EXPECT_EQ(seen, 9);
}

TEST(ExitsAtWork, DeathsDelaysAndLossesGiveTheAnswersOfTheMessagesUsed) {
  const Topology topology = three_exits();
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    MemoryGroup::Options options = options_of(seed, 1 + static_cast<std::int64_t>(seed % 4));
    options.round_driver.depth = 3;
    options.round_driver.scenario = Scenario::offline;
    Phase phase = phase_of(60, 20'000);
    phase.script = true;
    MemoryGroup group(topology, {phase}, random_script(topology, seed, 20), options);
    ASSERT_TRUE(group.run()) << "seed " << seed;
    EXPECT_EQ(group.wrong_answers(), 0) << "seed " << seed;
    EXPECT_EQ(group.oddities(), std::vector<std::string>{}) << "seed " << seed;
  }
}

}  // namespace
}  // namespace deepfog
