#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "campaign/codec.hpp"
#include "campaign/model_tables.hpp"
#include "campaign/paths.hpp"
#include "campaign/resume.hpp"
#include "campaign/task_payload.hpp"
#include "core/error.hpp"
#include "models/exit_outcome.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using test::message_of;

const char* const kTwoDevices = R"(topology two
source left 1x1x2
source right 1x1x3
node d1 conv:2
stage s1 on d1 norm-linear:3
node d2 conv:2
stage s2 on d2 norm-linear:3
node gateway
stage local on gateway max
node cloud concat norm-linear:3
link left -> d1
link right -> d2
link d1 -> s1
link d2 -> s2
link s1 -> local
link s2 -> local
link d1 -> cloud
link d2 -> cloud
exit local threshold=0.5
exit cloud
summary s1
summary s2
fails d1 d2
)";

/// Two exits, four heads, four combinations; figures that tell lists and places apart.
ExitCounts exit_counts(std::int64_t first) {
  ExitCounts exits;
  exits.thresholds = {0.5, 0.75};
  const std::size_t grid = threshold_grid().size();
  for (std::int64_t i = 0; i < 8; ++i) exits.answered.push_back(first + i);
  for (std::int64_t i = 0; i < 8; ++i) exits.correct.push_back(first + i / 2);
  for (std::size_t i = 0; i < 8 * grid; ++i) exits.curve_answered.push_back(first + std::int64_t(i % 7));
  for (std::size_t i = 0; i < 8 * grid; ++i) exits.curve_correct.push_back(first + std::int64_t(i % 5));
  for (std::int64_t i = 0; i < 16; ++i) exits.alone.push_back(first + i % 3);
  return exits;
}

void expect_equal(const ExitCounts& one, const ExitCounts& other) {
  EXPECT_EQ(one.thresholds, other.thresholds);
  EXPECT_EQ(one.answered, other.answered);
  EXPECT_EQ(one.correct, other.correct);
  EXPECT_EQ(one.curve_answered, other.curve_answered);
  EXPECT_EQ(one.curve_correct, other.curve_correct);
  EXPECT_EQ(one.alone, other.alone);
}

SweepCounts sweep_counts(std::int64_t samples, std::int64_t first) {
  SweepCounts counts;
  counts.samples = samples;
  counts.correct = {0, 1, 2, 3};
  counts.confusion.assign(36, 1);
  counts.exits = exit_counts(first);
  return counts;
}

TEST(ExitsCodec, CountsComeBackAndThoseWithoutExitsAreAsBefore) {
  const record::Sweep sweep{{1, 2, 3}, 64, 128, "abc", sweep_counts(64, 2), 2.5};
  const LogRecord whole = record::encode(sweep);
  expect_equal(record::decode_sweep(whole, "x").counts.exits, sweep.counts.exits);
  // A record from before there were exits is what one without them is: nothing behind the seconds.
  record::Sweep plain = sweep;
  plain.counts.exits = {};
  Encoder old;
  old.put(std::int32_t{1});
  old.put(std::int32_t{2});
  old.put(std::int64_t{3});
  old.put(std::int64_t{64});
  old.put(std::int64_t{128});
  old.put_text("abc");
  old.put_list(plain.counts.correct);
  old.put_list(plain.counts.confusion);
  old.put(plain.counts.samples);
  old.put(2.5);
  const LogRecord before{record::sweep_type, old.take()};
  EXPECT_EQ(record::encode(plain).payload, before.payload);
  const record::Sweep back = record::decode_sweep(before, "x");
  EXPECT_TRUE(back.counts.exits.empty());
  EXPECT_EQ(back.counts.confusion, plain.counts.confusion);
  // Cut anywhere else it is refused, and so is what stands behind the end.
  for (std::size_t size = before.payload.size() + 1; size < whole.payload.size(); size += 7) {
    const LogRecord cut{record::sweep_type, {whole.payload.begin(), whole.payload.begin() + long(size)}};
    EXPECT_THROW(record::decode_sweep(cut, "x"), Failure) << size;
  }
  LogRecord longer = whole;
  longer.payload.push_back('x');
  EXPECT_THROW(record::decode_sweep(longer, "x"), Failure);
}

TEST(ExitsCodec, RanksTellTheCounts) {
  const auto swept = std::get<payload::Swept>(
      payload::decode_result(payload::encode(payload::Swept{sweep_counts(64, 4), 2.5}), "x"));
  expect_equal(swept.counts.exits, exit_counts(4));
  EXPECT_EQ(swept.seconds, 2.5);
}

class ExitsCampaign : public testing::Test {
 protected:
  ExitsCampaign() {
    ModelSpec& model = spec_.experiments[0].models[0];
    spec_.experiments[0].models.resize(1);
    model.topology = parse_topology(kTwoDevices, "two.topology");
    model.topology_path = "two.topology";
    model.training.epochs = 1;
    spec_.per_sample_mib = 0;
  }
  ModelSpec& model() { return spec_.experiments[0].models[0]; }
  std::string refusal() {
    return message_of<UserError>([&] { check_spec(spec_); });
  }
  TrainedModel trained() {
    TrainedModel result;
    const std::int64_t values = value_count(model().topology);
    result.weights = {{"d1", "all", {values}, std::vector<float>(std::size_t(values), 1.0F)}};
    result.validation_accuracy = 0.5;
    return result;
  }

  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  CampaignSpec& spec_ = tiny_.spec;
};

TEST_F(ExitsCampaign, SpecsThatCannotBeDoneAreRefused) {
  EXPECT_EQ(refusal(), "nothing was thrown");
  spec_.trainer = "fused";
  EXPECT_EQ(refusal(), "two.topology: trainer = fused knows dense layers and sums only (trainer = libtorch)");
  spec_.trainer = "libtorch";
  model().training.normalise = "standard";
  EXPECT_NE(refusal().find("normalise = standard hides which views are missing"), std::string::npos);
  std::string text = kTwoDevices;
  for (const std::string line : {"summary s1\n", "summary s2\n"}) text.erase(text.find(line), line.size());
  model().topology = parse_topology(text, "two.topology");
  EXPECT_EQ(refusal(), "nothing was thrown") << "without summaries no view is looked at";
  spec_.table_nodes = 1;
  EXPECT_EQ(refusal(), "nothing was thrown") << "counts are kept by class then";
  EXPECT_EQ(form_of(spec_, model()).form, TableForm::classes);
  spec_.memory_bytes = 1000;
  EXPECT_NE(refusal().find("memory for 256 of them"), std::string::npos);
}

TEST_F(ExitsCampaign, CountsThatDoNotFitAreRefused) {
  make_folders(spec_);
  const Plan plan = make_plan(spec_, test::tiny_summaries());
  RecordLog journal(journal_path(spec_), spec_.config_text);
  RunStore run_store(spec_, plan, test::tiny_summaries(), journal);
  TrainedModel few = trained();
  few.weights[0].values.pop_back();
  EXPECT_NE(
      message_of<Failure>([&] { run_store.add_training(0, few); }).find("values came back, the topology has"),
      std::string::npos);
  run_store.add_training(0, trained());
  const auto said = [&](auto change) {
    SweepCounts counts = sweep_counts(64, 3);
    change(counts.exits);
    return message_of<Failure>([&] { run_store.add_sweep(1, counts, 1); });
  };
  const std::string size = "counts of exits of the wrong size";
  EXPECT_NE(said([](ExitCounts& e) { e = {}; }).find(size), std::string::npos);
  EXPECT_NE(said([](ExitCounts& e) { e.thresholds.pop_back(); }).find(size), std::string::npos);
  for (auto list : {&ExitCounts::answered, &ExitCounts::correct, &ExitCounts::curve_answered,
                    &ExitCounts::curve_correct, &ExitCounts::alone}) {
    EXPECT_NE(said([&](ExitCounts& e) { (e.*list).push_back(0); }).find(size), std::string::npos);
    EXPECT_NE(said([&](ExitCounts& e) { (e.*list)[3] = 65; }).find("impossible count 65"), std::string::npos);
    EXPECT_NE(said([&](ExitCounts& e) { (e.*list)[3] = -1; }).find("impossible count -1"), std::string::npos);
  }
  EXPECT_EQ(said([](ExitCounts&) {}), "nothing was thrown");
}

TEST_F(ExitsCampaign, BlocksAreSummedAndFoundAgain) {
  make_folders(spec_);
  const Plan plan = make_plan(spec_, test::tiny_summaries());
  {
    RecordLog journal(journal_path(spec_), spec_.config_text);
    RunStore run_store(spec_, plan, test::tiny_summaries(), journal);
    run_store.add_training(0, trained());
    for (int task = 1; task <= 3; ++task)
      run_store.add_sweep(
          task, sweep_counts(plan.tasks[std::size_t(task)].end - plan.tasks[std::size_t(task)].begin, task),
          1);
  }
  RecordLog journal(journal_path(spec_), spec_.config_text);
  TaskQueue task_queue(plan.graph());
  RunStore run_store(spec_, plan, test::tiny_summaries(), journal);
  EXPECT_TRUE(run_store.replay(task_queue, journal.records()).empty());
  ExitCounts sum = exit_counts(1);
  for (auto list : {&ExitCounts::answered, &ExitCounts::correct, &ExitCounts::curve_answered,
                    &ExitCounts::curve_correct, &ExitCounts::alone}) {
    for (std::size_t i = 0; i < (sum.*list).size(); ++i)
      (sum.*list)[i] += (exit_counts(2).*list)[i] + (exit_counts(3).*list)[i];
  }
  expect_equal(run_store.run({0, 0, 0}).exits, sum);
}

TEST_F(ExitsCampaign, TablesSayWhatTheTopologyHasAndWhatARunCounted) {
  model().training.threshold = {"share", 0.6};
  model().training.without = 0b10;
  ModelForm form;
  ModelResults tables = empty_tables(spec_, spec_.experiments[0], model(), form);
  EXPECT_EQ(tables.text.at("exit_threshold"), "share");
  EXPECT_EQ(tables.numbers.at("exit_threshold_value"), 0.6);
  EXPECT_EQ(tables.text.at("trained_without"), "d2");
  const ExitTables& exits = tables.exits;
  EXPECT_EQ(exits.exits, (std::vector<std::string>{"local", "cloud"}));
  EXPECT_EQ(exits.heads.size(), 4U);
  EXPECT_EQ(exits.grid, threshold_grid());
  ASSERT_EQ(exits.links.size(), exits.bits.size());
  const auto cloud =
      std::find(exits.links.begin(), exits.links.end(), "d2@local->cloud") - exits.links.begin();
  ASSERT_LT(cloud, std::int64_t(exits.links.size()));
  EXPECT_EQ(exits.link_kinds[std::size_t(cloud)], "data");
  EXPECT_EQ(exits.senders[std::size_t(cloud)], "d2");
  EXPECT_EQ(exits.exits_passed[std::size_t(cloud)], 1);
  EXPECT_EQ(exits.bits[std::size_t(cloud)], 2 * 1 * 2 * 32) << "two filters of 1x2 floats";

  RunRecord record;
  record.correct = {0, 1, 2, 3};
  record.confusion.assign(36, 1);
  record.exits = exit_counts(3);
  ExperimentResults experiment;
  experiment.test_samples = 200;
  experiment.classes = 3;
  experiment.guess_probabilities = {1 / 3.0, 1 / 3.0, 1 / 3.0};
  experiment.test_class_counts = {100, 50, 50};
  fill_run(tables, form, experiment, 1, record);
  const auto second_run = [](const auto& list) {
    return std::vector<typename std::decay_t<decltype(list)>::value_type>(
        list.begin() + std::int64_t(list.size()) / 2, list.end());
  };
  EXPECT_EQ(second_run(exits.thresholds), record.exits.thresholds);
  EXPECT_EQ(second_run(exits.answered), record.exits.answered);
  EXPECT_EQ(second_run(exits.correct), record.exits.correct);
  EXPECT_EQ(second_run(exits.curve_answered), record.exits.curve_answered);
  EXPECT_EQ(second_run(exits.curve_correct), record.exits.curve_correct);
  EXPECT_EQ(second_run(exits.alone), record.exits.alone);
  EXPECT_TRUE(std::isnan(exits.thresholds[0])) << "the first run is not done";
  EXPECT_EQ(exits.answered[0], 0);
}

}  // namespace
}  // namespace deepfog
