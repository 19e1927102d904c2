#include "resilience/diagram.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <numeric>
#include <stdexcept>
#include <string>

#include "brute_force.hpp"
#include "core/deadline.hpp"
#include "networks.hpp"
#include "resilience/flow.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

std::int64_t count_of(const Topology& topology, const Diagram& diagram, const std::string& stage) {
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    if (topology.stages()[s].name == stage) return diagram.stages()[s].count;
  }
  return -1;
}

TEST(Diagram, OfTheCameraNeeds218EvaluationsAndItsVanilla57) {
  const Topology camera = shipped("camera-deepfogguard");
  const Diagram diagram(camera);
  EXPECT_EQ(diagram.evaluations(), 218);
  for (const char* edge : {"e1", "e2", "e3", "e4", "f3"})
    EXPECT_EQ(count_of(camera, diagram, edge), 1) << edge;
  EXPECT_EQ(count_of(camera, diagram, "f4"), 7);
  EXPECT_EQ(count_of(camera, diagram, "f2"), 44);
  EXPECT_EQ(count_of(camera, diagram, "f1"), 59);
  EXPECT_EQ(count_of(camera, diagram, "cloud"), 103);
  EXPECT_EQ(diagram.last_classes(), 103);
  EXPECT_EQ(Diagram(shipped("camera-vanilla")).evaluations(), 57);
}

/// The class that a map gives a combination, by following its steps.
std::int32_t walk(const DiagramMap& map, Combination combination) {
  std::int64_t state = 0, first = 0;
  for (std::size_t step = 0; step < map.position.size(); ++step) {
    const auto at = static_cast<std::size_t>(first + state);
    first += map.states[step];
    state = alive(combination, map.position[step]) ? map.alive[at] : map.failed[at];
  }
  return map.class_of_state[static_cast<std::size_t>(state)];
}

TEST(Diagram, ItsMapLeadsEveryCombinationToItsClass) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const Diagram diagram(topology);
    const DiagramMap map = diagram.map();
    const std::vector<std::int32_t> classes = diagram.class_of_combination();
    for (Combination b = 0; b < classes.size(); ++b) ASSERT_EQ(walk(map, b), classes[b]) << seed << " " << b;
    for (std::size_t i = 0; i < map.failed.size(); ++i) {
      EXPECT_LT(map.failed[i], diagram.states());
      EXPECT_LT(map.alive[i], diagram.states());
    }
  }
}

/// Stage by stage, the tuples of the diagram are those of the definition, each once, and refer to earlier
/// classes.
void expect_same_classes(const Topology& topology, const Diagram& diagram, const BruteForce& brute) {
  ASSERT_EQ(diagram.stages().size(), topology.stages().size());
  for (std::size_t s = 0; s < brute.classes.size(); ++s) {
    const Stage& stage = topology.stages()[s];
    const StageClasses& classes = diagram.stages()[s];
    ASSERT_EQ(classes.count, static_cast<std::int64_t>(brute.classes[s].size())) << stage.name;
    ASSERT_EQ(classes.inputs.size(), brute.classes[s].size() * stage.incoming.size());
    for (std::size_t i = 0; i < classes.inputs.size(); ++i) {
      const auto& link =
          topology.hyperconnections()[static_cast<std::size_t>(stage.incoming[i % stage.incoming.size()])];
      const std::int64_t most =
          topology.is_source(link.from)
              ? 1
              : diagram.stages()[static_cast<std::size_t>(topology.stage_of(link.from))].count;
      ASSERT_GE(classes.inputs[i], 0);
      ASSERT_LE(classes.inputs[i], most);
    }
  }
}

TEST(Diagram, TellsApartWhatTheTupleRecursionTellsApartOn200RandomTopologies) {
  int shared = 0;
  for (std::uint64_t seed = 2000; seed < 2200; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    shared += topology.stages().size() > topology.nodes().size() ? 1 : 0;
    const BruteForce brute = brute_force(topology);
    const Diagram diagram(topology);
    const auto table = diagram.class_of_combination();
    ASSERT_TRUE(same_partition(table, brute.class_of)) << "seed " << seed;
    const auto flow = flow_table(topology);
    std::vector<double> sizes(static_cast<std::size_t>(diagram.last_classes()) + 1, 0.0);
    for (Combination c = 0; c < table.size(); ++c) {
      ASSERT_EQ(table[c] != 0, flow[c] != 0) << "seed " << seed;
      ASSERT_EQ(diagram.class_of(c), table[c]) << "seed " << seed;
      sizes[static_cast<std::size_t>(table[c])] += 1;
    }
    ASSERT_EQ(diagram.class_sizes(), sizes) << "seed " << seed;
    expect_same_classes(topology, diagram, brute);
  }
  EXPECT_GT(shared, 50);  // nodes with several stages are among them
}

TEST(Diagram, EveryShippedNetworkUpToTwelveNodes) {
  for (const char* name : {"camera-deepfogguard", "camera-deepfogguard-skip-two", "camera-vanilla",
                           "health-deepfogguard", "health-vanilla", "three-nodes", "chain-with-skips-12"}) {
    const Topology topology = shipped(name);
    const Diagram diagram(topology);
    const BruteForce brute = brute_force(topology);
    EXPECT_TRUE(same_partition(diagram.class_of_combination(), brute.class_of)) << name;
    expect_same_classes(topology, diagram, brute);
  }
}

TEST(Diagram, ClassProbabilitiesAreEquationTwoOverTheirMembers) {
  RandomStream stream(31);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomTopologyOptions options;
    options.most_failing = seed < 50 ? 12 : 20;
    const Topology topology = parse_topology(random_topology_text(3000 + seed, options), "random");
    const Diagram diagram(topology);
    const Reliability reliability = random_reliability(stream, topology.failing());
    const auto of_class = diagram.class_probabilities(reliability);
    ASSERT_EQ(of_class.size(), static_cast<std::size_t>(diagram.last_classes()) + 1);
    std::vector<double> expected(of_class.size(), 0.0);
    const auto table = diagram.class_of_combination();
    const auto of_combination = probabilities(reliability);
    for (Combination c = 0; c < table.size(); ++c)
      expected[static_cast<std::size_t>(table[c])] += of_combination[c];
    for (std::size_t k = 0; k < expected.size(); ++k) ASSERT_NEAR(of_class[k], expected[k], 1e-12) << seed;
    ASSERT_NEAR(std::accumulate(of_class.begin(), of_class.end(), 0.0), 1.0, 1e-12);
  }
}

TEST(Diagram, OfTwentyNodesStillSumsToOne) {
  RandomStream stream(7);
  const Topology topology = shipped("chain-with-skips-20");
  const Diagram diagram(topology);
  const Reliability reliability = random_reliability(stream, 20);
  const auto of_class = diagram.class_probabilities(reliability);
  std::vector<double> expected(of_class.size(), 0.0);
  const auto table = diagram.class_of_combination();
  const auto of_combination = probabilities(reliability);
  for (Combination c = 0; c < table.size(); ++c)
    expected[static_cast<std::size_t>(table[c])] += of_combination[c];
  for (std::size_t k = 0; k < expected.size(); ++k) ASSERT_NEAR(of_class[k], expected[k], 1e-13);
  EXPECT_NEAR(std::accumulate(of_class.begin(), of_class.end(), 0.0), 1.0, 1e-12);
}

TEST(Diagram, WithNothingThatCanFailHasOneClassAStage) {
  const Topology topology = parse_topology(
      "topology t\nsource s 1\nnode a relu:2\nnode b linear:2\nlink s -> a\nlink a -> b\n", "t");
  const Diagram diagram(topology);
  EXPECT_EQ(diagram.evaluations(), 2);
  EXPECT_EQ(diagram.class_of_combination(), std::vector<std::int32_t>{1});
  EXPECT_EQ(diagram.class_probabilities({}), (std::vector<double>{0, 1}));
  EXPECT_THROW(diagram.class_probabilities({.5}), std::invalid_argument);
}

TEST(Diagram, OfTheChainOf24IsBuiltAndSpreadInSeconds) {
  const Stopwatch watch;
  const Topology topology = shipped("chain-with-skips-24");
  const Diagram diagram(topology);
  EXPECT_EQ(diagram.evaluations(), 317809);  // F(28) - 2: each node has as many classes as the two before it
                                             // together
  EXPECT_LT(watch.seconds(), 2.0);           // usually some hundredths of a second
  const auto table = diagram.class_of_combination();
  ASSERT_EQ(table.size(), std::size_t{1} << 24);
  const auto flow = flow_table(topology);
  std::vector<double> sizes(static_cast<std::size_t>(diagram.last_classes()) + 1, 0.0);
  for (std::size_t c = 0; c < table.size(); ++c) {
    ASSERT_EQ(table[c] != 0, flow[c] != 0) << c;
    sizes[static_cast<std::size_t>(table[c])] += 1;
  }
  EXPECT_EQ(diagram.class_sizes(), sizes);
  EXPECT_LT(watch.seconds(), 10.0);  // usually about one second
}

TEST(Diagram, OfFlowAloneKnowsTheMassThatDoesNotFlow) {
  RandomStream stream(13);
  for (std::uint64_t seed = 4000; seed < 4200; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const Diagram flow(topology, {}, DiagramDetail::flow);
    const auto table = flow_table(topology);
    ASSERT_EQ(flow.class_of_combination(), std::vector<std::int32_t>(table.begin(), table.end())) << seed;
    const Reliability reliability = random_reliability(stream, topology.failing());
    std::vector<double> blocked;
    for (const std::uint8_t flows : table) blocked.push_back(flows != 0 ? 0.0 : 1.0);
    const auto mass = flow.class_probabilities(reliability);
    ASSERT_EQ(mass.size(), 2u);
    ASSERT_NEAR(mass[0], average(blocked, reliability), 1e-13) << seed;
  }
}

TEST(Diagram, OfFlowAloneFitsATreeOf64Nodes) {
  const Topology topology = shipped("tree64");
  const Diagram flow(topology, {}, DiagramDetail::flow);
  EXPECT_LT(flow.states(), 10000);
  // A node emits if it is alive and a child emits: the recursion over independent subtrees.
  std::vector<double> emits(130, 0.0);
  for (int i = 64; i >= 1; --i) {
    const bool leaf = 2 * i > 64;
    const double some = leaf ? 1.0 : 1 - (1 - emits[2 * i]) * (1 - emits[2 * i + 1]);
    emits[i] = (i == 1 ? 1.0 : 0.7) * some;
  }
  EXPECT_NEAR(flow.class_probabilities(Reliability(63, 0.7))[0], 1 - emits[1], 1e-12);
}

std::string refusal(const Topology& topology, const DiagramLimits& limits) {
  try {
    const Diagram diagram(topology, limits);
  } catch (const DiagramTooLarge& error) {
    return error.what();
  }
  return "built";
}

TEST(Diagram, PastALimitSaysWhichAndWhatToDoInstead) {
  const Topology camera = shipped("camera-deepfogguard");
  const std::string next = " (next best: bounds over the most probable combinations)";
  EXPECT_EQ(refusal(camera, {217, 1000000, 1 << 30}),
            "camera-deepfogguard: the failure diagram passes 217 classes at stage cloud" + next);
  EXPECT_EQ(refusal(camera, {218, 1000000, 1 << 30}), "built");
  const std::int64_t states = Diagram(camera).states();
  EXPECT_EQ(refusal(camera, {218, states, 1 << 30}), "built");
  EXPECT_EQ(refusal(camera, {218, states - 1, 1 << 30}), "camera-deepfogguard: the failure diagram passes " +
                                                             std::to_string(states - 1) +
                                                             " states at stage cloud" + next);
  EXPECT_EQ(refusal(shipped("chain-with-skips-24"), {1000000, 10000000, 1 << 20})
                .find("chain-with-skips-24: the failure diagram passes 1 MB at stage n"),
            0u);
}

TEST(Diagram, TooLargeIsSaidQuicklyAndWithinTheMemory) {
  const Topology topology = shipped("tree64");
  const std::clock_t start = std::clock();
  EXPECT_EQ(refusal(topology, {}).find("tree64: the failure diagram passes "), 0u);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 15.0);  // usually about two seconds
  rusage usage{};
  ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  EXPECT_LT(usage.ru_maxrss, 2 * 1024 * 1024) << "KB";  // usually a third of a GB
}

}  // namespace
}  // namespace deepfog
