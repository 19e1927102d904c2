#include "resilience/partial_diagram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "brute_force.hpp"
#include "networks.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

std::vector<Combination> shuffled(RandomStream& stream, int n) {
  std::vector<Combination> order;
  for (const auto c : stream.permutation(std::int64_t{1} << n)) order.push_back(static_cast<Combination>(c));
  return order;
}

bool begins_with(const std::vector<std::int32_t>& longer, const std::vector<std::int32_t>& shorter) {
  return longer.size() >= shorter.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

TEST(PartialDiagram, OfAllCombinationsInAnyOrderIsTheDiagram) {
  RandomStream stream(17);
  for (std::uint64_t seed = 5000; seed < 5200; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const BruteForce brute = brute_force(topology);
    PartialDiagram partial(topology);
    std::vector<std::int32_t> table(brute.class_of.size());
    for (const Combination c : shuffled(stream, topology.failing())) table[c] = partial.append(c);
    ASSERT_TRUE(same_partition(table, brute.class_of)) << "seed " << seed;
    ASSERT_EQ(partial.last_classes(), static_cast<std::int64_t>(brute.classes.back().size()));
    std::int64_t evaluations = 0;
    for (std::size_t s = 0; s < brute.classes.size(); ++s) {
      const StageClasses& stage = partial.stages()[s];
      ASSERT_LE(stage.count,
                static_cast<std::int64_t>(brute.classes[s].size()));  // fewer, as some are not needed
      ASSERT_EQ(stage.inputs.size(),
                static_cast<std::size_t>(stage.count) * topology.stages()[s].incoming.size());
      ASSERT_EQ(partial.counts()[s], stage.count);
      evaluations += stage.count;
    }
    ASSERT_EQ(partial.evaluations(), evaluations);
  }
}

TEST(PartialDiagram, GrowsWithoutRenumbering) {
  RandomStream stream(18);
  for (std::uint64_t seed = 5200; seed < 5260; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const auto order = shuffled(stream, topology.failing());
    const std::vector<Combination> first(order.begin(), order.begin() + order.size() / 2);
    PartialDiagram partial(topology);
    const auto classes = partial.append(first);
    const auto before = partial.stages();
    ASSERT_EQ(partial.append(first), classes);
    ASSERT_EQ(partial.evaluations(), [&] {
      std::int64_t sum = 0;
      for (const StageClasses& stage : before) sum += stage.count;
      return sum;
    }());
    partial.append(order);
    ASSERT_EQ(partial.append(first), classes);
    for (std::size_t s = 0; s < before.size(); ++s) {
      ASSERT_TRUE(begins_with(partial.stages()[s].inputs, before[s].inputs)) << "seed " << seed;
    }
  }
}

TEST(PartialDiagram, OfTheCameraNeeds218EvaluationsAsWell) {
  const Topology camera = shipped("camera-deepfogguard");
  PartialDiagram partial(camera);
  EXPECT_EQ(partial.evaluations(), 0);
  EXPECT_EQ(partial.append(all_alive(8)), 1);
  EXPECT_EQ(partial.evaluations(), 9);  // one per stage
  for (Combination c = 0; c < 256; ++c) partial.append(c);
  EXPECT_EQ(partial.evaluations(), 218);
}

TEST(Cube, HoldsCombinationsOfOneClassAndCubesAreDisjoint) {
  RandomStream stream(19);
  std::size_t cubes_seen = 0, combinations = 0;
  for (std::uint64_t seed = 5300; seed < 5500; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const BruteForce brute = brute_force(topology);
    const Reliability reliability = random_reliability(stream, topology.failing());
    std::map<std::pair<Combination, Combination>, int> class_of_cube;
    double mass = 0;
    for (Combination c = 0; c < brute.class_of.size(); ++c) {
      const Cube cube = cube_of(topology, c);
      ASSERT_EQ(cube.fates, c & cube.decisive);
      const auto entry = class_of_cube.emplace(std::pair(cube.decisive, cube.fates), brute.class_of[c]);
      ASSERT_EQ(entry.first->second, brute.class_of[c]) << "seed " << seed << ", " << c;
      if (entry.second) mass += probability(cube, reliability);
      // Every combination that agrees on the decisive nodes has the same cube.
      const Combination other = (stream.next() & all_alive(topology.failing()) & ~cube.decisive) | cube.fates;
      ASSERT_EQ(cube_of(topology, other).decisive, cube.decisive);
    }
    ASSERT_NEAR(mass, 1.0, 1e-12) << "seed " << seed;
    cubes_seen += class_of_cube.size();
    combinations += brute.class_of.size();
  }
  EXPECT_LT(cubes_seen, combinations / 2);
}

TEST(Cube, BehindAFailedNodeNothingMatters) {
  const Topology health = shipped("health-vanilla");  // iot -> e1 -> f2 -> f1 -> cloud; vector f1 f2 e1
  EXPECT_EQ(cube_of(health, 0b110).decisive, 0b001u);
  EXPECT_EQ(cube_of(health, 0b101).decisive, 0b011u);
  EXPECT_EQ(cube_of(health, 0b111).decisive, 0b111u);
  EXPECT_NEAR(probability(Cube{0b011, 0b001}, {.9, .8, .7}), .9 * .2, 1e-15);
  EXPECT_EQ(probability(Cube{}, {.9, .8, .7}), 1.0);
}

}  // namespace
}  // namespace deepfog
