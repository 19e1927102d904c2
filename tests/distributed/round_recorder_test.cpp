#include "distributed/round_recorder.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "core/codec.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

using test::message_of;
constexpr int kLinks = 35, kNodes = 3;  // more links than bits in a word

RoundRecord sample_round(std::int64_t number) {
  RoundRecord record;
  record.frame = {number, 1, 2, 6};
  record.arrival_us = 1000;
  record.latency_us = 77;
  record.waited_for = 34;
  record.used = record.timed_out = LinkSet(kLinks);
  record.used.add(0);
  record.used.add(34);
  record.timed_out.add(33);
  record.predictions = {2, 0};
  return record;
}

NodeReport sample_report() {
  NodeReport report;
  report.node = 2;
  report.epoch = 5;
  report.compute_us = 12;
  report.links.resize(kLinks);
  report.links[3].messages = 9;
  report.transitions.push_back({1, MemberEvent::returned, 88, 4, 7});
  return report;
}

struct RoundRecorderTest : ::testing::Test {
  test::Scratch scratch;
  std::string path = scratch.path("x.group0.rounds");
  GroupRecords read() const { return read_group(path, "this run", kLinks, kNodes); }
  /// Error message for a log with a record that no round driver writes after a good one.
  std::string message_after(const std::string& type, const std::vector<char>& payload) {
    {
      RecordLog writer(path, "this run", ExistingLog::replace);
      writer.append(type, payload);
    }
    return message_of<Failure>([&] { read(); });
  }
};

TEST_F(RoundRecorderTest, GivesBackWhatWasFound) {
  {
    RoundRecorder round_log(path, "this run");
    round_log.hop({4, 512, 3.25});
    round_log.round(sample_round(0));
    RoundRecord guessed = sample_round(1);
    guessed.phi = true;
    guessed.predictions.clear();
    round_log.round(guessed);
    round_log.phase({1, 250, 3});
    round_log.report(sample_report());
    round_log.end(true);
  }
  const GroupRecords group = read();
  ASSERT_EQ(group.rounds.size(), 2U);
  EXPECT_EQ(group.rounds[0].frame, sample_round(0).frame);
  EXPECT_EQ(group.rounds[0].latency_us, 77);
  EXPECT_EQ(group.rounds[0].waited_for, 34);
  EXPECT_EQ(group.rounds[0].used, sample_round(0).used);
  EXPECT_EQ(group.rounds[0].timed_out, sample_round(0).timed_out);
  EXPECT_EQ(group.rounds[0].predictions, (std::vector<std::int64_t>{2, 0}));
  EXPECT_TRUE(group.rounds[1].phi);
  ASSERT_EQ(group.phases.size(), 1U);
  EXPECT_EQ(group.phases[0].settle_us, 250);
  EXPECT_EQ(group.phases[0].repeats, 3);
  ASSERT_EQ(group.reports.size(), 1U);
  EXPECT_EQ(group.reports[0].epoch, 5U);
  EXPECT_EQ(group.reports[0].links[3].messages, 9);
  EXPECT_EQ(group.reports[0].transitions[0].time_us, 88);
  ASSERT_EQ(group.hops.size(), 1U);
  EXPECT_EQ(group.hops[0].half_round_trip_us, 3.25);
  EXPECT_TRUE(group.ended && group.interrupted);
}

TEST_F(RoundRecorderTest, ACutFileLosesItsLastRecordOnly) {
  {
    RoundRecorder round_log(path, "this run");
    round_log.round(sample_round(0));
    round_log.round(sample_round(1));
  }
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  const GroupRecords group = read();
  EXPECT_EQ(group.rounds.size(), 1U);
  EXPECT_FALSE(group.ended);
}

TEST_F(RoundRecorderTest, RefusesAnotherRunsRoundLog) {
  { const RoundRecorder round_log(path, "another run"); }
  EXPECT_EQ(message_of<Failure>([&] { read(); }), path + ": of another run");
}

TEST_F(RoundRecorderTest, RefusesWhatNoRoundDriverWrote) {
  EXPECT_NE(message_after("nine", {}).find("a record of unknown type 'nine'"), std::string::npos);
  {
    RoundRecorder round_log(path, "this run");
    RoundRecord other = sample_round(0);
    other.used = LinkSet(70);
    round_log.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("hyperconnections of another network"),
            std::string::npos);
  {
    RoundRecorder round_log(path, "this run");
    RoundRecord other = sample_round(0);
    other.used = LinkSet(40);
    other.used.add(36);  // the same number of bytes, but one link too many
    round_log.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("a hyperconnection that is not there"),
            std::string::npos);
  {
    RoundRecorder round_log(path, "this run");
    RoundRecord other = sample_round(0);
    other.predictions.push_back(1);
    round_log.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("predictions and rows differ"), std::string::npos);
}

TEST_F(RoundRecorderTest, TwoRunsCannotShareOne) {
  const RoundRecorder round_log(path, "this run");
  EXPECT_EQ(message_of<UserError>([&] {
              RoundRecorder(path, "another run");
            }).find(path + ": in use by another job"),
            0U);
  EXPECT_EQ(round_log_path("out/x.h5", 3), "out/x.h5.group3.rounds");
}

}  // namespace
}  // namespace deepfog
