#include "topology/random_topology.hpp"

#include <gtest/gtest.h>

#include <set>

#include "topology/topology.hpp"

namespace deepfog {
namespace {

TEST(RandomTopology, IsAlwaysValidAndCoversWhatTheLanguageHas) {
  std::set<int> failing;
  std::set<std::size_t> sources;
  bool shared = false, empty_stage = false, linear = false, weighted = false, skip = false, padded = false;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const std::string text = random_topology_text(seed);
    ASSERT_EQ(text, random_topology_text(seed));
    const Topology topology = parse_topology(text, "seed " + std::to_string(seed));
    failing.insert(topology.failing());
    sources.insert(topology.sources().size());
    shared = shared || topology.stages().size() > topology.nodes().size();
    for (const Stage& stage : topology.stages()) empty_stage = empty_stage || stage.layers.empty();
    for (const Hyperconnection& link : topology.hyperconnections()) {
      linear = linear || link.expansion == Expansion::linear;
      weighted = weighted || link.weight != 1.0;
      skip = skip || link.skip;
      padded = padded ||
               link.width <
                   topology.stages()[static_cast<std::size_t>(topology.stage_of(link.to))].expansion_width;
    }
  }
  EXPECT_EQ(failing.size(), 11u);
  EXPECT_EQ(sources, (std::set<std::size_t>{1, 2, 3}));
  EXPECT_TRUE(shared && empty_stage && linear && weighted && skip && padded);
}

TEST(RandomTopology, KeepsToItsOptions) {
  RandomTopologyOptions plain;
  plain.most_failing = 2;
  plain.classes = 5;
  plain.shared_nodes = plain.linear_expansion = plain.weights = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed, plain), "random");
    ASSERT_LE(topology.failing(), 2);
    ASSERT_EQ(topology.classes(), 5);
    ASSERT_EQ(topology.stages().size(), topology.nodes().size());
    for (const Hyperconnection& link : topology.hyperconnections()) {
      ASSERT_TRUE(link.weight == 1.0 && link.expansion == Expansion::pad);
    }
  }
}

}  // namespace
}  // namespace deepfog
