#include "campaign/resume.hpp"

#include <gtest/gtest.h>

#include "campaign/assembler.hpp"
#include "campaign/paths.hpp"
#include "core/error.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

class ResumeTest : public testing::Test {
 protected:
  std::string refusal(bool restart = false) {
    return message_of<UserError>([&] { open_campaign(spec_, restart); });
  }

  /// Leaves the results file of the campaign as a session with this status would.
  void leave_results(const std::string& status) {
    ResumedCampaign resume = open_campaign(spec_, false);
    const Plan plan = make_plan(spec_, resume.datasets);
    TaskQueue task_queue(plan.graph());
    RunStore run_store(spec_, plan, resume.datasets, *resume.journal);
    test::QuickWork work(spec_);
    if (status == "complete") test::do_everything(task_queue, run_store, work, plan);
    Assembler assembler(spec_, plan.forms, resume.datasets, {});
    Results results = assembler.update(run_store, status);
    results.valid = status == "complete";  // made-up counts are not what verify() takes
    write_results(spec_.output, results);
    resume.journal->remove();
  }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  CampaignSpec& spec_ = tiny_.spec;
};

TEST_F(ResumeTest, ANewCampaignHasAnEmptyJournal) {
  const ResumedCampaign resume = open_campaign(spec_, false);
  EXPECT_FALSE(resume.finished.has_value());
  EXPECT_TRUE(resume.notes.empty());
  ASSERT_EQ(resume.datasets.size(), 1U);
  EXPECT_EQ(resume.datasets[0].test_samples, 200);
  EXPECT_EQ(resume.datasets[0].train_samples, 60);
  EXPECT_EQ(resume.datasets[0].origin, "synthetic");
  EXPECT_DOUBLE_EQ(resume.datasets[0].guess_accuracy, 1.0 / 3);
  EXPECT_EQ(resume.created.size(), 20U);
  EXPECT_EQ(record_log_header(journal_path(spec_)), spec_.config_text);
}

TEST_F(ResumeTest, ASecondJobOnTheSameOutputIsTurnedAway) {
  const ResumedCampaign first = open_campaign(spec_, false);
  EXPECT_NE(refusal().find("in use"), std::string::npos) << refusal();
  EXPECT_NE(refusal(true).find("in use"), std::string::npos) << "restart must not harm a job at work";
  EXPECT_TRUE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(ResumeTest, TheFirstSessionsTimeIsKept) {
  const std::string created = open_campaign(spec_, false).created;
  EXPECT_EQ(open_campaign(spec_, false).created, created);
}

TEST_F(ResumeTest, AChangedConfigIsRefusedWithTheDifference) {
  open_campaign(spec_, false);
  spec_.config_text = "[campaign]\nname = tiny\nruns = 1\n";
  const std::string text = refusal();
  EXPECT_NE(text.find(journal_path(spec_) + ": belongs to a different campaign"), std::string::npos) << text;
  EXPECT_NE(text.find("campaign.runs: 2 -> 1"), std::string::npos) << text;
  EXPECT_EQ(text.find("campaign.name"), std::string::npos) << text;
  EXPECT_NE(text.find("--restart"), std::string::npos) << text;
  EXPECT_EQ(open_campaign(spec_, true).journal->records().size(), 0U);
  EXPECT_EQ(record_log_header(journal_path(spec_)), spec_.config_text);
}

TEST_F(ResumeTest, AChangedConfigIsRefusedForFinishedResultsToo) {
  leave_results("complete");
  spec_.config_text += "[new]\nkey = 1\n";
  EXPECT_NE(refusal().find(spec_.output + ": belongs to a different campaign"), std::string::npos)
      << refusal();
  EXPECT_NE(refusal().find("new.key: (none) -> 1"), std::string::npos) << refusal();
  open_campaign(spec_, true);
  EXPECT_FALSE(std::filesystem::exists(spec_.output));
  EXPECT_FALSE(std::filesystem::exists(weights_path(spec_, {0, 0, 0})));
}

TEST_F(ResumeTest, AFinishedCampaignIsReturned) {
  leave_results("complete");
  const ResumedCampaign resume = open_campaign(spec_, false);
  ASSERT_TRUE(resume.finished.has_value());
  EXPECT_EQ(resume.finished->experiments[0].models[1].done, (std::vector<std::uint8_t>{1, 1}));
}

TEST_F(ResumeTest, AnUnfinishedFileWithoutJournalStartsAnewAndSaysSo) {
  leave_results("interrupted");
  const ResumedCampaign resume = open_campaign(spec_, false);
  EXPECT_FALSE(resume.finished.has_value());
  ASSERT_EQ(resume.notes.size(), 1U);
  EXPECT_NE(resume.notes[0].find("status interrupted, not valid and no journal"), std::string::npos)
      << resume.notes[0];
}

TEST_F(ResumeTest, AFileThatIsNoResultsFileIsNeverTouched) {
  test::write_file(spec_.output, "my thesis");
  EXPECT_NE(refusal().find(spec_.output), std::string::npos) << refusal();
  EXPECT_NE(refusal(true).find(spec_.output), std::string::npos);
  EXPECT_EQ(test::read_file(spec_.output), "my thesis");
}

TEST_F(ResumeTest, AChangedTopologyOfFinishedResultsIsRefused) {
  leave_results("complete");
  Topology& topology = spec_.experiments[0].models[1].topology;
  topology = parse_topology(topology.text() + "# another line\n", "skips.topology");
  EXPECT_NE(refusal().find("tiny.skips topology sha256: "), std::string::npos) << refusal();
}

TEST_F(ResumeTest, ChangedDataAreRefused) {
  leave_results("complete");
  const std::string other = scratch_.path("other");
  ASSERT_TRUE(std::filesystem::create_directory(other));
  std::swap(spec_.experiments[0].dataset_path, test::TinyCampaign(other).spec.experiments[0].dataset_path);
  EXPECT_TRUE(open_campaign(spec_, false).finished.has_value());  // the same data elsewhere
  spec_.experiments[0].split = "thirds";
  EXPECT_NE(refusal(), "nothing was thrown");
}

TEST_F(ResumeTest, ATornRecordIsSaid) {
  const std::string path = journal_path(spec_);
  open_campaign(spec_, false);
  test::write_file(path, test::read_file(path) + "half a rec");
  const ResumedCampaign resume = open_campaign(spec_, false);
  ASSERT_EQ(resume.notes.size(), 1U);
  EXPECT_NE(resume.notes[0].find("cut short"), std::string::npos);
}

TEST_F(ResumeTest, NamesOfDataThatDoNotFitTheTopologyAreSaid) {
  Topology& topology = spec_.experiments[0].models[0].topology;
  topology = parse_topology(
      "topology t\nsource up 2\nnode a relu:6\nnode b relu:6\nnode c linear:3\nlink up -> a\nlink a -> b\n"
      "link b -> c\nfails a b\n",
      "plain.topology");
  EXPECT_NE(refusal().find("plain.topology"), std::string::npos) << refusal();
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_))) << "nothing is begun before all is checked";
}

TEST_F(ResumeTest, ASpecThatMakesNoSenseIsRefused) {
  const CampaignSpec good = spec_;
  const auto said = [&](auto change) {
    CampaignSpec spec = good;
    change(spec);
    return message_of<UserError>([&] { check_spec(spec); });
  };
  EXPECT_EQ(message_of<UserError>([&] { check_spec(good); }), "nothing was thrown");
  EXPECT_NE(said([](auto& s) { s.runs = 0; }).find("runs = 0"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.sweep_block = 63; }).find("at least 64"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.threads_per_rank = 0; }).find("threads = 0"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.output.clear(); }).find("no output"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.config_text.clear(); }).find("no text"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.experiments.clear(); }).find("no experiments"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.experiments[0].models.clear(); }).find("has no models"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.experiments[0].name = "a/b"; }).find("without /"), std::string::npos);
  EXPECT_NE(said([](auto& s) { s.experiments[0].models[1].name = "plain"; }).find("two models"),
            std::string::npos);
  EXPECT_NE(said([](auto& s) { s.experiments[0].reliability[1].second = {1}; }).find("1 probabilities"),
            std::string::npos);
  EXPECT_NE(
      said([](auto& s) { s.experiments[0].models[1].training.failout_rates = {1}; }).find("1 failout rates"),
      std::string::npos);
  EXPECT_NE(
      said([](auto& s) {
        s.experiments[0].models[1].topology = parse_topology(
            "topology t\nsource s 2\nnode a relu:6\nnode c linear:3\nlink s -> a\nlink a -> c\nfails a\n",
            "t");
      }).find("those of the experiment's first model: a, b"),
      std::string::npos);
}

}  // namespace
}  // namespace deepfog
