#include <gtest/gtest.h>

#include <cstdlib>

#include "core/seed.hpp"
#include "inference/memory_group.hpp"
#include "inference/random_script.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

/// Number of scripts; DEEPFOG_CHAOS_SCRIPTS sets another one.
std::uint64_t scripts() {
  const char* wish = std::getenv("DEEPFOG_CHAOS_SCRIPTS");
  return wish == nullptr ? 200 : std::strtoull(wish, nullptr, 10);
}

/// One random case: a topology; a script of crashes, hangs, losses and delays; a network that loses and
/// duplicates messages; and a plan in which the script's phase may have settled phases around it.
struct Story {
  explicit Story(std::uint64_t seed)
      : topology(parse_topology(random_topology_text(seed), "random")), draw(seed) {
    Phase chaos;
    chaos.name = "chaos";
    chaos.script = true;
    chaos.samples = 40 + between(0, 200);
    chaos.timeout_us = between(300, 5'000);
    chaos.adaptive = one_in(3);
    chaos.suspects = !one_in(6);
    options.round_driver.batch = between(1, 5);
    const bool settles = one_in(3);
    if (settles) plan.push_back(settled(draw.below(1U << 10U)));
    plan.push_back(chaos);
    if (settles && one_in(2)) plan.push_back(settled(~Combination{0}));
    rounds = frames(chaos) + (settles ? frames(plan[0]) : 0);

    options.seed = seed;
    options.round_driver.seed = seed;
    options.round_driver.scenario = static_cast<Scenario>(draw.below(3));
    options.round_driver.depth = static_cast<int>(between(1, 8));
    options.round_driver.rate = double(between(200, 5'000));
    options.round_driver.settle_us = 200'000;
    options.round_driver.most_repeats = 3;
    options.round_driver.report_us = 200'000;
    options.node.window = static_cast<int>(between(2, 16));
    options.network.loss = one_in(3) ? .01 : 0;
    options.network.duplicate = one_in(5) ? .05 : 0;
    options.network.latency_max_us = between(20, 400);
    options.network.deaths_known_after_us = one_in(4) ? 1'000 : -1;
    options.messenger.heartbeat_us = 2'000;
    options.messenger.limit_us = between(5'000, 20'000);
    options.until_us = 60'000'000;
    if (one_in(2)) {
      for (std::size_t i = 0; i < topology.nodes().size(); ++i)
        options.compute_us.push_back(between(0, 1'000));
    }
  }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool one_in(std::uint64_t count) { return draw.below(count) == 0; }
  std::int64_t frames(const Phase& phase) const {
    return (phase.samples + options.round_driver.batch - 1) / options.round_driver.batch;
  }
  static Phase settled(Combination combination) {
    Phase phase;
    phase.name = "settled";
    phase.combination = combination;
    phase.settle = true;
    phase.samples = 12;
    phase.timeout_us = 20'000;
    return phase;
  }

  Topology topology;
  RandomStream draw;
  std::vector<Phase> plan;
  MemoryGroup::Options options;
  std::int64_t rounds = 0;
};

TEST(Chaos, LosesNoRoundAndNoTruth) {
  std::int64_t timed_out = 0, transitions = 0, missing = 0, repeats = 0;
  for (std::uint64_t seed = 1; seed <= scripts(); ++seed) {
    Story story(seed);
    MemoryGroup group(story.topology, story.plan, random_script(story.topology, seed, story.rounds),
                      story.options);
    ASSERT_TRUE(group.run()) << "script " << seed << " does not end";
    EXPECT_EQ(group.wrong_answers(), 0) << seed;
    EXPECT_EQ(group.oddities(), std::vector<std::string>{}) << seed;
    ASSERT_EQ(group.phases().size(), story.plan.size()) << seed;
    const LinkSet none(static_cast<int>(story.topology.hyperconnections().size()));
    for (const RoundRecord& record : group.rounds()) timed_out += record.timed_out != none ? 1 : 0;
    for (const PhaseRecord& phase : group.phases()) repeats += phase.repeats;
    for (const NodeReport& report : group.reports())
      transitions += static_cast<std::int64_t>(report.transitions.size());
    missing += static_cast<std::int64_t>(story.topology.nodes().size()) - 1 -
               static_cast<std::int64_t>(group.reports().size());
  }
  if (scripts() < 100) return;  // Many scripts must have caused every kind of event.
  EXPECT_GT(timed_out, 0);
  EXPECT_GT(transitions, 0);
  EXPECT_GT(missing, 0);
  EXPECT_GT(repeats, 0);
}

}  // namespace
}  // namespace deepfog
