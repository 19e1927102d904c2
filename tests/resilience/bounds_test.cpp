#include "resilience/bounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

#include "core/deadline.hpp"
#include "networks.hpp"
#include "path_counter.hpp"
#include "resilience/flow.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

/// Draws an accuracy per class; `unseen` gives the accuracy of classes evaluated after `end_exploration`.
class DrawnNetwork {
 public:
  explicit DrawnNetwork(std::uint64_t seed) : stream_(seed) {}
  std::vector<double> operator()(const std::vector<StageClasses>& stages,
                                 const std::vector<std::int64_t>& known) {
    largest_batch = std::max(largest_batch, stages.back().count - known.back());
    std::vector<double> values(static_cast<std::size_t>(stages.back().count - known.back()));
    for (double& value : values) value = unseen < 0 ? stream_.uniform() : unseen;
    return values;
  }
  double unseen = -1;
  std::int64_t largest_batch = 0;

 private:
  RandomStream stream_;
};

double exact(const Topology& topology, const Reliability& reliability, ClassAccuracies& accuracies) {
  std::vector<Combination> all;
  for (Combination c = 0; c < Combination{1} << topology.failing(); ++c) all.push_back(c);
  return average(accuracies.of(all), reliability);
}

NamedReliability some_settings(RandomStream& stream, int n) {
  NamedReliability settings = {{"drawn", random_reliability(stream, n)}, {"no_failure", Reliability(n, 1.0)}};
  Reliability good;
  for (int i = 0; i < n; ++i) good.push_back(.9 + .1 * stream.uniform());
  settings.emplace_back("good", good);
  return settings;
}

TEST(Bounds, HoldTheExactValueWhateverTheRestDoes) {
  RandomStream stream(41);
  int closed = 0, open = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    RandomTopologyOptions options;
    options.most_failing = 12;
    const Topology topology = parse_topology(random_topology_text(6000 + seed, options), "random");
    const NamedReliability settings = some_settings(stream, topology.failing());
    DrawnNetwork network(seed);
    ClassAccuracies accuracies(topology, .3, std::ref(network));
    BoundsTarget target;
    target.width = std::vector<double>{.2, .05, .01, 0}[seed % 4];
    if (seed % 3 == 0) target.classes = 20;
    if (seed % 5 == 0) target.combinations = 50;
    const BoundsResult result = bound_averages(settings, target, accuracies);
    network.unseen = std::vector<double>{-1, 0, 1}[stream.below(3)];
    ASSERT_EQ(result.settings.size(), settings.size());
    bool all_closed = true;
    for (std::size_t j = 0; j < settings.size(); ++j) {
      const SettingBounds& bounds = result.settings[j];
      const double value = exact(topology, settings[j].second, accuracies);
      ASSERT_EQ(bounds.name, settings[j].first);
      ASSERT_LE(bounds.lower, value + 1e-12) << "seed " << seed << ", " << bounds.name;
      ASSERT_GE(bounds.upper, value - 1e-12) << "seed " << seed << ", " << bounds.name;
      ASSERT_EQ(bounds.closed, bounds.width() <= target.width + 1e-12);
      all_closed = all_closed && bounds.closed;
      (bounds.closed ? closed : open) += 1;
    }
    ASSERT_EQ(result.stopped_by == StoppedBy::width, all_closed);
  }
  EXPECT_GT(closed, 150);
  EXPECT_GT(open, 10);
}

TEST(Bounds, AreTheExtremesWhereNothingElseIsKnown) {
  // A chain without skips: only "all alive" flows. It is explored and has .9^3 of the mass. The diagram of
  // flow shows that nothing else flows, so the bounds close at once.
  const Topology health = shipped("health-vanilla");
  DrawnNetwork network(1);
  network.unseen = .8;
  ClassAccuracies accuracies(health, .1, std::ref(network));
  const BoundsResult result = bound_averages({{"even", {.9, .9, .9}}}, {}, accuracies);
  EXPECT_EQ(result.combinations, 1);
  EXPECT_NEAR(result.settings[0].lower, .729 * .8 + .271 * .1, 1e-14);
  EXPECT_NEAR(result.settings[0].upper, .729 * .8 + .271 * .1, 1e-14);
  EXPECT_NEAR(result.settings[0].explored, .729, 1e-14);
  EXPECT_NEAR(result.settings[0].unexplored_guess, .271, 1e-14);
}

TEST(Bounds, UseTheExtremesOfTheAccuracy) {
  const Topology camera = shipped("camera-deepfogguard");
  BoundsTarget target;
  target.classes = 1;
  target.lowest = .2;
  target.highest = .9;
  DrawnNetwork network(2);
  network.unseen = .8;
  ClassAccuracies accuracies(camera, .3, std::ref(network));
  const Reliability poor = {.99, .98, .94, .93, .90, .90, .87, .87};
  const BoundsResult result = bound_averages({{"poor", poor}}, target, accuracies);
  const double all = probability(all_alive(8), poor), blocked = .000584;  // known to six digits
  EXPECT_NEAR(result.settings[0].lower, all * .8 + blocked * .3 + (1 - all - blocked) * .2, 1e-6);
  EXPECT_NEAR(result.settings[0].upper, all * .8 + blocked * .3 + (1 - all - blocked) * .9, 1e-6);
  EXPECT_EQ(result.stopped_by, StoppedBy::classes);
  EXPECT_FALSE(result.settings[0].closed);
}

TEST(Bounds, CloseEverySettingWithTheWorkOfAll) {
  const Topology chain = shipped("chain-with-skips-12");
  PathCounter network(chain);
  ClassAccuracies accuracies(chain, 0, std::ref(network));
  const NamedReliability settings = {{"normal", Reliability(12, .99)},
                                     {"poor", Reliability(12, .95)},
                                     {"mixed", {.9, .99, .9, .99, .9, .99, .9, .99, .9, .99, .9, .3}}};
  BoundsTarget target;
  target.width = .01;
  target.batch = 7;
  const BoundsResult first = bound_averages(settings, target, accuracies);
  EXPECT_EQ(first.stopped_by, StoppedBy::width);
  EXPECT_GT(network.calls, 5);
  const double known = static_cast<double>(first.classes);
  for (std::size_t j = 0; j < settings.size(); ++j) {
    EXPECT_TRUE(first.settings[j].closed);
    EXPECT_LE(first.settings[j].width(), .01);
  }
  // A narrower target continues from there: classes are not evaluated again.
  target.width = .001;
  const BoundsResult second = bound_averages(settings, target, accuracies);
  EXPECT_GT(static_cast<double>(second.classes), known);
  EXPECT_EQ(network.misfits, 0);
  for (std::size_t j = 0; j < settings.size(); ++j) {
    EXPECT_LE(second.settings[j].width(), .001);
    const double value = exact(chain, settings[j].second, accuracies);
    EXPECT_LE(second.settings[j].lower, value + 1e-12);
    EXPECT_GE(second.settings[j].upper, value - 1e-12);
  }
}

TEST(Bounds, KeepWhatWasExploredForSettingsToCome) {
  const Topology camera = shipped("camera-deepfogguard");
  PathCounter network(camera);
  ClassAccuracies accuracies(camera, .3, std::ref(network));
  BoundsTarget target;
  target.width = .05;
  const Reliability normal = {.995, .99, .98, .97, .95, .95, .95, .95};
  const BoundsResult result = bound_averages({{"normal", normal}}, target, accuracies);
  const Reliability later = {.99, .98, .94, .93, .90, .90, .87, .87};
  double mass = 0, sum = 0, mass_then = 0;
  for (const ExploredCube& explored : result.explored) {
    mass_then += probability(explored.cube, normal);
    mass += probability(explored.cube, later);
    sum +=
        probability(explored.cube, later) * accuracies.values().at(static_cast<std::size_t>(explored.number));
  }
  EXPECT_NEAR(mass_then, result.settings[0].explored, 1e-14);
  EXPECT_LT(mass, 1);
  const double value = exact(camera, later, accuracies);
  EXPECT_LE(sum, value);
  EXPECT_GE(sum + 1 - mass, value);
}

TEST(Bounds, EvaluateWhatWasTakenWhenALimitStrikes) {
  const Topology camera = shipped("camera-deepfogguard");
  const NamedReliability settings = {{"good", Reliability(8, .9)}, {"bad", Reliability(8, .2)}};
  for (const bool by_batch : {false, true}) {
    PathCounter network(camera);
    ClassAccuracies accuracies(camera, .3, std::ref(network));
    BoundsTarget target;
    (by_batch ? target.batch : target.classes) = 1;
    const BoundsResult result = bound_averages(settings, target, accuracies);
    EXPECT_EQ(network.calls, by_batch ? static_cast<int>(result.classes) : 1);
    EXPECT_EQ(static_cast<std::int64_t>(accuracies.values().size()), result.classes + 1);
    EXPECT_EQ(result.stopped_by, by_batch ? StoppedBy::width : StoppedBy::classes);
  }
}

TEST(Bounds, KeepToTheBatch) {
  const Topology chain = shipped("chain-with-skips-12");
  DrawnNetwork network(5);
  ClassAccuracies accuracies(chain, .3, std::ref(network));
  BoundsTarget target;
  target.width = 0;
  target.batch = 10;
  const BoundsResult result = bound_averages({{"even", Reliability(12, .5)}}, target, accuracies);
  EXPECT_EQ(network.largest_batch, 10);
  EXPECT_NEAR(result.settings[0].width(), 0, 1e-12);
  EXPECT_EQ(result.classes, Diagram(chain).last_classes());
}

TEST(Bounds, RefuseWhatMakesNoSense) {
  const Topology health = shipped("health-vanilla");
  DrawnNetwork network(1);
  ClassAccuracies accuracies(health, .1, std::ref(network));
  const NamedReliability good = {{"even", {.9, .9, .9}}};
  BoundsTarget negative, no_batch, swapped;
  negative.width = -1;
  no_batch.batch = 0;
  swapped.lowest = .9;
  swapped.highest = .8;
  for (const BoundsTarget& target : {negative, no_batch, swapped}) {
    EXPECT_THROW(bound_averages(good, target, accuracies), std::invalid_argument);
  }
  EXPECT_THROW(bound_averages({{"short", {.9}}}, {}, accuracies), std::invalid_argument);
  EXPECT_THROW(bound_averages({{"wild", {.9, .9, 1.1}}}, {}, accuracies), std::invalid_argument);
}

/// Sixty-three nodes that can fail: 2^63 combinations. The share of the 32 leaves that reach the root
/// averages r^(depth of the leaf).
TEST(Bounds, OfATreeOf64NodesCloseInSeconds) {
  const Topology tree = shipped("tree64");
  PathCounter network(tree);
  ClassAccuracies accuracies(tree, 0, std::ref(network));
  BoundsTarget target;
  const Stopwatch watch;
  const BoundsResult result = bound_averages(
      {{"even", Reliability(63, .995)}, {"better", Reliability(63, .999)}}, target, accuracies);
  EXPECT_LT(watch.seconds(), 30.0);  // usually some tenths of a second
  for (const auto& [name, r] : std::map<std::string, double>{{"even", .995}, {"better", .999}}) {
    const SettingBounds& bounds = result.settings[name == "even" ? 0 : 1];
    EXPECT_TRUE(bounds.closed);
    EXPECT_LE(bounds.width(), .002);
    EXPECT_GT(bounds.explored, .998);
    const double value = (31 * std::pow(r, 5) + std::pow(r, 6)) / 32;
    EXPECT_LE(bounds.lower, value);
    EXPECT_GE(bounds.upper, value);
  }
  EXPECT_EQ(result.stopped_by, StoppedBy::width);
  EXPECT_LT(static_cast<std::int64_t>(result.explored.size()), result.combinations);
  EXPECT_LE(result.classes, static_cast<std::int64_t>(result.explored.size()));
  EXPECT_LT(result.classes, 20000);
  EXPECT_EQ(network.misfits, 0);
}

TEST(Bounds, OfAHazardousTreeStopAtTheLimitAndStillHold) {
  const Topology tree = shipped("tree64");
  PathCounter network(tree);
  ClassAccuracies accuracies(tree, 0, std::ref(network));
  BoundsTarget target;
  target.combinations = 20000;
  const BoundsResult result = bound_averages({{"hazardous", Reliability(63, .8)}}, target, accuracies);
  EXPECT_EQ(result.stopped_by, StoppedBy::combinations);
  EXPECT_EQ(result.combinations, 20000);
  EXPECT_FALSE(result.settings[0].closed);
  const double value = (31 * std::pow(.8, 5) + std::pow(.8, 6)) / 32;
  EXPECT_LE(result.settings[0].lower, value);
  EXPECT_GE(result.settings[0].upper, value);
}

}  // namespace
}  // namespace deepfog
