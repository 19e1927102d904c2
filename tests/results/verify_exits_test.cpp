#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "../storage/scratch.hpp"
#include "results/verify.hpp"
#include "sample_exits.hpp"

namespace deepfog {
namespace {

using Change = std::function<void(ModelResults&)>;

const std::string model = "/experiments/sample/models/ddnn";

std::vector<std::string> violations_of(const Change& spoil) {
  Results results = test::sample_results_with_exits();
  spoil(results.experiments[0].models[2]);
  return verify(results);
}

struct Case {
  std::string name;
  Change spoil;
  std::string violation;  ///< the first line, behind the model
};

void expect_violations(const std::vector<Case>& cases) {
  for (const Case& bad : cases) {
    const std::vector<std::string> violations = violations_of(bad.spoil);
    EXPECT_EQ(violations.empty() ? "nothing" : violations[0], model + bad.violation) << bad.name;
  }
}

/// Places in the tables: [runs, 8, 3] and, for the curve, [runs, 8, 3, 3].
std::size_t cell(std::size_t run, std::size_t combination, std::size_t exit) {
  return (run * 8 + combination) * 3 + exit;
}
std::size_t on_curve(std::size_t run, std::size_t combination, std::size_t point, std::size_t exit) {
  return cell(run, combination, point) * 3 + exit;
}

TEST(VerifyExits, TheSampleIsValidInMemoryAndInAFile) {
  const Results results = test::sample_results_with_exits();
  EXPECT_EQ(verify(results), std::vector<std::string>{});
  const test::Scratch scratch;
  write_results(scratch.path("r.h5"), results);
  EXPECT_EQ(verify(read_results(scratch.path("r.h5"))), std::vector<std::string>{});
}

TEST(VerifyExits, NamesAreThoseOfTheTopology) {
  const std::string heads = "a-summary, b-summary, local, c-exit, cloud", exits = "local, c-exit, cloud";
  expect_violations({
      {"trained without an unknown node", [](ModelResults& m) { m.text["trained_without"] = "a d"; },
       "@trained_without: no node 'd' (c, b, a)"},
      {"no tables", [](ModelResults& m) { m.exits = {}; }, "/exits: missing, but the topology has exits"},
      {"another exit", [](ModelResults& m) { m.exits.exits[0] = "lokal"; },
       "/exits/names: lokal, c-exit, cloud, but by the topology " + exits},
      {"an exit twice", [](ModelResults& m) { m.exits.exits[1] = "local"; },
       "/exits/names: local, local, cloud, but by the topology " + exits},
      {"an exit that is no head", [](ModelResults& m) { m.exits.heads[3] = "edge"; },
       "/exits/heads: a-summary, b-summary, local, edge, cloud, but by the topology " + heads},
      {"another order", [](ModelResults& m) { std::swap(m.exits.heads[0], m.exits.heads[1]); },
       "/exits/heads: b-summary, a-summary, local, c-exit, cloud, but by the topology " + heads},
  });
  Results results = test::sample_results_with_exits();
  results.experiments[0].models[0].exits = results.experiments[0].models[2].exits;
  EXPECT_EQ(verify(results), std::vector<std::string>{"/experiments/sample/models/vanilla/exits: there, but "
                                                      "the topology has no exits"});
}

TEST(VerifyExits, Sizes) {
  expect_violations({
      {"thresholds", [](ModelResults& m) { m.exits.thresholds.pop_back(); },
       "/exits/thresholds: 5 values (6)"},
      {"answered", [](ModelResults& m) { m.exits.answered.pop_back(); }, "/exits/answered: 47 values (48)"},
      {"correct", [](ModelResults& m) { m.exits.correct.push_back(0); }, "/exits/correct: 49 values (48)"},
      {"grid", [](ModelResults& m) { m.exits.grid.pop_back(); }, "/exits/curve_answered: 144 values (96)"},
      {"curve_correct", [](ModelResults& m) { m.exits.curve_correct.clear(); },
       "/exits/curve_correct: 0 values (144)"},
      {"alone", [](ModelResults& m) { m.exits.alone.pop_back(); }, "/exits/alone: 79 values (80)"},
      {"kinds", [](ModelResults& m) { m.exits.link_kinds.pop_back(); }, "/exits/links/kinds: 8 values (9)"},
      {"senders", [](ModelResults& m) { m.exits.senders.pop_back(); }, "/exits/links/senders: 8 values (9)"},
      {"bits", [](ModelResults& m) { m.exits.bits.pop_back(); }, "/exits/links/bits: 8 values (9)"},
      {"exits passed", [](ModelResults& m) { m.exits.exits_passed.pop_back(); },
       "/exits/links/exits_passed: 8 values (9)"},
  });
}

TEST(VerifyExits, ThresholdsAndLinks) {
  expect_violations({
      {"above 1", [](ModelResults& m) { m.exits.thresholds[3] = 1.5; },
       "/exits/thresholds: run 1, local: 1.5 (0 to 1)"},
      {"negative", [](ModelResults& m) { m.exits.thresholds[1] = -0.5; },
       "/exits/thresholds: run 0, c-exit: -0.5 (0 to 1)"},
      {"NaN of the last", [](ModelResults& m) { m.exits.thresholds[2] = std::nan(""); },
       "/exits/thresholds: run 0, cloud: nan (a number)"},
      {"a grid beyond 1", [](ModelResults& m) { m.exits.grid[2] = 2; }, "/exits/grid: point 2: 2 (0 to 1)"},
      {"a grid that falls", [](ModelResults& m) { m.exits.grid[0] = 0.75; },
       "/exits/grid: point 1: 0.5 behind 0.75 (ascending)"},
      {"no bits", [](ModelResults& m) { m.exits.bits[3] = 0; }, "/exits/links/bits: a@local->c: 0"},
      {"another kind", [](ModelResults& m) { m.exits.link_kinds[0] = "date"; },
       "/exits/links/kinds: a-summary->local: 'date' (data, verdict, answer)"},
      {"no such sender", [](ModelResults& m) { m.exits.senders[0] = "local"; },
       "/exits/links/senders: a-summary->local: no node 'local'"},
      {"the last exit passed", [](ModelResults& m) { m.exits.exits_passed[6] = 3; },
       "/exits/links/exits_passed: c@c-exit->cloud: 3 (0 to 2)"},
      {"fewer than none passed", [](ModelResults& m) { m.exits.exits_passed[6] = -1; },
       "/exits/links/exits_passed: c@c-exit->cloud: -1 (0 to 2)"},
  });
  EXPECT_EQ(violations_of([](ModelResults& m) { m.exits.thresholds[5] = 7; }), std::vector<std::string>{})
      << "the last exit takes all, whatever its threshold is";
}

/// Run 0 has answered [5, 5, 0] of ten under combination 3; nothing flows under 0 and 1.
TEST(VerifyExits, EverySampleIsAnsweredOnce) {
  expect_violations({
      {"one too many", [](ModelResults& m) { ++m.exits.answered[cell(0, 3, 0)]; },
       "/exits/answered: run 0, combination 3: sums to 11 (10)"},
      {"one lost", [](ModelResults& m) { --m.exits.answered[cell(1, 6, 0)]; },
       "/exits/answered: run 1, combination 6: sums to 9 (10)"},
      {"negative", [](ModelResults& m) { m.exits.answered[cell(0, 3, 2)] = -1; },
       "/exits/answered: run 0, combination 3: cloud: -1 (0 to 10)"},
      {"where nothing flows", [](ModelResults& m) { m.exits.answered[cell(1, 1, 0)] = 1; },
       "/exits/answered: run 1, combination 1: local: 1 (0 to 0)"},
      {"more right than answered", [](ModelResults& m) { m.exits.correct[cell(0, 3, 0)] = 6; },
       "/exits/correct: run 0, combination 3: local: 6 (0 to 5)"},
      {"negative correct", [](ModelResults& m) { m.exits.correct[cell(0, 3, 0)] = -1; },
       "/exits/correct: run 0, combination 3: local: -1 (0 to 5)"},
      {"not alike alone",
       [](ModelResults& m) {  // the only live exit answers all, so it is right as often as alone
         --m.exits.correct[cell(0, 2, 0)];
         --m.correct[2];
       },
       "/exits/correct: run 0, combination 2: local: 7 (8 to 8)"},
      {"other than the model's", [](ModelResults& m) { ++m.exits.correct[cell(0, 3, 0)]; },
       "/exits/correct: run 0, combination 3: its exits sum to 8, but the model's correct is 7"},
      {"alone too often", [](ModelResults& m) { m.exits.alone[3 * 5 + 1] = 11; },
       "/exits/alone: run 0, combination 3: b-summary: 11 (0 to 10)"},
      {"alone where nothing flows", [](ModelResults& m) { m.exits.alone[8 * 5] = 1; },
       "/exits/alone: run 1, combination 0: a-summary: 1 (0 to 0)"},
  });
}

TEST(VerifyExits, TheCurve) {
  expect_violations({
      {"one too many", [](ModelResults& m) { ++m.exits.curve_answered[on_curve(1, 3, 2, 0)]; },
       "/exits/curve_answered: run 1, combination 3, point 2: local: 11 (0 to 10)"},
      {"one lost", [](ModelResults& m) { --m.exits.curve_answered[on_curve(1, 3, 0, 2)]; },
       "/exits/curve_answered: run 1, combination 3, point 0: sums to 9 (10)"},
      {"more right than answered", [](ModelResults& m) { m.exits.curve_correct[on_curve(1, 3, 0, 0)] = 1; },
       "/exits/curve_correct: run 1, combination 3, point 0: local: 1 (0 to 0)"},
      {"where nothing flows", [](ModelResults& m) { m.exits.curve_answered[on_curve(0, 0, 1, 1)] = 1; },
       "/exits/curve_answered: run 0, combination 0, point 1: c-exit: 1 (0 to 0)"},
      {"others at the run's thresholds",
       [](ModelResults& m) {
         --m.exits.curve_answered[on_curve(0, 3, 1, 0)];
         ++m.exits.curve_answered[on_curve(0, 3, 1, 2)];
       },
       "/exits/curve_answered: run 0, combination 3, point 1: the run's thresholds, but other counts"},
      {"others are right at the run's thresholds",
       [](ModelResults& m) {
         auto& correct = m.exits.curve_correct[on_curve(0, 3, 1, 0)];
         correct += correct < 5 ? 1 : -1;
       },
       "/exits/curve_correct: run 0, combination 3, point 1: the run's thresholds, but other counts"},
      {"fewer leave with a higher threshold",
       [](ModelResults& m) {
         for (auto* table : {&m.exits.curve_answered, &m.exits.curve_correct}) {
           for (std::size_t e = 0; e < 3; ++e)
             std::swap((*table)[on_curve(1, 7, 1, e)], (*table)[on_curve(1, 7, 2, e)]);
         }
       },
       "/exits/curve_answered: run 1, combination 7, point 2: 5 have left by local, fewer than 10 with a "
       "lower threshold"},
  });
}

TEST(VerifyExits, ThresholdsAreComparedAsFloats) {
  const std::vector<std::string> violations = violations_of([](ModelResults& m) {
    for (const std::size_t i : {0, 1, 3, 4}) m.exits.thresholds[i] = static_cast<double>(0.8F);
    m.exits.grid[1] = 0.8;
    --m.exits.curve_answered[on_curve(0, 3, 1, 0)];
    ++m.exits.curve_answered[on_curve(0, 3, 1, 2)];
  });
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0], model +
                               "/exits/curve_answered: run 0, combination 3, point 1: the run's thresholds, "
                               "but other counts");
}

TEST(VerifyExits, RunsNotDoneAreLeftOut) {
  Results results = test::sample_results_with_exits();
  results.text["status"] = "running";
  ModelResults& unfinished = results.experiments[0].models[2];
  unfinished.done[1] = 0;
  unfinished.exits.answered[cell(1, 3, 0)] = unfinished.exits.alone[8 * 5] = 99;
  unfinished.exits.thresholds[3] = std::nan("");
  EXPECT_EQ(verify(results), std::vector<std::string>{});
}

}  // namespace
}  // namespace deepfog
