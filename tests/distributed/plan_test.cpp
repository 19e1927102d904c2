#include "distributed/plan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "../storage/scratch.hpp"

namespace deepfog {
namespace {

using test::message_of;

/// A chain of `failing` nodes that can fail and one that cannot.
Topology chain(int failing) {
  std::string text = "topology chain\nsource in 2\n", links = "link in -> n0\n", fails = "fails";
  for (int i = 0; i < failing; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += "node " + name + " relu:2\n";
    fails += " " + name;
    links += "link " + name + " -> " + (i + 1 < failing ? "n" + std::to_string(i + 1) : "last") + "\n";
  }
  return parse_topology(text + "node last linear:3\n" + links + fails + "\n", "chain");
}

TEST(Plan, WithoutWishesIsOnePhaseOfAllSamples) {
  const std::vector<Phase> plan = make_plan({}, chain(2), 40);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].name, "no failure");
  EXPECT_EQ(plan[0].samples, 40);
  EXPECT_EQ(plan[0].timeout_us, 50'000);
  EXPECT_TRUE(plan[0].suspects);
  EXPECT_FALSE(plan[0].settle || plan[0].script || plan[0].adaptive);
  EXPECT_TRUE(alive(plan[0].combination, 0) && alive(plan[0].combination, 1));
}

TEST(Plan, AllIsEveryCombinationOnceOneNodeApart) {
  DistributedSpec spec;
  spec.failures = "all";
  spec.samples = 7;
  const std::vector<Phase> plan = make_plan(spec, chain(4), 40);
  ASSERT_EQ(plan.size(), 16U);
  std::set<Combination> seen;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    seen.insert(plan[i].combination);
    EXPECT_TRUE(plan[i].settle);
    EXPECT_EQ(plan[i].samples, 7);
    EXPECT_EQ(plan[i].timeout_us, 2'000'000);  // long enough that nobody is given up by mistake
    if (i == 0) continue;
    const Combination changed = plan[i].combination ^ plan[i - 1].combination;
    EXPECT_EQ(changed & (changed - 1), 0U) << "more than one node changes in phase " << i;
    EXPECT_NE(changed, 0U);
  }
  EXPECT_EQ(seen.size(), 16U);
  EXPECT_EQ(*seen.rbegin(), 15U);
  EXPECT_EQ(plan[0].name, "all alive");
  EXPECT_EQ(plan[2].name, "n0+n1 dead");
  spec.timeouts_us = {3000};
  EXPECT_EQ(make_plan(spec, chain(4), 40)[5].timeout_us, 3000);
}

TEST(Plan, NamedNodesAreDeadInTheOnePhase) {
  DistributedSpec spec;
  spec.failures = "n2,n0";
  const std::vector<Phase> plan = make_plan(spec, chain(3), 5);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].combination, 2U);
  EXPECT_EQ(plan[0].name, "n0+n2 dead");
  EXPECT_TRUE(plan[0].settle);
}

TEST(Plan, AStudyIsAPhaseAVariantAndTimeout) {
  DistributedSpec spec;
  spec.timeouts_us = {150, 3000, 2'000'000};
  spec.variants = {"none", "n1", "script"};
  spec.script = "seed 1";
  const std::vector<Phase> plan = make_plan(spec, chain(2), 5);
  ASSERT_EQ(plan.size(), 9U);
  EXPECT_EQ(plan[0].name, "no failure@150us");
  EXPECT_EQ(plan[4].name, "n1 dead@3ms");
  EXPECT_EQ(plan[8].name, "script@2s");
  for (const Phase& phase : plan) EXPECT_FALSE(phase.suspects || phase.settle) << phase.name;
  EXPECT_EQ(plan[4].combination, 1U);
  EXPECT_EQ(plan[4].timeout_us, 3000);
  EXPECT_FALSE(plan[4].script);
  EXPECT_TRUE(plan[8].script);
}

TEST(Plan, SaysWhatCannotBe) {
  DistributedSpec spec;
  spec.samples = 41;
  const auto message = [&](int failing = 2) {
    return message_of<UserError>([&] { make_plan(spec, chain(failing), 40); });
  };
  EXPECT_EQ(message(), "--samples 41: the test split has fewer (1 to 40 allowed)");
  spec.samples = 0;
  spec.failures = "n1,cloud";
  EXPECT_EQ(message(), "--failures n1,cloud: \"cloud\" is no node that can fail (n0, n1 allowed)");
  spec.failures = "all";
  EXPECT_EQ(message(12), "nothing was thrown");
  EXPECT_EQ(message(13),
            "--failures all: 2^13 combinations are too many to walk through (up to 12 nodes that can fail; "
            "deepfog run sweeps more)");
  spec.timeouts_us = {10, 20};
  EXPECT_EQ(message(), "--failures all: does not go with several timeouts (--variants allowed)");
  spec.failures = "none";
  spec.variants = {"last"};
  EXPECT_EQ(message(), "--variants last: \"last\" is no node that can fail (n0, n1 allowed)");
}

TEST(Plan, ScenarioWordsAreThoseOfTheOptions) {
  EXPECT_EQ(scenario_word(Scenario::single_stream), "single-stream");
  EXPECT_EQ(scenario_word(Scenario::offline), "offline");
  EXPECT_EQ(scenario_word(Scenario::server), "server");
}

}  // namespace
}  // namespace deepfog
