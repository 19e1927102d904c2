#include "distributed/recovery.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "inference/flow_links.hpp"
#include "trained_files.hpp"

namespace deepfog {
namespace {

using test::message_of;

/// A run of one or two groups of three ranks over four test rows that was cut off.
class RecoveryTest : public test::TrainedFiles {
 protected:
  void SetUp() override {
    TrainedFiles::SetUp();
    spec.batch = 1;
    job = load_job(spec);
    facts = {"deepfog-rounds 7-8", "2026-01-01T00:00:00Z", "here", "some MPI", 3, 1, 2};
  }
  void use_groups(int groups) {
    facts.groups = groups;
    facts.ranks = 3 * groups;
  }
  std::string log(int group = 0) const { return round_log_path(spec.output, group); }
  RoundRecord round(std::int64_t number, std::int64_t sample) const {
    RoundRecord record;
    record.frame = {number, 0, 1, sample};
    record.latency_us = 10;
    record.used = flow_links(job.topology, 3);
    record.timed_out = LinkSet(record.used.links());
    record.predictions = {1};
    return record;
  }
  std::unique_ptr<RoundRecorder> begin(int group = 0) const {
    auto round_log = std::make_unique<RoundRecorder>(log(group), facts.key);
    round_log->about(encode(logged_run(job, facts)));
    return round_log;
  }
  void cut_off(int group, std::vector<std::int64_t> samples) const {
    const auto round_log = begin(group);
    for (std::size_t i = 0; i < samples.size(); ++i)
      round_log->round(round(static_cast<std::int64_t>(i), samples[i]));
  }
  RunOutcome recover(const RecoveryChoice& choice = {}) const { return Recovery(log(), choice).run(); }
  std::string refusal(const RecoveryChoice& choice = {}) const {
    return message_of<UserError>([&] { recover(choice); });
  }
  Job job;
  RunFacts facts;
};

TEST_F(RecoveryTest, TheRecordOfARunComesBackWhole) {
  spec = {"n", "o", "w",      "d", "c", Scenario::server, 2.5,        3,     4,    5,
          6,   7,   "f",      "s", "x", {8, 9},           {"a", "b"}, {"l"}, true, 10,
          11,  12,  "packed", .5,  true};
  LoggedRun run{spec, facts, "/folder", "1", "2"};
  const std::vector<char> bytes = encode(run);
  EXPECT_EQ(encode(decode_logged_run(bytes, "log")), bytes);
  const DistributedSpec back = decode_logged_run(bytes, "log").spec;
  EXPECT_EQ(back.link_timeouts, spec.link_timeouts);
  EXPECT_EQ(back.timeouts_us, spec.timeouts_us);
  EXPECT_EQ(back.scenario, spec.scenario);
  EXPECT_EQ(back.run_limit_us, 12);
  EXPECT_TRUE(back.adaptive && back.check);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    EXPECT_THROW(decode_logged_run(part, "log"), Failure) << cut;
  }
}

TEST_F(RecoveryTest, NamesOfLogs) {
  EXPECT_EQ(output_of_round_log("out/x.h5.group12.rounds"), "out/x.h5");
  for (const char* other :
       {"x.h5", "x.group.rounds", "x.groupa.rounds", ".group0.rounds", "x.group0.rounds.h5", ""})
    EXPECT_EQ(output_of_round_log(other), "") << other;
}

TEST_F(RecoveryTest, TheRoundsSoFarAreInTheFileAndTheLogIsGone) {
  cut_off(0, {0, 1, 2});
  const RunOutcome outcome = recover();
  EXPECT_TRUE(outcome.wrote);
  EXPECT_EQ(outcome.results.inference.at(0).text.at("ending"), "interrupted");
  EXPECT_EQ(outcome.results.text.at("created"), facts.created);
  EXPECT_EQ(read_results(spec.output).inference.at(0).rounds.first_sample,
            (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_FALSE(std::filesystem::exists(log()));
}

TEST_F(RecoveryTest, AHalfWrittenRecordIsLeftOutAndADamagedOneIsTold) {
  cut_off(0, {0, 1, 2});
  std::filesystem::resize_file(log(), std::filesystem::file_size(log()) - 3);
  const RunOutcome torn = recover();
  EXPECT_EQ(torn.results.inference.at(0).rounds.round.size(), 2U);
  EXPECT_EQ(torn.notice, "");
  std::filesystem::remove(spec.output);
  cut_off(0, {0, 1, 2});
  std::fstream file(log(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-3, std::ios::end).put('x');
  file.close();
  const RunOutcome damaged = recover();
  EXPECT_EQ(damaged.results.inference.at(0).rounds.round.size(), 2U);
  EXPECT_NE(damaged.notice.find("was damaged"), std::string::npos) << damaged.notice;
}

TEST_F(RecoveryTest, ARunThatCameToItsEndIsComplete) {
  use_groups(2);
  for (const int group : {0, 1}) {
    const auto round_log = begin(group);
    for (const std::int64_t sample : {0, 2}) round_log->round(round(sample / 2, sample + group));
    round_log->phase({0, -1, 0});
    round_log->end(false);
  }
  const RunOutcome outcome = recover();
  EXPECT_EQ(outcome.results.inference.at(0).text.at("ending"), "complete");
  EXPECT_EQ(outcome.results.inference.at(0).rounds.group, (std::vector<std::int64_t>{0, 0, 1, 1}));
  EXPECT_FALSE(std::filesystem::exists(log(1)));
}

TEST_F(RecoveryTest, LogsLeftBesideTheResultsAreRemoved) {
  cut_off(0, {0});
  const RunOutcome first = recover();
  EXPECT_TRUE(first.wrote);
  cut_off(0, {0});
  const RunOutcome again = recover();
  EXPECT_FALSE(again.wrote);
  EXPECT_NE(again.notice.find("has the results of this run already"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(log()));
}

TEST_F(RecoveryTest, OtherResultsAreNotReplaced) {
  cut_off(0, {0});
  recover();
  facts.key = "deepfog-rounds 7-9";  // another run of the same second and host
  cut_off(0, {0, 1});
  EXPECT_EQ(refusal(), spec.output + ": exists and has other results (--output FILE, or remove it)");
  RecoveryChoice choice;
  choice.output = scratch.path("aside.h5");
  EXPECT_EQ(recover(choice).results.inference.at(0).rounds.round.size(), 2U);
}

TEST_F(RecoveryTest, RefusesWhatIsNotTheRuns) {
  const auto round_log = begin();
  EXPECT_NE(refusal().find(log() + ": in use: its run goes on"), std::string::npos);
  std::filesystem::remove(log());
  use_groups(2);
  cut_off(0, {0});
  EXPECT_NE(refusal().find(log(1) + ": no such file"), std::string::npos);
  use_groups(1);
  cut_off(0, {});
  EXPECT_NE(refusal().find(log() + ": no round was answered"), std::string::npos);
  cut_off(0, {4});
  EXPECT_NE(refusal().find("a round over samples that the run does not have"), std::string::npos);
  cut_off(0, {0});
  { RecordLog(scratch.path("x.rounds"), facts.key); }
  EXPECT_NE(
      message_of<UserError>([&] { Recovery(scratch.path("x.rounds"), {}); }).find("not named as a round log"),
      std::string::npos);
  { RoundRecorder(log(), facts.key); }
  EXPECT_NE(refusal().find("ends before it says what run it is of"), std::string::npos);
  cut_off(0, {0});
  RecoveryChoice choice;
  choice.weights = scratch.path("other.h5");
  const test::RandomNetwork random(job.topology, 8, 1);
  save_weights(choice.weights, random.weights, job.origin);
  EXPECT_EQ(refusal(choice), choice.weights + ": not the weights that the run had (--weights FILE)");
  EXPECT_FALSE(std::filesystem::exists(spec.output));
}

TEST_F(RecoveryTest, ANewRunSetsTheLogsOfAnEarlierOneAside) {
  EXPECT_EQ(set_logs_aside(spec.output), "");
  { const auto empty = begin(); }
  EXPECT_EQ(set_logs_aside(spec.output), "") << "nothing was measured";
  cut_off(0, {0, 1});
  {
    const RecordLogClaim held(log());
    EXPECT_EQ(set_logs_aside(spec.output), "") << "its run goes on";
  }
  const std::string aside = round_log_path(spec.output + ".earlier", 0);
  EXPECT_NE(set_logs_aside(spec.output).find("--recover " + aside), std::string::npos);
  EXPECT_EQ(Recovery(aside, {}).run().results.inference.at(0).rounds.round.size(), 2U);
}

}  // namespace
}  // namespace deepfog
