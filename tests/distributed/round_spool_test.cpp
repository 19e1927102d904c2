#include "distributed/round_spool.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "core/codec.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

using test::message_of;
constexpr int kLinks = 35, kNodes = 3;  // more links than a word has bits

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

struct RoundSpoolTest : ::testing::Test {
  test::Scratch scratch;
  std::string path = scratch.path("x.group0.rounds");
  GroupFindings read() const { return read_group(path, "this run", kLinks, kNodes); }
  /// A record that no conductor wrote, behind a good one.
  std::string message_after(std::uint32_t type, const std::vector<char>& payload) {
    {
      SpoolWriter writer(path, "this run", ExistingSpool::replace);
      writer.append(type, payload);
    }
    return message_of<Failure>([&] { read(); });
  }
};

TEST_F(RoundSpoolTest, GivesBackWhatWasFound) {
  {
    RoundSpool spool(path, "this run");
    spool.hop({4, 512, 3.25});
    spool.round(sample_round(0));
    RoundRecord guessed = sample_round(1);
    guessed.phi = true;
    guessed.predictions.clear();
    spool.round(guessed);
    spool.phase({1, 250, 3});
    spool.report(sample_report());
    spool.end(true);
  }
  const GroupFindings group = read();
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

TEST_F(RoundSpoolTest, ACutFileLosesItsLastRecordOnly) {
  {
    RoundSpool spool(path, "this run");
    spool.round(sample_round(0));
    spool.round(sample_round(1));
  }
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  const GroupFindings group = read();
  EXPECT_EQ(group.rounds.size(), 1U);
  EXPECT_FALSE(group.ended);
}

TEST_F(RoundSpoolTest, RefusesAnotherRunsSpool) {
  { const RoundSpool spool(path, "another run"); }
  EXPECT_EQ(message_of<Failure>([&] { read(); }), path + ": of another run");
}

TEST_F(RoundSpoolTest, RefusesWhatNoConductorWrote) {
  EXPECT_NE(message_after(9, {}).find("a record of unknown type 9"), std::string::npos);
  {
    RoundSpool spool(path, "this run");
    RoundRecord other = sample_round(0);
    other.used = LinkSet(70);
    spool.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("hyperconnections of another network"),
            std::string::npos);
  {
    RoundSpool spool(path, "this run");
    RoundRecord other = sample_round(0);
    other.used = LinkSet(40);
    other.used.add(36);  // as many bytes, but a link too many
    spool.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("a hyperconnection that is not there"),
            std::string::npos);
  {
    RoundSpool spool(path, "this run");
    RoundRecord other = sample_round(0);
    other.predictions.push_back(1);
    spool.round(other);
  }
  EXPECT_NE(message_of<Failure>([&] { read(); }).find("predictions and rows differ"), std::string::npos);
}

TEST_F(RoundSpoolTest, AClaimIsHadWhenTheWriterIsGoneAndByOneOnly) {
  EXPECT_FALSE(SpoolClaim(path).exists());
  auto spool = std::make_unique<RoundSpool>(path, "this run");
  EXPECT_TRUE(SpoolClaim(path).exists());
  EXPECT_FALSE(SpoolClaim(path, Deadline::in(std::chrono::milliseconds(20))).held());
  spool.reset();
  {
    const SpoolClaim first(path), second(path);
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(second.held());
  }
  EXPECT_TRUE(SpoolClaim(path).held());
}

TEST_F(RoundSpoolTest, TwoRunsCannotShareOne) {
  const RoundSpool spool(path, "this run");
  EXPECT_EQ(message_of<UserError>([&] { RoundSpool(path, "another run"); }),
            path + ": in use by another job (wait for its end, or choose another output)");
  EXPECT_EQ(spool_path("out/x.h5", 3), "out/x.h5.group3.rounds");
}

}  // namespace
}  // namespace deepfog
