#include "campaign/share.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "campaign/merge.hpp"
#include "campaign/opening.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/session.hpp"
#include "core/error.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

TEST(Share, IsReadFromText) {
  EXPECT_EQ(text_of(parse_share("2/4", "--share")), "2 of 4");
  EXPECT_EQ(parse_share("9999/9999", "--share").number, 9999);
  EXPECT_EQ(text_of(Share{}), "");
  for (const char* bad : {"", "2", "0/4", "5/4", "2/0", "-1/4", "2/4/6", "2 /4", "x/4", "2/99999"}) {
    EXPECT_NE(message_of<UserError>([&] { parse_share(bad, "--share"); }).find("--share"), std::string::npos)
        << bad;
  }
}

TEST(Share, EveryRunFallsToOneShareAndLoadsAreEven) {
  Plan plan;
  const double costs[] = {7, 1, 1, 1, 5, 3, 2, 8};
  for (int run = 0; run < 8; ++run) {
    plan.units.push_back({UnitKind::training, {0, 0, run}, 0, 0, costs[run]});
    plan.units.push_back({UnitKind::sweep, {0, 0, run}, 0, 10, 0.5});
  }
  for (const int of : {1, 2, 3, 8, 11}) {
    std::set<std::int64_t> seen;
    std::size_t units = 0;
    double most = 0;
    for (int number = 1; number <= of; ++number) {
      const Plan part = share_of(plan, {number, of});
      double load = 0;
      for (const Unit& unit : part.units) {
        load += unit.cost;
        if (unit.kind == UnitKind::training) EXPECT_TRUE(seen.insert(unit.key.run).second);
      }
      EXPECT_EQ(part.units.size() % 2, 0U) << "a run was torn apart";
      units += part.units.size();
      most = std::max(most, load);
    }
    EXPECT_EQ(units, 16U) << of;
    EXPECT_EQ(seen.size(), 8U) << of;
    EXPECT_LE(most, std::max(8.5, 32.0 / of + 3)) << of;
  }
  EXPECT_EQ(share_of(plan, {}).units.size(), 16U);
}

TEST(Share, TheEngineDoesNotMatter) {
  const test::Scratch scratch;
  test::TinyCampaign tiny(scratch.folder());
  const Plan diagram = share_of(make_plan(tiny.spec, test::tiny_summaries()), {2, 3});
  tiny.spec.engine = "reference";
  Plan reference = make_plan(tiny.spec, test::tiny_summaries());
  for (Unit& unit : reference.units) {
    if (unit.kind == UnitKind::sweep) unit.cost *= 1.0 + 1000.0 * static_cast<double>(unit.key.run);
  }
  reference = share_of(std::move(reference), {2, 3});
  ASSERT_EQ(diagram.units.size(), reference.units.size());
  for (std::size_t i = 0; i < diagram.units.size(); ++i)
    EXPECT_TRUE(diagram.units[i].key == reference.units[i].key) << i;
}

TEST(Share, RunsWithoutCostAreDealtOut) {
  Plan plan;
  for (int run = 0; run < 6; ++run) plan.units.push_back({UnitKind::training, {0, 0, run}, 0, 0, 0});
  EXPECT_EQ(share_of(plan, {1, 3}).units.size(), 2U);
}

/// A tiny campaign whose units are done share by share.
class MergeTest : public testing::Test {
 protected:
  /// Does the first `units` units of a share, as a job would that is killed then.
  void work_at(const Share& share, int units = 1000) {
    CampaignSpec spec = tiny_.spec;
    take_share(spec, share);
    Opening opening = open_campaign(spec, false);
    const Plan plan = share_of(make_plan(spec, opening.datasets), share);
    Board board(plan);
    Ledger ledger(spec, plan, opening.datasets, *opening.journal);
    ledger.replay(board, opening.records());
    SessionInfo info;
    info.created = opening.created;
    info.began = "2026-01-0" + std::to_string(9 - share.number) + "T00:00:00Z";
    info.share = text_of(share);
    opening.journal->append(record::encode(session_record(info, 1)));
    CampaignWork work(spec);
    work.begin();
    for (; units > 0; --units) {
      const auto unit = board.claim(0, std::nullopt);
      if (!unit) break;
      const Unit what = plan.units[static_cast<std::size_t>(*unit)];
      if (what.kind == UnitKind::training) {
        ledger.add_training(*unit, work.train(what, [](std::int64_t, double, double) { return true; }));
      } else {
        ledger.add_sweep(*unit, work.sweep(what, ledger.weights(what.weights_key())), 0.5);
      }
      board.complete(*unit, 0);
    }
    if (board.all_done()) opening.journal->append(record::encode(record::SessionEnd{"2026-01-10T00:00:00Z"}));
  }
  CampaignOutcome merge() { return merge_shares(tiny_.spec, {}); }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
};

TEST_F(MergeTest, SharesTogetherAreTheWhole) {
  for (const int number : {1, 2, 3}) work_at({number, 3});
  const CampaignOutcome outcome = merge();
  EXPECT_EQ(outcome.code, ExitCode::good) << outcome.results.invalid_reasons;
  const Results written = read_results(tiny_.spec.output);
  EXPECT_TRUE(written.valid);
  CampaignSpec whole = tiny_.spec;
  whole.output = scratch_.path("whole.h5");
  Opening opening = open_campaign(whole, false);
  const Plan plan = make_plan(whole, opening.datasets);
  Board board(plan);
  Ledger ledger(whole, plan, opening.datasets, *opening.journal);
  CampaignWork work(whole);
  test::do_everything(board, ledger, work, plan);
  for (const int m : {0, 1}) {
    const ModelResults& model = written.experiments.at(0).models.at(static_cast<std::size_t>(m));
    EXPECT_EQ(model.done, (std::vector<std::uint8_t>{1, 1}));
    std::vector<std::int64_t> correct;
    for (const int run : {0, 1}) {
      const std::vector<std::int64_t>& of_run = ledger.run({0, m, run}).correct;
      correct.insert(correct.end(), of_run.begin(), of_run.end());
    }
    EXPECT_EQ(model.correct, correct);
  }
  EXPECT_FALSE(std::filesystem::exists(shares_folder(tiny_.spec)));
  EXPECT_TRUE(std::filesystem::exists(weights_path(tiny_.spec, {0, 0, 0})));
}

TEST_F(MergeTest, SessionsOfAllSharesStandInTheFileByTheirBeginning) {
  for (const int number : {1, 2}) work_at({number, 2});
  merge();
  const auto sessions = read_results(tiny_.spec.output).sessions;
  ASSERT_EQ(sessions.size(), 3U);
  EXPECT_EQ(sessions[0].text.at("share"), "2 of 2");  // began a day earlier
  EXPECT_EQ(sessions[1].text.at("share"), "1 of 2");
  EXPECT_EQ(sessions[1].text.at("ended"), "2026-01-10T00:00:00Z");
  EXPECT_EQ(sessions[2].text.at("share"), "merge");
}

TEST_F(MergeTest, MissingUnitsAreSaidAndNothingIsWritten) {
  work_at({1, 2});
  work_at({2, 2}, 3);
  testing::internal::CaptureStderr();
  const CampaignOutcome outcome = merge();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(outcome.code, ExitCode::interrupted);
  EXPECT_NE(said.find("share 2 of 2: 3 of 8 units are done; go on with --share 2/2"), std::string::npos)
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

TEST_F(MergeTest, AFinishedCampaignIsLeftAloneAndItsSharesTidiedAway) {
  work_at({1, 1});
  merge();
  std::filesystem::create_directories(shares_folder(tiny_.spec));
  const auto written = std::filesystem::last_write_time(tiny_.spec.output);
  EXPECT_EQ(merge().code, ExitCode::good);
  EXPECT_EQ(std::filesystem::last_write_time(tiny_.spec.output), written);
  EXPECT_FALSE(std::filesystem::exists(shares_folder(tiny_.spec)));
}

TEST_F(MergeTest, RefusesWhatDoesNotBelong) {
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("no shares of this campaign"), std::string::npos);
  work_at({1, 2});
  tiny_.spec.config_text += "campaign.seed = 2\n";
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("belongs to a different campaign"),
            std::string::npos);
}

TEST_F(MergeTest, RefusesWhileAShareIsAtWork) {
  work_at({1, 2});
  CampaignSpec spec = tiny_.spec;
  take_share(spec, {2, 2});
  const Opening at_work = open_campaign(spec, false);
  EXPECT_NE(message_of<UserError>([&] { merge(); }).find("in use by another job"), std::string::npos);
  EXPECT_NE(message_of<UserError>([&] { open_campaign(tiny_.spec, true); }).find("in use by another job"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(shares_folder(tiny_.spec) + "/1-of-2.h5.journal"));
}

TEST_F(MergeTest, AWholeRunAndSharesExcludeEachOther) {
  work_at({1, 2});
  EXPECT_NE(message_of<UserError>([&] { open_campaign(tiny_.spec, false); }).find("is being done in shares"),
            std::string::npos);
  { const Opening anew = open_campaign(tiny_.spec, true); }
  EXPECT_FALSE(std::filesystem::exists(shares_folder(tiny_.spec)));
  CampaignSpec spec = tiny_.spec;
  take_share(spec, {1, 2});
  EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, false); }).find("was begun as a whole"),
            std::string::npos);
}

TEST_F(MergeTest, AShareThatRestartsThrowsAwayItsOwnPartOnly) {
  for (const int number : {1, 2}) work_at({number, 2});
  CampaignSpec spec = tiny_.spec;
  take_share(spec, {2, 2});
  { const Opening anew = open_campaign(spec, true); }
  EXPECT_EQ(merge().code, ExitCode::interrupted);
  work_at({2, 2});
  EXPECT_EQ(merge().code, ExitCode::good);
  EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, true); }).find("throws away its own part only"),
            std::string::npos);
}

TEST_F(MergeTest, NothingIsDoneBesideAWholeRunAtWork) {
  work_at({1, 1});
  std::filesystem::rename(shares_folder(tiny_.spec), scratch_.path("aside"));
  CampaignSpec spec = tiny_.spec;
  take_share(spec, {1, 2});
  {
    const Opening whole = open_campaign(tiny_.spec, false);
    for (const bool restart : {false, true}) {
      EXPECT_NE(message_of<UserError>([&] { open_campaign(spec, restart); }).find("was begun as a whole"),
                std::string::npos);
    }
    std::filesystem::rename(scratch_.path("aside"), shares_folder(tiny_.spec));
    EXPECT_NE(message_of<UserError>([&] { merge(); }).find("being done as a whole, too"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(tiny_.spec.output));
}

TEST_F(MergeTest, AShareOfAFinishedWholeHasNothingToDo) {
  work_at({1, 1});
  merge();
  CampaignSpec spec = tiny_.spec;
  take_share(spec, {1, 2});
  const Opening opening = open_campaign(spec, false);
  EXPECT_TRUE(opening.finished.has_value());
  EXPECT_FALSE(std::filesystem::exists(shares_folder(spec)));
}

}  // namespace
}  // namespace deepfog
