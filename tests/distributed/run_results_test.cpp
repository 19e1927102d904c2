#include "distributed/run_results.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "inference/flow_links.hpp"
#include "trained_files.hpp"

namespace deepfog {
namespace {

/// Two groups share the four test rows, one row per frame.
class RunResultsTest : public test::TrainedFiles {
 protected:
  RoundRecord round(std::int64_t number, std::int64_t sample, std::int64_t prediction) const {
    RoundRecord record;
    record.frame = {number, 0, 1, sample};
    record.arrival_us = 100 * number;
    record.latency_us = 10;
    record.used = flow_links(job.topology, 3);
    record.timed_out = LinkSet(record.used.links());
    record.predictions = {prediction};
    return record;
  }
  NodeReport report(int node) const {
    NodeReport report;
    report.node = node;
    report.links.resize(job.topology.hyperconnections().size());
    return report;
  }
  GroupRecords group(std::int64_t first) const {
    GroupRecords group;
    group.rounds = {round(0, first, 2), round(3, first + 2, 1)};  // 1 and 2 were repeated
    group.phases = {{0, -1, 2}};
    for (int node = 0; node < 3; ++node) group.reports.push_back(report(node));
    group.reports[0].links[2].messages = group.reports[1].links[2].arrived = 2;  // a->b
    group.reports[0].links[2].payload = 8 * sizeof(float);
    group.reports[0].links[2].bytes = 2 * (16 + 72);
    group.ended = true;
    return group;
  }
  Results results(const std::vector<GroupRecords>& groups, RunEnding ending,
                  const CheckOutcome* check = nullptr) const {
    return assemble(job, facts, groups, ending, check);
  }
  void SetUp() override {
    TrainedFiles::SetUp();
    job = load_job(spec);
    facts.key = "deepfog-rounds 1-2";
    facts.created = "2026-01-01T00:00:00Z";
    facts.hosts = "here";
    facts.ranks = 6;
    facts.groups = 2;
  }
  Job job;
  RunFacts facts;
};

TEST_F(RunResultsTest, CountsRoundsAnewAndCorrectAnswers) {
  const InferenceResults run = results({group(0), group(1)}, RunEnding::complete).inference.at(0);
  EXPECT_EQ(run.rounds.group, (std::vector<std::int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(run.rounds.round, (std::vector<std::int64_t>{0, 1, 0, 1}));
  EXPECT_EQ(run.rounds.first_sample, (std::vector<std::int64_t>{0, 2, 1, 3}));
  EXPECT_EQ(run.rounds.prediction, (std::vector<std::int64_t>{2, 1, 2, 1}));
  EXPECT_EQ(run.labels, (std::vector<std::int64_t>{2, 0, 1, 2}));
  EXPECT_EQ(run.rounds.correct, (std::vector<std::int64_t>{1, 1, 0, 0}));
  EXPECT_EQ(run.integers.at("rounds_repeated"), 4);
  EXPECT_EQ(run.phases.rounds, (std::vector<std::int64_t>{4}));
  EXPECT_TRUE(std::isnan(run.phases.settle_us[0]));
  EXPECT_EQ(run.links[2], "a->b");
  EXPECT_EQ(run.link_counts.bytes_predicted[2], 32);
  EXPECT_EQ(run.link_counts.arrived[2], 2);
  EXPECT_EQ(run.text.at("ending"), "complete");
}

TEST_F(RunResultsTest, NodesWithoutAReportAreMarked) {
  GroupRecords second = group(1);
  second.reports.erase(second.reports.begin());
  second.reports[0].transitions = {{0, MemberEvent::suspected, 55, 1, 4}};
  const InferenceResults run = results({group(0), second}, RunEnding::complete).inference.at(0);
  EXPECT_EQ(run.nodes.node, (std::vector<std::string>{"a", "b", "c", "a", "b", "c"}));
  EXPECT_EQ(run.nodes.reported, (std::vector<std::uint8_t>{1, 1, 1, 0, 1, 1}));
  ASSERT_EQ(run.membership.peer.size(), 1U);
  EXPECT_EQ(run.membership.observer[0] + " " + run.membership.event[0] + " " + run.membership.peer[0],
            "b suspected a");
  EXPECT_EQ(run.membership.group[0], 1);
}

TEST_F(RunResultsTest, GuessesAreMinusOneAndNeverCorrect) {
  GroupRecords first = group(0);
  first.rounds[0].phi = true;
  first.rounds[0].predictions.clear();
  const InferenceResults run = results({first, group(1)}, RunEnding::complete).inference.at(0);
  EXPECT_EQ(run.rounds.prediction[0], -1);
  EXPECT_EQ(run.rounds.correct[0], 0);
}

TEST_F(RunResultsTest, OnlyACompleteRunIsValid) {
  const Results whole = results({group(0), group(1)}, RunEnding::complete);
  EXPECT_EQ(whole.invalid_reasons, "");
  EXPECT_TRUE(whole.valid);
  EXPECT_EQ(whole.text.at("status"), "complete");
  GroupRecords cut = group(1);
  cut.rounds.pop_back();
  cut.ended = false;
  const Results headless = results({group(0), cut}, RunEnding::last_node_died);
  EXPECT_FALSE(headless.valid);
  EXPECT_EQ(headless.invalid_reasons.rfind("not complete: last node died", 0), 0U)
      << headless.invalid_reasons;
  EXPECT_EQ(results({group(0), cut}, RunEnding::interrupted).text.at("status"), "interrupted");
}

TEST_F(RunResultsTest, ALostRoundIsInvalid) {
  GroupRecords cut = group(1);
  cut.rounds.pop_back();
  const Results lost = results({group(0), cut}, RunEnding::complete);
  EXPECT_FALSE(lost.valid);
  EXPECT_NE(lost.invalid_reasons, "");
}

TEST_F(RunResultsTest, WhatTheCheckFoundIsInTheFileAndDecides) {
  CheckOutcome check;
  check.rounds = 4;
  const Results good = results({group(0), group(1)}, RunEnding::complete, &check);
  EXPECT_TRUE(good.valid) << good.invalid_reasons;
  EXPECT_EQ(good.inference[0].integers.at("checked_rounds"), 4);
  check.unlike_messages = 1;
  check.unlike_plan = 1;
  check.first = "round 3 (x): differs";
  const Results bad = results({group(0), group(1)}, RunEnding::complete, &check);
  EXPECT_EQ(bad.inference[0].integers.at("unequal_rounds"), 2);
  EXPECT_FALSE(bad.valid);
  EXPECT_NE(bad.invalid_reasons.find("/inference/inference: round 3 (x): differs"), std::string::npos);
}

}  // namespace
}  // namespace deepfog
