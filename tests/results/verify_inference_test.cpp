#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "../storage/scratch.hpp"
#include "results/verify.hpp"
#include "sample_inference.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using Lines = std::vector<std::string>;
using Change = std::function<void(InferenceResults&)>;

const std::string walk = "/inference/walk";
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  Change spoil;
  std::string violation;  ///< the only line, behind "/inference/walk"
};

Lines violations_of(const Change& spoil) {
  Results results = test::sample_results_with_inference();
  spoil(results.inference[0]);
  return verify(results);
}

void expect_violations(const std::vector<Case>& cases) {
  for (const Case& bad : cases) EXPECT_EQ(violations_of(bad.spoil), Lines{walk + bad.violation}) << bad.name;
}

TEST(VerifyInference, TheSampleIsValidInMemoryAndInAFile) {
  EXPECT_EQ(verify(test::sample_results_with_inference()), Lines{});
  const test::Scratch scratch;
  write_results(scratch.path("r.h5"), test::sample_results_of_inference_alone());
  EXPECT_EQ(verify(read_results(scratch.path("r.h5"))), Lines{});
}

TEST(VerifyInference, ARunWithoutARoundIsNoCrash) {
  const Change cut = [](InferenceResults& r) {
    r.rounds = {};
    r.nodes = {};
    r.link_counts = {};
  };
  EXPECT_EQ(violations_of([&](InferenceResults& r) {
              cut(r);
              r.text["ending"] = "interrupted";
            }),
            Lines{});
  EXPECT_EQ(violations_of(cut), (Lines{walk + "/nodes: 0 values (6)", walk + "/links: 0 values (8)"}));
}

TEST(VerifyInference, ARunThatEndedEarlyHasNoMoreThanItsPlan) {
  const auto ended = [](std::int64_t planned) {
    return violations_of([=](InferenceResults& r) {
      r.text["ending"] = "last node died";
      r.phases.rounds[2] = planned;
    });
  };
  EXPECT_EQ(ended(5), Lines{});
  EXPECT_EQ(ended(1), Lines{walk + "/phases/rounds: phase 2: 2 rounds done (1)"});
}

TEST(VerifyInference, ASinglePhaseIsDealtToAllGroups) {
  const Change single = [](InferenceResults& r) {
    r.phases = {{"no failure@1000us"}, {7}, {1000}, {1}, {8}, {nan}};
    r.rounds.phase.assign(8, 0);
  };
  EXPECT_EQ(violations_of(single), Lines{});
  EXPECT_EQ(violations_of([&](InferenceResults& r) {
              single(r);
              r.phases.rounds[0] = 9;
            }),
            Lines{walk + "/phases/rounds: phase 0: 8 rounds done (9)"});
}

TEST(VerifyInference, AttributesAndTopology) {
  using R = InferenceResults;
  expect_violations({
      {"no scenario", [](R& r) { r.text.erase("scenario"); }, "@scenario: missing"},
      {"no header", [](R& r) { r.integers.erase("header_bytes"); }, "@header_bytes: missing"},
      {"no guess", [](R& r) { r.numbers.erase("guess_accuracy"); }, "@guess_accuracy: missing"},
      {"guess above 1", [](R& r) { r.numbers["guess_accuracy"] = 1.5; }, "@guess_accuracy: 1.5 (0 to 1)"},
      {"origin", [](R& r) { r.text["data_origin"] = "dreamt"; }, "@data_origin: 'dreamt' (real, synthetic)"},
      {"found unequal", [](R& r) { r.integers["unequal_rounds"] = 2; },
       "@unequal_rounds: 2 rounds differ from the network in one process (0)"},
      {"no groups", [](R& r) { r.integers["groups"] = 0; }, "@groups: 0 (1 to 1000000)"},
      {"other classes", [](R& r) { r.integers["classes"] = 4; }, "@classes: 4 (3)"},
      {"a link of another name", [](R& r) { r.links[2] = "b->d"; },
       "/topology/links: iot->a, a->b, b->d, a->c, but the hyperconnections of the topology are iot->a, "
       "a->b, b->c, a->c"},
      {"another order of nodes", [](R& r) { std::swap(r.failing[0], r.failing[1]); },
       "/topology/failing: b, c, a (c, b, a)"},
      {"a label too large", [](R& r) { r.labels.push_back(3); }, "/labels: 3 (0 to 2)"},
      {"no topology", [](R& r) { r.topology_text = "nonsense\n"; },
       "/topology/text: topology:1: unknown statement \"nonsense\" (topology, let, source, node, stage, "
       "link, exit, summary, fails)"},
  });
}

TEST(VerifyInference, AHeaderBelowNothing) {
  const Lines found = violations_of([](InferenceResults& r) { r.integers["header_bytes"] = -1; });
  ASSERT_GT(found.size(), 1U) << "the bytes do not agree either";
  EXPECT_EQ(found[0], walk + "@header_bytes: -1 (0 or more)");
}

TEST(VerifyInference, AnEndingOfAnotherWordIsNotComplete) {
  const Lines found = violations_of([](InferenceResults& r) { r.text["ending"] = "done"; });
  EXPECT_EQ(found, Lines{walk + "@ending: 'done' (complete, last node died, interrupted)"});
}

TEST(VerifyInference, SizesOfTheTables) {
  using R = InferenceResults;
  expect_violations({
      {"phases", [](R& r) { r.phases.settle_us.pop_back(); }, "/phases/settle_us: 3 values (4)"},
      {"rounds", [](R& r) { r.rounds.waited_for.push_back(1); }, "/rounds/waited_for: 9 values (8)"},
      {"used", [](R& r) { r.rounds.used.pop_back(); }, "/rounds/used: 31 values (32)"},
      {"timed out", [](R& r) { r.rounds.timed_out.push_back(0); }, "/rounds/timed_out: 33 values (32)"},
      {"predictions", [](R& r) { r.rounds.prediction.pop_back(); }, "/rounds/prediction: 15 values (16)"},
      {"exits", [](R& r) { r.rounds.exit.assign(15, 0); }, "/rounds/exit: 15 values (16)"},
      {"exits of a network without", [](R& r) { r.rounds.exit.assign(16, 0); },
       "/rounds/exit: group 0, round 0: there, but the network has no exits"},
      {"samples nobody has labels of", [](R& r) { r.rounds.first_sample[3] = 9; },
       "/rounds/samples: row 3: 2 from 9 of 10 labels"},
      {"samples that overflow", [](R& r) { r.rounds.samples[3] = INT64_MAX; },
       "/rounds/samples: row 3: 9223372036854775807 from 6 of 10 labels"},
      {"nodes", [](R& r) { r.nodes.energy_j.pop_back(); }, "/nodes/energy_j: 5 values (6)"},
      {"links", [](R& r) { r.link_counts.late.clear(); }, "/links/late: 0 values (8)"},
      {"membership", [](R& r) { r.membership.event.pop_back(); }, "/membership/event: 3 values (4)"},
      {"hops", [](R& r) { r.hops.bytes.pop_back(); }, "/hops/bytes: 5 values (6)"},
  });
}

TEST(VerifyInference, Phases) {
  using R = InferenceResults;
  expect_violations({
      {"a node too many", [](R& r) { r.phases.combination[1] = 8; },
       "/phases/combination: phase 1: 8 names more than 3 nodes"},
      {"no timeout", [](R& r) { r.phases.timeout_us[3] = 0; },
       "/phases/timeout_us: phase 3: 0 (more than 0)"},
      {"no deadline", [](R& r) { r.phases.timeout_us[3] = infinite; },
       "/phases/timeout_us: phase 3: inf (more than 0)"},
      {"script", [](R& r) { r.phases.script[0] = 2; }, "/phases/script: phase 0: 2 (0 or 1)"},
      {"settled before it began", [](R& r) { r.phases.settle_us[1] = -1; },
       "/phases/settle_us: phase 1: -1 (0 or more, NaN)"},
      {"more rounds planned", [](R& r) { r.phases.rounds[1] = 3; },
       "/phases/rounds: phase 1: 2 rounds done (3)"},
  });
}

TEST(VerifyInference, NumbersOfTheRounds) {
  using R = InferenceResults;
  expect_violations({
      {"a gap at the end", [](R& r) { r.rounds.round[4] = 5; },
       "/rounds/round: group 0: 5 in the place of round 4"},
      {"a round beyond all numbers",
       [](R& r) { r.rounds.round[4] = std::numeric_limits<std::int64_t>::max(); },
       "/rounds/round: group 0: 9223372036854775807 in the place of round 4"},
      {"a repeat", [](R& r) { r.rounds.round[4] = 3; }, "/rounds/round: group 0: 3 in the place of round 4"},
      {"a round before the first", [](R& r) { r.rounds.round[5] = -1; },
       "/rounds/round: group 1: -1 in the place of round 0"},
      {"latency negative", [](R& r) { r.rounds.latency_us[2] = -1; },
       "/rounds/latency_us: group 0, round 2: -1 (0 or more)"},
      {"latency NaN", [](R& r) { r.rounds.latency_us[2] = nan; },
       "/rounds/latency_us: group 0, round 2: nan (0 or more)"},
      {"arrival infinite", [](R& r) { r.rounds.arrival_us[2] = infinite; },
       "/rounds/arrival_us: group 0, round 2: inf (0 or more)"},
      {"waited for another stage's link", [](R& r) { r.rounds.waited_for[2] = 1; },
       "/rounds/waited_for: group 0, round 2: 1 does not lead to the last stage"},
      {"waited for no link", [](R& r) { r.rounds.waited_for[2] = 4; },
       "/rounds/waited_for: group 0, round 2: 4 does not lead to the last stage"},
  });
}

TEST(VerifyInference, GroupsAndTheirPhases) {
  EXPECT_EQ(violations_of([](InferenceResults& r) { r.rounds.phase[6] = 4; }),
            (Lines{walk + "/rounds/phase: group 1, round 1: 4 (0 to 3)",
                   walk + "/phases/rounds: phase 1: 1 rounds done (2)"}));
  EXPECT_EQ(violations_of([](InferenceResults& r) { std::swap(r.rounds.phase[4], r.rounds.phase[5]); }),
            (Lines{walk + "/rounds/phase: group 0, round 4: 1 belongs to group 1",
                   walk + "/rounds/phase: group 1, round 0: 2 belongs to group 0"}));
  const Lines moved = violations_of([](InferenceResults& r) { r.rounds.group[7] = 0; });
  ASSERT_FALSE(moved.empty());
  EXPECT_EQ(moved[0], walk + "/rounds/group: group 0, round 2: behind group 1");
  const Lines large_diagram = violations_of([](InferenceResults& r) { r.rounds.group[7] = 2; });
  ASSERT_FALSE(large_diagram.empty());
  EXPECT_EQ(large_diagram[0], walk + "/rounds/group: group 2, round 2: 2 (0 to 1)");
}

/// Row 3 (group 0, round 3): only iot->a was used; a->b and a->c timed out. Row 5: iot->a and a->c were used.
TEST(VerifyInference, WhatWasUsedCanHaveBeenThere) {
  using R = InferenceResults;
  expect_violations({
      {"neither 0 nor 1", [](R& r) { r.rounds.timed_out[4 * 5 + 1] = 2; },
       "/rounds/timed_out: group 1, round 0: a->b: 2 (0 or 1)"},
      {"used and timed out", [](R& r) { r.rounds.timed_out[0] = 1; },
       "/rounds/timed_out: group 0, round 0: iot->a timed out, but was used"},
      {"a sender that heard nothing", [](R& r) { r.rounds.used[4 * 7 + 1] = 1; },
       "/rounds/used: group 1, round 2: a->b was used, but nothing reached its sender"},
      {"a prediction out of nothing", [](R& r) { r.rounds.prediction[6] = 1; },
       "/rounds/prediction: group 0, round 3: 1, but nothing reached the last stage"},
      {"no prediction", [](R& r) { r.rounds.prediction[0] = -1; },
       "/rounds/prediction: group 0, round 0: -1, but the last stage was reached"},
      {"no such class", [](R& r) { r.rounds.prediction[0] = 3; },
       "/rounds/prediction: group 0, round 0: 3 (-1 to 2)"},
      {"one correct too many", [](R& r) { r.rounds.correct[5] += 1; },
       "/rounds/correct: group 1, round 0: 2, but 1 predictions equal their labels"},
  });
  const Lines lost = violations_of([](InferenceResults& r) { r.rounds.used[4 * 1] = 0; });
  EXPECT_EQ(lost,
            (Lines{walk + "/rounds/used: group 0, round 1: a->b was used, but nothing reached its sender",
                   walk + "/rounds/used: group 0, round 1: a->c was used, but nothing reached its sender"}));
  const Lines cut = violations_of([](InferenceResults& r) { r.rounds.used[4 * 5 + 3] = 0; });
  EXPECT_EQ(cut.size(), 2U) << "both predictions came out of nothing";
}

TEST(VerifyInference, NodesAndLinks) {
  using R = InferenceResults;
  expect_violations({
      {"another order of nodes", [](R& r) { r.nodes.node[0] = "c"; }, "/nodes/node: row 0: 'c' (a)"},
      {"another group", [](R& r) { r.nodes.group[3] = 0; }, "/nodes/group: row 3: 0 (1)"},
      {"reported", [](R& r) { r.nodes.reported[0] = 3; }, "/nodes/reported: row 0: 3 (0 or 1)"},
      {"a dead node that computed", [](R& r) { r.nodes.compute_us[3] = 5; },
       "/nodes/compute_us: row 3: 5, but the node did not report"},
      {"time NaN", [](R& r) { r.nodes.wait_us[1] = nan; }, "/nodes/wait_us: row 1: nan (0 or more)"},
      {"memory", [](R& r) { r.nodes.resident_bytes[1] = -1; },
       "/nodes/resident_bytes: row 1: -1 (0 or more)"},
      {"energy made up", [](R& r) { r.nodes.energy_j[1] = -2; },
       "/nodes/energy_j: row 1: -2 (0 or more, NaN)"},
      {"another link", [](R& r) { r.link_counts.link[1] = "b->a"; }, "/links/link: row 1: 'b->a' (a->b)"},
      {"a count below 0", [](R& r) { r.link_counts.late[6] = -1; }, "/links/late: row 6: -1 (0 or more)"},
      {"a source is local", [](R& r) { r.link_counts.local[0] = 0; }, "/links/local: row 0: 0 (1)"},
      {"two machines are not", [](R& r) { r.link_counts.local[1] = 1; }, "/links/local: row 1: 1 (0)"},
      {"bytes without a message", [](R& r) { r.link_counts.bytes_measured[4] = 9; },
       "/links/bytes_measured: row 4: 9 without a message (0)"},
      {"a byte too many", [](R& r) { r.link_counts.bytes_measured[1] += 1; },
       "/links/bytes_measured: row 1: 257, but predicted and 5 headers are 256"},
      {"bytes that overflow", [](R& r) { r.link_counts.messages[2] = INT64_MAX; },
       "/links/bytes_measured: row 2: 224, but the counts are too large"},
  });
  EXPECT_EQ(violations_of([](InferenceResults& r) { r.link_counts.bytes_measured[5] = 7; }), Lines{})
      << "the sender did not report: its bytes are not known";
}

TEST(VerifyInference, WhoReturnedMayBeSuspectedAgain) {
  const auto again = [](const std::vector<std::string>& events) {
    return violations_of([&](InferenceResults& r) {
      for (const std::string& event : events) {
        r.membership.group.push_back(0);
        r.membership.observer.push_back("c");
        r.membership.peer.push_back("a");
        r.membership.event.push_back(event);
        r.membership.time_us.push_back(5000);
        r.membership.epoch.push_back(2);
        r.membership.round.push_back(4);
      }
    });
  };
  EXPECT_EQ(again({"suspected", "lost", "returned", "suspected"}), Lines{});
  EXPECT_EQ(again({"lost", "suspected", "returned", "returned"}),
            Lines{walk + "/membership/event: row 7: returned without going, c of a"});
}

TEST(VerifyInference, MembershipAndHops) {
  using R = InferenceResults;
  expect_violations({
      {"another word", [](R& r) { r.membership.event[3] = "gone"; },
       "/membership/event: row 3: 'gone' (suspected, returned, lost)"},
      {"epoch", [](R& r) { r.membership.epoch[0] = -1; }, "/membership/epoch: row 0: -1 (0 or more)"},
      {"time", [](R& r) { r.membership.time_us[3] = nan; }, "/membership/time_us: row 3: nan (0 or more)"},
      {"back in time", [](R& r) { r.membership.time_us[2] = 3000; },
       "/membership/time_us: row 2: before the observer's last transition"},
      {"group", [](R& r) { r.membership.group[3] = 2; }, "/membership/group: row 3: 2 (0 to 1)"},
      {"suspected twice", [](R& r) { r.membership.event[2] = "suspected"; },
       "/membership/event: row 2: suspected twice by c of a"},
      {"returned from nowhere",
       [](R& r) { r.membership.event[0] = "lost", r.membership.event[3] = "returned"; },
       "/membership/event: row 3: returned without going, c of a"},
      {"of itself", [](R& r) { r.membership.peer[3] = "c"; }, "/membership/peer: row 3: no other node 'c'"},
      {"a stranger", [](R& r) { r.membership.observer[3] = "x"; },
       "/membership/observer: row 3: no node 'x'"},
      {"a hop nowhere", [](R& r) { r.hops.link[0] = "c->a"; },
       "/hops/link: row 0: no hyperconnection 'c->a'"},
      {"a hop without end", [](R& r) { r.hops.half_round_trip_us[1] = infinite; },
       "/hops/half_round_trip_us: row 1: inf (0 or more)"},
      {"a hop of no size", [](R& r) { r.hops.bytes[1] = -1; }, "/hops/bytes: row 1: -1 (0 or more)"},
  });
}

}  // namespace
}  // namespace deepfog
