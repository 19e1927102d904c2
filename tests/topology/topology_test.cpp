#include "topology/topology.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

std::vector<std::string> stage_names(const Topology& topology) {
  std::vector<std::string> names;
  for (const Stage& stage : topology.stages()) names.push_back(stage.name);
  return names;
}

std::string link_name(const Topology& topology, int index) {
  const Hyperconnection& link = topology.hyperconnections()[static_cast<std::size_t>(index)];
  return topology.vertex_name(link.from) + "->" + topology.vertex_name(link.to);
}

const char kShuffled[] =
    "link c -> d   # used before it is declared\n"
    "node d relu:7 linear:2\n"
    "node c relu:5*2 linear:6\n"
    "fails c a\n"
    "\n"
    "link s->a skip weight=-0.25 expand=linear\n"
    "node b relu:3\n"
    "\tnode a relu:4\r\n"
    "source s 9\n"
    "source u 2\n"
    "topology shuffled # a comment\n"
    "link a -> c\n"
    "link u -> b\n"
    "link b -> c\n"
    "link a -> d\n";

TEST(Topology, PutsStagesInTopologicalOrderThatFollowsTheFile) {
  const Topology topology = parse_topology(kShuffled, "t");
  EXPECT_EQ(topology.name(), "shuffled");
  EXPECT_EQ(stage_names(topology), (std::vector<std::string>{"b", "a", "c", "d"}));
  EXPECT_EQ(topology.vertices(), 6);
  EXPECT_EQ(topology.vertex_name(0), "s");
  EXPECT_EQ(topology.vertex_name(1), "u");
  EXPECT_EQ(topology.vertex_name(2), "b");
  EXPECT_EQ(topology.vertex_name(5), "d");
  EXPECT_THROW(topology.vertex_name(6), std::out_of_range);
  EXPECT_TRUE(topology.is_source(1));
  EXPECT_FALSE(topology.is_source(2));
  EXPECT_EQ(topology.stage_of(2), 0);
  EXPECT_EQ(topology.vertex_of(3), 5);
  EXPECT_EQ(topology.last_stage(), 3);
  EXPECT_EQ(topology.classes(), 2);
}

TEST(Topology, KeepsLinksInFileOrderWithTheirOptions) {
  const Topology topology = parse_topology(kShuffled, "t");
  std::vector<std::string> links;
  for (int i = 0; i < 6; ++i) links.push_back(link_name(topology, i));
  EXPECT_EQ(links, (std::vector<std::string>{"c->d", "s->a", "a->c", "u->b", "b->c", "a->d"}));
  const Hyperconnection& special = topology.hyperconnections()[1];
  EXPECT_TRUE(special.skip);
  EXPECT_EQ(special.weight, -0.25);
  EXPECT_EQ(special.expansion, Expansion::linear);
  EXPECT_EQ(special.width, 9);
  const Hyperconnection& plain = topology.hyperconnections()[5];
  EXPECT_FALSE(plain.skip);
  EXPECT_EQ(plain.weight, 1.0);
  EXPECT_EQ(plain.expansion, Expansion::pad);
  EXPECT_EQ(topology.stages()[3].incoming, (std::vector<int>{0, 5}));
  EXPECT_EQ(topology.stages()[1].outgoing, (std::vector<int>{2, 5}));
}

TEST(Topology, KnowsEveryWidth) {
  const Topology topology = parse_topology(kShuffled, "t");
  const Stage& c = topology.stages()[2];
  ASSERT_EQ(c.layers.size(), 3u);
  EXPECT_EQ(c.layers[1].width, 5);
  EXPECT_EQ(c.layers[1].kind, LayerKind::relu);
  EXPECT_EQ(c.layers[2].kind, LayerKind::linear);
  EXPECT_EQ(c.expansion_width, 4);  // a: 4, b: 3
  EXPECT_EQ(c.output_width, 6);
  EXPECT_EQ(topology.stages()[3].expansion_width, 6);
}

TEST(Topology, AnExpandedLinkTakesTheWidthOfThePaddedOnes) {
  const std::string text =
      "topology t\nsource wide 9\nsource thin 2\nnode n linear:2\nlink wide -> n expand=linear\nlink thin -> "
      "n";
  EXPECT_EQ(parse_topology(text + "\n", "t").stages()[0].expansion_width, 2);
  EXPECT_EQ(parse_topology(text + " expand=linear\n", "t").stages()[0].expansion_width,
            9);  // none is padded: the widest
}

TEST(Topology, NumbersTheFailingNodesInTheOrderOfTheFailsLine) {
  const Topology topology = parse_topology(kShuffled, "t");
  EXPECT_EQ(topology.failing(), 2);
  EXPECT_EQ(topology.failing_names(), (std::vector<std::string>{"c", "a"}));
  ASSERT_EQ(topology.nodes().size(), 4u);  // file order: d c b a
  EXPECT_EQ(topology.nodes()[0].position, -1);
  EXPECT_EQ(topology.nodes()[1].position, 0);
  EXPECT_FALSE(topology.nodes()[2].can_fail());
  EXPECT_EQ(topology.nodes()[3].name, "a");
  EXPECT_EQ(topology.nodes()[3].position, 1);
}

TEST(Topology, NothingFailsWithoutAFailsLine) {
  EXPECT_EQ(parse_topology("topology t\nsource s 2\nnode n linear:2\nlink s -> n\n", "t").failing(), 0);
}

TEST(Topology, TakesSixtyFourFailingNodes) {
  std::string text = "topology t\nsource s 2\nnode last linear:2\n", fails = "fails";
  for (int i = 0; i < 64; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += "node " + name + " relu:2\nlink s -> " + name + "\nlink " + name + " -> last\n";
    fails += " " + name;
  }
  const Topology topology = parse_topology(text + fails + "\n", "t");
  EXPECT_EQ(topology.failing(), 64);
  EXPECT_EQ(topology.nodes().back().position, 63);
}

TEST(Topology, ANodeHostsSeveralStages) {
  const Topology topology = parse_topology(
      "topology t\nsource s 4\nnode left\nnode right relu:3\nstage a on left relu:2\nstage b on left\n"
      "stage right-b on right linear:2\n"
      "link s -> a\nlink a -> right\nlink right -> b\nlink a -> b\nlink b -> right-b\nfails left\n",
      "t");
  EXPECT_EQ(stage_names(topology), (std::vector<std::string>{"a", "right", "b", "right-b"}));
  EXPECT_EQ(topology.nodes().size(), 2u);
  EXPECT_EQ(topology.stages()[0].node, 0);
  EXPECT_EQ(topology.stages()[1].node, 1);
  EXPECT_EQ(topology.stages()[2].node, 0);
  EXPECT_TRUE(topology.stages()[2].layers.empty());  // passes its sum on
  EXPECT_EQ(topology.stages()[2].output_width, 3);
}

TEST(Topology, HoldsTogetherForRandomFiles) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const auto& links = topology.hyperconnections();
    std::size_t arriving = 0;
    for (std::size_t i = 0; i < topology.stages().size(); ++i) {
      const Stage& stage = topology.stages()[i];
      ASSERT_FALSE(stage.incoming.empty());
      ASSERT_EQ(stage.outgoing.empty(), i + 1 == topology.stages().size());
      arriving += stage.incoming.size();
      for (const int index : stage.incoming) {
        const Hyperconnection& link = links[static_cast<std::size_t>(index)];
        ASSERT_EQ(topology.stage_of(link.to), static_cast<int>(i));
        ASSERT_LT(link.from, link.to);  // topological order
        ASSERT_GT(link.width, 0);
        ASSERT_TRUE(link.expansion == Expansion::linear || link.width <= stage.expansion_width);
      }
      ASSERT_EQ(stage.output_width, stage.layers.empty() ? stage.expansion_width : stage.layers.back().width);
    }
    ASSERT_EQ(arriving, links.size());
  }
}

/// If these were dense layers, every link between stages would have 400 million parameters or more.
TEST(Topology, OfACutNetworkHasTheWidthsOfItsTextAndNoParameters) {
  const std::string text =
      "topology t\nsource image 20000\nnode d1\nnode d2\nnode host gather:10\n"
      "stage in1 on d1 gather:20000\nstage in2 on d2 gather:20000\n"
      "stage p1 on d1 part:3211264\nstage p2 on d2 product:20000\n"
      "stage n1 on d1 decode:20000\nstage q1 on d1 part:4\nstage q2 on d2 part:6\n"
      "link image -> in1\nlink image -> in2\nlink in1 -> p1\nlink in2 -> p2\nlink p1 -> n1\nlink p2 -> n1\n"
      "link n1 -> q1\nlink p2 -> q2\nlink q1 -> host\nlink q2 -> host\nfails d1 d2\n";
  const Topology topology = parse_topology(text, "t");
  EXPECT_TRUE(topology.is_cut());
  EXPECT_EQ(topology.classes(), 10);
  const auto kind_and_width = [&](const std::string& name) {
    for (const Stage& stage : topology.stages()) {
      if (stage.name == name) return std::make_pair(stage.layers.at(0).kind, stage.output_width);
    }
    return std::make_pair(LayerKind::relu, std::int64_t{0});
  };
  EXPECT_EQ(kind_and_width("in2"), std::make_pair(LayerKind::gather, std::int64_t{20000}));
  EXPECT_EQ(kind_and_width("p1"), std::make_pair(LayerKind::part, std::int64_t{3211264}));
  EXPECT_EQ(kind_and_width("p2"), std::make_pair(LayerKind::product, std::int64_t{20000}));
  EXPECT_EQ(kind_and_width("n1"), std::make_pair(LayerKind::decode, std::int64_t{20000}));
  EXPECT_EQ(topology.hyperconnections()[4].width, 3211264);
  try {
    refuse_cut(topology, "x.topology");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "x.topology: a cut network (use deepfog infer)");
  }
}

TEST(Topology, OfDenseLayersIsNotCut) {
  const Topology topology = parse_topology(kShuffled, "t");
  EXPECT_FALSE(topology.is_cut());
  EXPECT_NO_THROW(refuse_cut(topology, "t"));
}

}  // namespace
}  // namespace deepfog
