#include "resilience/flow.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "core/deadline.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

/// Whether a path of live stages connects a vertex with a source, computed from the definition, one path
/// after the other.
bool path_from_source(const Topology& topology, int vertex, Combination combination) {
  if (topology.is_source(vertex)) return true;
  const Stage& stage = topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))];
  if (!alive(combination, topology.nodes()[static_cast<std::size_t>(stage.node)].position)) return false;
  for (const Hyperconnection& link : topology.hyperconnections()) {
    if (link.to == vertex && path_from_source(topology, link.from, combination)) return true;
  }
  return false;
}

TEST(Flow, AgreesWithAPathSearchOnRandomTopologies) {
  std::size_t combinations = 0, flowing = 0;
  for (std::uint64_t seed = 1000; seed < 1200; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const auto table = flow_table(topology);
    ASSERT_EQ(table.size(), std::size_t{1} << topology.failing());
    for (Combination c = 0; c < table.size(); ++c) {
      const auto live = live_stages(topology, c);
      ASSERT_EQ(live.size(), topology.stages().size());
      for (int stage = 0; stage <= topology.last_stage(); ++stage) {
        const bool expected = path_from_source(topology, topology.vertex_of(stage), c);
        ASSERT_EQ(live[static_cast<std::size_t>(stage)], expected ? 1 : 0) << "seed " << seed << ", " << c;
      }
      const bool expected = path_from_source(topology, topology.vertex_of(topology.last_stage()), c);
      ASSERT_EQ(table[c], expected ? 1 : 0) << "seed " << seed << ", combination " << c;
      ASSERT_EQ(flows(topology, c), expected);
      flowing += expected ? 1 : 0;
    }
    combinations += table.size();
  }
  EXPECT_GT(combinations, 20000u);
  EXPECT_GT(flowing, combinations / 10);  // both answers occur often
  EXPECT_LT(flowing, combinations - combinations / 10);
}

/// n nodes in a row, each of which can fail, with skips over one node if requested.
Topology chain(int n, bool skips) {
  std::string text = "topology chain\nsource s 1\nnode last linear:2\n", fails = "fails";
  for (int i = 0; i < n; ++i) {
    text += "node n" + std::to_string(i) + " relu:1\n";
    fails += " n" + std::to_string(i);
  }
  const auto name = [n](int i) {
    return i < 0 ? std::string("s") : i < n ? "n" + std::to_string(i) : "last";
  };
  for (int i = -1; i < n; ++i) text += "link " + name(i) + " -> " + name(i + 1) + "\n";
  for (int i = -1; skips && i + 2 <= n; ++i) text += "link " + name(i) + " -> " + name(i + 2) + " skip\n";
  return parse_topology(text + (n > 0 ? fails : "#") + "\n", "chain");
}

TEST(Flow, ANodeDiesWithAllItsStages) {
  const Topology topology = parse_topology(
      "topology t\nsource s 1\nnode a\nstage a1 on a relu:1\nstage a2 on a relu:1\nnode b relu:1\nnode c "
      "linear:2\n"
      "link s -> a1\nlink a1 -> b\nlink b -> a2\nlink a2 -> c\nlink b -> c\nfails b a\n",
      "t");
  EXPECT_EQ(flow_table(topology), (std::vector<std::uint8_t>{0, 0, 0, 1}));
  EXPECT_EQ(live_stages(topology, 0b01), (std::vector<char>{0, 0, 0, 0}));  // b is alive, but nothing arrives
  EXPECT_EQ(live_stages(topology, 0b10), (std::vector<char>{1, 0, 0, 0}));
}

TEST(Flow, TheLastNodeMayFailToo) {
  const Topology topology =
      parse_topology("topology t\nsource s 1\nnode c linear:2\nlink s -> c\nfails c\n", "t");
  EXPECT_EQ(flow_table(topology), (std::vector<std::uint8_t>{0, 1}));
}

TEST(Flow, OfAChainNeedsEveryNodeAndWithSkipsNoTwoNeighboursFailed) {
  EXPECT_EQ(flow_table(chain(0, false)), std::vector<std::uint8_t>{1});
  for (int n = 1; n <= 14; ++n) {
    std::size_t simple = 0, skipping = 0, fibonacci = 1, before = 1;
    for (const std::uint8_t flow : flow_table(chain(n, false))) simple += flow;
    for (const std::uint8_t flow : flow_table(chain(n, true))) skipping += flow;
    for (int i = 0; i < n; ++i) before = std::exchange(fibonacci, fibonacci + before);
    EXPECT_EQ(simple, 1u);
    EXPECT_EQ(skipping, fibonacci) << n;  // binary words of n bits without two zeros in a row
  }
}

TEST(Flow, OfSixtyTwoNodesIsKnownForOneCombinationButHasNoTable) {
  const Topology topology = chain(62, true);
  EXPECT_TRUE(flows(topology, all_alive(62)));
  EXPECT_TRUE(flows(topology, 0x2aaaaaaaaaaaaaaaULL));
  EXPECT_FALSE(flows(topology, all_alive(60)));
  EXPECT_THROW(flow_table(topology), std::invalid_argument);
}

TEST(Flow, AnExitsVerdictIsNoInput) {
  const Topology topology = parse_topology(
      "topology gates\nsource a 2\nsource b 2\nnode d1 relu:2\nnode d2 relu:2\nnode gateway mean linear:2\n"
      "node cloud concat linear:2\nlink a -> d1\nlink b -> d2\nlink d1 -> gateway\nlink d2 -> gateway\n"
      "link d1 -> cloud\nlink d2 -> cloud\nexit gateway\nexit cloud\nfails d1 d2\n",
      "gates");
  const std::vector<char> live = live_stages(topology, 0b10);
  for (std::size_t s = 0; s < live.size(); ++s) {
    const std::string& name = topology.stages()[s].name;
    EXPECT_EQ(live[s] != 0, name.compare(0, 2, "d1") != 0) << name << ", with d1 dead";
  }
  EXPECT_FALSE(flows(topology, 0));
}

TEST(Flow, OfAMillionCombinationsIsQuick) {
  const Stopwatch watch;
  const auto table = flow_table(chain(20, true));
  std::size_t flowing = 0;
  for (const std::uint8_t flow : table) flowing += flow;
  EXPECT_EQ(flowing, 17711u);
  EXPECT_LT(watch.seconds(), 1.0);  // usually some milliseconds
}

}  // namespace
}  // namespace deepfog
