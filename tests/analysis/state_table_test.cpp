#include "analysis/state_table.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "analysis/summary.hpp"
#include "core/error.hpp"
#include "resilience/diagram.hpp"
#include "resilience/flow.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

using test::message_of;

const char kText[] =
    "topology t\nsource s 4\nnode a relu:4\nnode b relu:4\nnode c relu:4\nnode d linear:3\n"
    "link s -> a\nlink a -> b\nlink b -> c\nlink c -> d\nlink a -> c skip\nlink b -> d skip\nfails c a b\n";

struct Case {
  ExperimentResults experiment;
  ModelResults model;
};

/// Two runs, of which the first is unfinished, with an invented accuracy per class.
Case with_classes() {
  const Topology topology = parse_topology(kText, "t");
  const Diagram diagram(topology, {});
  const DiagramMap map = diagram.map();
  Case one;
  one.experiment.name = "e";
  one.experiment.nodes = topology.failing_names();
  one.model.name = "m";
  one.model.text["table"] = "classes";
  one.model.done = {0, 1};
  one.model.diagram = {map.position, map.states, map.failed, map.alive, map.class_of_state};
  const auto classes = static_cast<std::size_t>(diagram.last_classes()) + 1;
  for (std::size_t run = 0; run < 2; ++run) {
    for (std::size_t c = 0; c < classes; ++c)
      one.model.class_accuracy.push_back(0.1 * static_cast<double>(run + c));
  }
  return one;
}

TEST(StateTable, ClassesAreUnfolded) {
  const Case one = with_classes();
  const Topology topology = parse_topology(kText, "t");
  const Diagram diagram(topology, {});
  const StateTable table = state_table(one.experiment, one.model);
  ASSERT_EQ(table.runs.size(), 1U);
  ASSERT_EQ(table.runs[0].size(), 8U);
  for (Combination combination = 0; combination < 8; ++combination) {
    EXPECT_DOUBLE_EQ(table.runs[0][combination],
                     0.1 * static_cast<double>(1 + diagram.class_of(combination)));
    EXPECT_EQ(table.flow[combination] != 0, flows(topology, combination)) << combination;
  }
}

TEST(StateTable, CombinationsAreTakenAsTheyAre) {
  Case one = with_classes();
  one.model.text.erase("table");
  one.model.accuracy.assign(16, 0.5);
  one.model.accuracy[8] = 0.25;
  one.model.flow.assign(8, 1);
  const StateTable table = state_table(one.experiment, one.model);
  ASSERT_EQ(table.runs.size(), 1U);
  EXPECT_EQ(table.runs[0][0], 0.25);
  EXPECT_EQ(table.flow, one.model.flow);
}

TEST(StateTable, WhatCannotBeUnfoldedIsRefused) {
  Case one = with_classes();
  EXPECT_NE(message_of<UserError>([&] {
              state_table(one.experiment, one.model, 2);
            }).find("3 nodes can fail (at most 2)"),
            std::string::npos);
  one.model.text["table"] = "bounds";
  EXPECT_NE(message_of<UserError>([&] { state_table(one.experiment, one.model); }).find("keeps bounds"),
            std::string::npos);
  for (const auto& damage : std::vector<std::function<void(ModelResults&)>>{
           [](ModelResults& m) { m.diagram.states.pop_back(); },
           [](ModelResults& m) { m.diagram.position[0] = 7; },
           [](ModelResults& m) {
             m.diagram.failed.pop_back();
             m.diagram.alive.pop_back();
           },
           [](ModelResults& m) { m.diagram.alive[0] = 1000; },
           [](ModelResults& m) { m.diagram.failed[0] = -1; },
           [](ModelResults& m) { m.diagram.class_of_state.assign(m.diagram.class_of_state.size(), 1000); }}) {
    Case bad = with_classes();
    damage(bad.model);
    EXPECT_NE(
        message_of<UserError>([&] { state_table(bad.experiment, bad.model); }).find("does not hold together"),
        std::string::npos);
  }
}

TEST(Summary, PutTheFiguresOfTheRunsTogether) {
  StateTable table;
  table.runs = {{0.2, 0.5, 0.4, 0.9}, {0.2, 0.6, 0.4, 1.0}};
  table.flow = {0, 1, 1, 1};
  Query query;
  query.reliability = {0.9, 0.8};
  query.threshold = 0.55;
  const Summary summary = summarise(table, query);
  const auto average = [](double a, double b, double c, double d) {
    return 0.02 * a + 0.18 * b + 0.08 * c + 0.72 * d;
  };
  const double first = average(0.2, 0.5, 0.4, 0.9), second = average(0.2, 0.6, 0.4, 1.0);
  EXPECT_NEAR(summary.average.mean, (first + second) / 2, 1e-12);
  EXPECT_NEAR(summary.average.ci95, 12.7062 * (second - first) / 2, 1e-4);
  EXPECT_NEAR(summary.good_enough.mean, (0.72 + 0.9) / 2, 1e-12);
  EXPECT_NEAR(summary.nothing_flows, 0.02, 1e-12);
  EXPECT_EQ(summary.cut_sets, std::vector<Combination>{0b11});
  EXPECT_NEAR(summary.by_failures.at(0).mean, 0.95, 1e-12);
  EXPECT_NEAR(summary.shapley[0].mean + summary.shapley[1].mean, 0.95 - summary.average.mean, 1e-12);
  EXPECT_NEAR(summary.birnbaum[0].mean, 0.8 * (0.95 - 0.4) + 0.2 * (0.55 - 0.2), 1e-12);
  table.runs.clear();
  EXPECT_THROW(summarise(table, query), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
