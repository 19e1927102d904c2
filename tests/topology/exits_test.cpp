#include "topology/exits.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "topology/stage_cost.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

const std::vector<std::string> kGood = {"topology small",                     // 1
                                        "let F 2",                            // 2
                                        "let LOCAL max",                      // 3
                                        "source a 1x4x6",                     // 4
                                        "source b 1x4x6 channels-last",       // 5
                                        "node d1 binary-conv:$F",             // 6
                                        "stage s1 on d1 binary-linear:3",     // 7
                                        "node d2 binary-conv:$F",             // 8
                                        "stage s2 on d2 binary-linear:3",     // 9
                                        "node gateway",                       // 10
                                        "stage local on gateway $LOCAL",      // 11
                                        "node cloud concat conv:5 linear:3",  // 12
                                        "link a -> d1",                       // 13
                                        "link b -> d2",                       // 14
                                        "link d1 -> s1",                      // 15
                                        "link d2 -> s2",                      // 16
                                        "link s1 -> local",                   // 17
                                        "link s2 -> local",                   // 18
                                        "link d1 -> cloud",                   // 19
                                        "link d2 -> cloud",                   // 20
                                        "exit local threshold=0.5 loss=2",    // 21
                                        "exit cloud",                         // 22
                                        "summary s1 loss=0",                  // 23
                                        "fails d1 d2"};                       // 24

std::string with(const std::map<std::size_t, std::string>& changes) {
  std::string text;
  for (std::size_t line = 1; line <= kGood.size() + 2; ++line) {
    const auto change = changes.find(line);
    text += (change != changes.end() ? change->second : line <= kGood.size() ? kGood[line - 1] : "") + "\n";
  }
  return text;
}

const Stage& stage(const Topology& topology, const std::string& name) {
  for (const Stage& one : topology.stages()) {
    if (one.name == name) return one;
  }
  throw Failure("no stage " + name);
}

/// The inputs of a stage, e.g. "d1 local!", where ! marks a verdict.
std::string inputs(const Topology& topology, const std::string& name) {
  std::string text;
  for (const int link : stage(topology, name).incoming) {
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(link)];
    text += (text.empty() ? "" : " ") + topology.vertex_name(h.from) + (h.verdict ? "!" : "");
  }
  return text;
}

TEST(Exits, GatesStandWhereRowsMayHaveLeft) {
  const Topology topology = parse_topology(with({}), "t");
  EXPECT_EQ(inputs(topology, "local"), "s1 s2");
  EXPECT_EQ(inputs(topology, "d1@local"), "d1 local!");
  EXPECT_EQ(inputs(topology, "cloud"), "d1@local d2@local");
  EXPECT_EQ(inputs(topology, "answers@cloud"), "local cloud");
  EXPECT_EQ(topology.stages().back().name, "answers@cloud");
  EXPECT_EQ(topology.nodes()[static_cast<std::size_t>(stage(topology, "d2@local").node)].name, "d2");
  EXPECT_FALSE(stage(topology, "s1").partial);
  EXPECT_TRUE(stage(topology, "cloud").partial);
  EXPECT_FALSE(topology.is_dense());
}

TEST(Exits, SizesAndShapes) {
  const Topology topology = parse_topology(with({}), "t");
  EXPECT_EQ(topology.sources()[0].width, 24);
  EXPECT_TRUE(topology.sources()[1].channels_last);
  EXPECT_EQ(stage(topology, "d1").output_shape, (Shape{2, 2, 3}));
  EXPECT_TRUE(stage(topology, "d1@local").binary);
  EXPECT_EQ(stage(topology, "cloud").expansion_shape, (Shape{4, 2, 3}));
  EXPECT_EQ(stage(topology, "s1").output_width, 3);
  EXPECT_EQ(stage(topology, "local").output_width, 4) << "scores and a verdict";
  EXPECT_EQ(topology.classes(), 3);
  ASSERT_EQ(topology.exits().size(), 2U);
  EXPECT_EQ(topology.heads().size(), 3U);
  EXPECT_EQ(stage(topology, "local").exit->threshold, 0.5);
  EXPECT_EQ(stage(topology, "local").exit->loss_weight, 2);
  EXPECT_EQ(stage(topology, "s1").exit->loss_weight, 0);
  EXPECT_FALSE(stage(topology, "s2").exit);
}

TEST(Exits, CostsOfStagesAndLinks) {
  const Topology topology = parse_topology(with({}), "t");
  EXPECT_EQ(cost_of(topology, stage(topology, "d1")).parameters, 9 * 2 + 2 * 2);
  EXPECT_EQ(cost_of(topology, stage(topology, "d1")).kept, 4);
  EXPECT_EQ(cost_of(topology, stage(topology, "d1")).multiply_adds, 9 * 2 * 24);
  EXPECT_EQ(cost_of(topology, stage(topology, "s1")).parameters, 12 * 3 + 2 * 3);
  std::map<std::string, std::string> seen;
  for (const LinkCost& cost : link_costs(topology)) {
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(cost.link)];
    seen[topology.vertex_name(h.from) + "->" + topology.vertex_name(h.to)] =
        cost.kind + " " + std::to_string(cost.bits) + " " + std::to_string(cost.exits_passed);
  }
  const std::map<std::string, std::string> expected = {{"s1->local", "data 96 0"},
                                                       {"s2->local", "data 96 0"},
                                                       {"d1@local->cloud", "data 12 1"},
                                                       {"d2@local->cloud", "data 12 1"},
                                                       {"local->d1@local", "verdict 1 0"},
                                                       {"local->d2@local", "verdict 1 0"},
                                                       {"local->answers@cloud", "answer 128 0"}};
  EXPECT_EQ(seen, expected);
}

TEST(Exits, ASensorReadBehindAnExitHasAGateAtItsReader) {
  const Topology topology =
      parse_topology(with({{25, "link a -> cloud"}, {12, "node cloud concat linear:3"}}), "t");
  EXPECT_EQ(inputs(topology, "a@cloud@local"), "a local!");
  EXPECT_EQ(inputs(topology, "cloud"), "d1@local d2@local a@cloud@local");
}

TEST(Exits, WordsOfLetsAreReplaced) {
  const std::string changed = with_values(with({}), {{"F", "7"}, {"LOCAL", "concat linear:3"}}, "t");
  const Topology topology = parse_topology(changed, "t");
  EXPECT_EQ(stage(topology, "d1").output_shape[0], 7);
  EXPECT_EQ(stage(topology, "local").expansion_width, 6);
  EXPECT_EQ(topology.text(), changed) << "stands alone, with the words that were put in";
  EXPECT_THROW(with_values(with({}), {{"G", "7"}}, "t"), UserError);
}

TEST(Exits, BadFiles) {
  struct Row {
    std::map<std::size_t, std::string> changes;
    std::string message;
  };
  const std::vector<Row> rows = {
      {{{2, "let F"}}, "t:2: malformed let"},
      {{{3, "let F 3"}}, "t:3: let \"F\" given twice"},
      {{{6, "node d1 binary-conv:$G"}}, "t:6: no let \"G\""},
      {{{2, "let F 2 3"}}, "t:6: "},
      {{{4, "source a 1x4"}}, "t:4: source shape \"1x4\""},
      {{{4, "source a 1x4x0"}}, "t:4: source shape"},
      {{{4, "source a 24"}}, "t:6: stage \"d1\" has a convolution of what is no image"},
      {{{4, "source a 1x4x6 last"}}, "t:4: malformed source"},
      {{{11, "stage local on gateway maxx"}}, "t:11: unknown aggregation \"maxx\""},
      {{{9, "stage s2 on d2 binary-linear:4"}}, "t:11: stage \"local\" is given vectors of several widths"},
      {{{12, "node cloud concat conv:5"}}, "t:22: \"cloud\" does not end in a linear layer"},
      {{{12, "node cloud concat linear:4"}}, "t:21: \"local\" gives 3 classes"},
      {{{17, "link s1 -> local weight=2"}}, "t:11: stage \"local\" does not add"},
      {{{21, "exit lokal"}}, "t:21: no stage \"lokal\", did you mean \"local\"?"},
      {{{21, "exit local threshold=1.5"}}, "t:21: threshold \"1.5\""},
      {{{21, "exit local treshold=1"}}, "did you mean \"threshold\"?"},
      {{{21, "exit local loss=1 loss=1"}}, "t:21: exit option loss given twice"},
      {{{23, "summary s1 threshold=0.5"}}, "t:23: unknown summary option"},
      {{{23, "exit cloud"}}, "t:23: \"cloud\" given twice"},
      {{{21, ""}, {22, ""}}, "t:23: a summary, but no exit"},
      {{{25, "link local -> cloud"}}, "t:25: link local -> cloud begins at an exit"},
      {{{22, ""}}, "t:12: stage \"cloud\" leads to no exit"},
      {{{24, "fails d1 answers@cloud"}}, "t:24: no node"},
  };
  for (const Row& row : rows) {
    try {
      parse_topology(with(row.changes), "t");
      ADD_FAILURE() << "accepted, expected: " << row.message;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(row.message), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace deepfog
