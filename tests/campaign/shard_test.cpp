#include "campaign/shard.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "campaign/merge.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/resume.hpp"
#include "campaign/session.hpp"
#include "core/error.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

TEST(Shard, IsReadFromText) {
  EXPECT_EQ(text_of(parse_shard("2/4", "--share")), "2 of 4");
  EXPECT_EQ(parse_shard("9999/9999", "--share").number, 9999);
  EXPECT_EQ(text_of(Shard{}), "");
  for (const char* bad : {"", "2", "0/4", "5/4", "2/0", "-1/4", "2/4/6", "2 /4", "x/4", "2/99999"}) {
    EXPECT_NE(message_of<UserError>([&] { parse_shard(bad, "--share"); }).find("--share"), std::string::npos)
        << bad;
  }
}

TEST(Shard, EveryRunFallsToOneShardAndLoadsAreEven) {
  Plan plan;
  const double costs[] = {7, 1, 1, 1, 5, 3, 2, 8};
  for (int run = 0; run < 8; ++run) {
    plan.tasks.push_back({TaskKind::training, {0, 0, run}, 0, 0, costs[run]});
    plan.tasks.push_back({TaskKind::sweep, {0, 0, run}, 0, 10, 0.5});
  }
  for (const int of : {1, 2, 3, 8, 11}) {
    std::set<std::int64_t> seen;
    std::size_t tasks = 0;
    double most = 0;
    for (int number = 1; number <= of; ++number) {
      const Plan part = shard_of(plan, {number, of});
      double load = 0;
      for (const Task& task : part.tasks) {
        load += task.cost;
        if (task.kind == TaskKind::training) EXPECT_TRUE(seen.insert(task.key.run).second);
      }
      EXPECT_EQ(part.tasks.size() % 2, 0U) << "a run was torn apart";
      tasks += part.tasks.size();
      most = std::max(most, load);
    }
    EXPECT_EQ(tasks, 16U) << of;
    EXPECT_EQ(seen.size(), 8U) << of;
    EXPECT_LE(most, std::max(8.5, 32.0 / of + 3)) << of;
  }
  EXPECT_EQ(shard_of(plan, {}).tasks.size(), 16U);
}

TEST(Shard, TheEngineDoesNotMatter) {
  const test::Scratch scratch;
  test::TinyCampaign tiny(scratch.folder());
  const Plan diagram = shard_of(make_plan(tiny.spec, test::tiny_summaries()), {2, 3});
  tiny.spec.engine = "reference";
  Plan reference = make_plan(tiny.spec, test::tiny_summaries());
  for (Task& task : reference.tasks) {
    if (task.kind == TaskKind::sweep) task.cost *= 1.0 + 1000.0 * static_cast<double>(task.key.run);
  }
  reference = shard_of(std::move(reference), {2, 3});
  ASSERT_EQ(diagram.tasks.size(), reference.tasks.size());
  for (std::size_t i = 0; i < diagram.tasks.size(); ++i)
    EXPECT_TRUE(diagram.tasks[i].key == reference.tasks[i].key) << i;
}

TEST(Shard, RunsWithoutCostAreDealtOut) {
  Plan plan;
  for (int run = 0; run < 6; ++run) plan.tasks.push_back({TaskKind::training, {0, 0, run}, 0, 0, 0});
  EXPECT_EQ(shard_of(plan, {1, 3}).tasks.size(), 2U);
}

/// A tiny campaign whose tasks are done shard by shard.
class MergeTest : public testing::Test {
 protected:
  /// Does the first `tasks` tasks of a shard, as a job would that is killed then.
  void work_at(const Shard& shard, int tasks = 1000) {
    CampaignSpec spec = tiny_.spec;
    take_shard(spec, shard);
    ResumedCampaign resume = open_campaign(spec, false);
    const Plan plan = shard_of(make_plan(spec, resume.datasets), shard);
    TaskQueue task_queue(plan.graph());
    RunStore run_store(spec, plan, resume.datasets, *resume.journal);
    run_store.replay(task_queue, resume.records());
    SessionInfo info;
    info.created = resume.created;
    info.began = "2026-01-0" + std::to_string(9 - shard.number) + "T00:00:00Z";
    info.shard = text_of(shard);
    resume.journal->append(record::encode(session_record(info, 1)));
    CampaignWork work(spec);
    work.begin();
    for (; tasks > 0; --tasks) {
      const auto task = task_queue.claim(0);
      if (!task) break;
      const Task what = plan.tasks[static_cast<std::size_t>(*task)];
      if (what.kind == TaskKind::training) {
        run_store.add_training(*task, work.train(what, [](std::int64_t, double, double) { return true; }));
      } else {
        run_store.add_sweep(*task, work.sweep(what, run_store.weights(what.weights_key())), 0.5);
      }
      task_queue.complete(*task, 0);
    }
    if (task_queue.all_done())
      resume.journal->append(record::encode(record::SessionEnd{"2026-01-10T00:00:00Z"}));
  }
  CampaignOutcome merge() { return merge_shards(tiny_.spec, {}); }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
};

TEST_F(MergeTest, ShardsTogetherAreTheWhole) {
  for (const int number : {1, 2, 3}) work_at({number, 3});
  const CampaignOutcome outcome = merge();
  EXPECT_EQ(outcome.code, ExitCode::good) << outcome.results.invalid_reasons;
  const Results written = read_results(tiny_.spec.output);
  EXPECT_TRUE(written.valid);
  CampaignSpec whole = tiny_.spec;
  whole.output = scratch_.path("whole.h5");
  ResumedCampaign resume = open_campaign(whole, false);
  const Plan plan = make_plan(whole, resume.datasets);
  TaskQueue task_queue(plan.graph());
  RunStore run_store(whole, plan, resume.datasets, *resume.journal);
  CampaignWork work(whole);
  test::do_everything(task_queue, run_store, work, plan);
  for (const int m : {0, 1}) {
    const ModelResults& model = written.experiments.at(0).models.at(static_cast<std::size_t>(m));
    EXPECT_EQ(model.done, (std::vector<std::uint8_t>{1, 1}));
    std::vector<std::int64_t> correct;
    for (const int run : {0, 1}) {
      const std::vector<std::int64_t>& of_run = run_store.run({0, m, run}).correct;
      correct.insert(correct.end(), of_run.begin(), of_run.end());
    }
    EXPECT_EQ(model.correct, correct);
  }
  EXPECT_FALSE(std::filesystem::exists(shards_folder(tiny_.spec)));
  EXPECT_TRUE(std::filesystem::exists(weights_path(tiny_.spec, {0, 0, 0})));
}

TEST_F(MergeTest, SessionsOfAllShardsStandInTheFileByTheirBeginning) {
  for (const int number : {1, 2}) work_at({number, 2});
  merge();
  const auto sessions = read_results(tiny_.spec.output).sessions;
  ASSERT_EQ(sessions.size(), 3U);
  EXPECT_EQ(sessions[0].text.at("share"), "2 of 2");  // began a day earlier
  EXPECT_EQ(sessions[1].text.at("share"), "1 of 2");
  EXPECT_EQ(sessions[1].text.at("ended"), "2026-01-10T00:00:00Z");
  EXPECT_EQ(sessions[2].text.at("share"), "merge");
}

TEST_F(MergeTest, MissingTasksAreSaidAndNothingIsWritten) {
  work_at({1, 2});
  work_at({2, 2}, 3);
  testing::internal::CaptureStderr();
  const CampaignOutcome outcome = merge();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(outcome.code, ExitCode::interrupted);
  EXPECT_NE(said.find("share 2 of 2: 3 of 8 tasks are done; go on with --share 2/2"), std::string::npos)
      << said;
  EXPECT_EQ(said.find("share 1 of 2"), std::string::npos) << said;
  EXPECT_FALSE(std::filesystem::exists(tiny_.spec.output));
  work_at({2, 2});
  EXPECT_EQ(merge().code, ExitCode::good);
}

TEST_F(MergeTest, OtherDivisionsFillTheGaps) {
  work_at({1, 2});
  for (const int number : {1, 2, 3, 4}) work_at({number, 4});
  EXPECT_EQ(merge().code, ExitCode::good);
}

TEST_F(MergeTest, AFinishedCampaignIsLeftAloneAndItsShardsTidiedAway) {
  work_at({1, 1});
  merge();
  std::filesystem::create_directories(shards_folder(tiny_.spec));
  const auto written = std::filesystem::last_write_time(tiny_.spec.output);
  EXPECT_EQ(merge().code, ExitCode::good);
  EXPECT_EQ(std::filesystem::last_write_time(tiny_.spec.output), written);
  EXPECT_FALSE(std::filesystem::exists(shards_folder(tiny_.spec)));
}

TEST_F(MergeTest, RefusesWhatDoesNotBelong) {
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("no shares of this campaign"), std::string::npos);
  work_at({1, 2});
  tiny_.spec.config_text += "campaign.seed = 2\n";
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("belongs to a different campaign"),
            std::string::npos);
}

TEST_F(MergeTest, RefusesWhileAShardIsAtWork) {
  work_at({1, 2});
  CampaignSpec spec = tiny_.spec;
  take_shard(spec, {2, 2});
  const ResumedCampaign at_work = open_campaign(spec, false);
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("in use by another job"), std::string::npos);
  EXPECT_NE(message_of<UserError>([&] { open_campaign(tiny_.spec, true); }).find("in use by another job"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(shards_folder(tiny_.spec) + "/1-of-2.h5.journal"));
}

TEST_F(MergeTest, AWholeRunAndShardsExcludeEachOther) {
  work_at({1, 2});
  EXPECT_NE(message_of<UserError>([&] { open_campaign(tiny_.spec, false); }).find("is being done in shares"),
            std::string::npos);
  { const ResumedCampaign anew = open_campaign(tiny_.spec, true); }
  EXPECT_FALSE(std::filesystem::exists(shards_folder(tiny_.spec)));
  CampaignSpec spec = tiny_.spec;
  take_shard(spec, {1, 2});
  EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, false); }).find("was begun as a whole"),
            std::string::npos);
}

TEST_F(MergeTest, AShardThatRestartsThrowsAwayItsOwnPartOnly) {
  for (const int number : {1, 2}) work_at({number, 2});
  CampaignSpec spec = tiny_.spec;
  take_shard(spec, {2, 2});
  { const ResumedCampaign anew = open_campaign(spec, true); }
  EXPECT_EQ(merge().code, ExitCode::interrupted);
  work_at({2, 2});
  EXPECT_EQ(merge().code, ExitCode::good);
  EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, true); }).find("throws away its own part only"),
            std::string::npos);
}

TEST_F(MergeTest, NothingIsDoneBesideAWholeRunAtWork) {
  work_at({1, 1});
  std::filesystem::rename(shards_folder(tiny_.spec), scratch_.path("aside"));
  CampaignSpec spec = tiny_.spec;
  take_shard(spec, {1, 2});
  {
    const ResumedCampaign whole = open_campaign(tiny_.spec, false);
    for (const bool restart : {false, true}) {
      EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, restart); }).find("was begun as a whole"),
                std::string::npos);
    }
    std::filesystem::rename(scratch_.path("aside"), shards_folder(tiny_.spec));
    EXPECT_NE(message_of<UserError>([&] { merge(); }).find("being done as a whole, too"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(tiny_.spec.output));
}

TEST_F(MergeTest, AShardOfAFinishedWholeHasNothingToDo) {
  work_at({1, 1});
  merge();
  CampaignSpec spec = tiny_.spec;
  take_shard(spec, {1, 2});
  const ResumedCampaign resume = open_campaign(spec, false);
  EXPECT_TRUE(resume.finished.has_value());
  EXPECT_FALSE(std::filesystem::exists(shards_folder(spec)));
}

}  // namespace
}  // namespace deepfog
