// Campaigns whose models have more failing nodes than a table of combinations lists, and those whose failure
// diagram is too large as well.

#include <cmath>

#include "campaign/paths.hpp"
#include "campaign_fixture.hpp"
#include "resilience/diagram.hpp"
#include "results/verify.hpp"

namespace deepfog {
namespace {

/// A chain of `nodes` that can fail, each with a link past the next one, and a last one that cannot.
std::string chain_text(int nodes) {
  std::string text = "topology chain\nsource left 2\nsource right 3\n", fails = "fails";
  for (int i = 1; i <= nodes; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += "node " + name + " relu:4\n";
    fails += " " + name;
    if (i == 1) text += "link left -> n1\nlink right -> n1\n";
    if (i == 2) text += "link right -> n2 skip\n";
    if (i > 1) text += "link n" + std::to_string(i - 1) + " -> " + name + "\n";
    if (i > 2) text += "link n" + std::to_string(i - 2) + " -> " + name + " skip\n";
  }
  text += "node end relu:4 linear:3\nlink n" + std::to_string(nodes) + " -> end\nlink n" +
          std::to_string(nodes - 1) + " -> end skip\n";
  return text + fails + "\n";
}

class FormsTest : public CampaignTest {
 protected:
  /// One model, a chain, under three settings.
  void use_chain(int nodes) {
    ExperimentSpec& experiment = spec_.experiments[0];
    experiment.models.resize(1);
    ModelSpec& model = experiment.models[0];
    model.topology_path = "chain.topology";
    model.topology = parse_topology(chain_text(nodes), model.topology_path);
    model.training.epochs = 15;
    const auto n = static_cast<std::size_t>(nodes);
    experiment.reliability = {{"no_failure", std::vector<double>(n, 1.0)},
                              {"normal", std::vector<double>(n, 0.998)},
                              {"hazardous", std::vector<double>(n, 0.7)}};
  }

  const ModelResults& model_of(const Results& results) const {
    return results.experiments.at(0).models.at(0);
  }

  CampaignOutcome run_again() {
    options_.restart = true;
    return run();
  }
};

TEST_F(FormsTest, CountsByClassAreThoseByCombination) {
  use_chain(6);
  spec_.table_nodes = 5;
  const CampaignOutcome by_class = run();
  spec_.table_nodes = 6;
  const CampaignOutcome table = run_again();
  if (!leads()) return;
  const ModelResults &classes = model_of(by_class.results), &listed = model_of(table.results);
  EXPECT_EQ(table_form(classes), "classes");
  EXPECT_EQ(table_form(listed), "combinations");
  EXPECT_TRUE(classes.correct.empty());
  EXPECT_TRUE(classes.confusion.empty());
  const Diagram diagram(spec_.experiments[0].models[0].topology);
  const std::size_t columns = classes.class_correct.size() / 2;
  ASSERT_EQ(columns, static_cast<std::size_t>(diagram.last_classes()) + 1);
  EXPECT_LT(columns, 64U);
  for (std::size_t run = 0; run < 2; ++run) {
    for (std::size_t k = 0; k < 64; ++k) {
      const auto c = static_cast<std::size_t>(diagram.class_of(k));
      EXPECT_EQ(classes.class_correct[run * columns + c], listed.correct[run * 64 + k]) << k;
      EXPECT_DOUBLE_EQ(classes.class_accuracy[run * columns + c], listed.accuracy[run * 64 + k]) << k;
    }
    for (const char* setting : {"no_failure", "normal", "hazardous"}) {
      EXPECT_NEAR(classes.average_accuracy.at(setting)[run], listed.average_accuracy.at(setting)[run], 1e-12);
    }
  }
}

/// Two devices with exits behind them: the exits' tables follow the model's table.
TEST_F(FormsTest, ExitsByClassAreThoseByCombination) {
  use_chain(2);
  ModelSpec& model = spec_.experiments[0].models[0];
  model.topology = parse_topology(
      "topology two\nsource left 1x1x2\nsource right 1x1x3\nnode n1 conv:2\nstage s1 on n1 norm-linear:3\n"
      "node n2 conv:2\nstage s2 on n2 norm-linear:3\nnode gateway\nstage local on gateway max\n"
      "node cloud concat norm-linear:3\nlink left -> n1\nlink right -> n2\nlink n1 -> s1\nlink n2 -> s2\n"
      "link s1 -> local\nlink s2 -> local\nlink n1 -> cloud\nlink n2 -> cloud\nexit local threshold=0.5\n"
      "exit cloud\nsummary s1\nsummary s2\nfails n1 n2\n",
      "two.topology");
  model.training.epochs = 2;
  spec_.table_nodes = 1;
  const CampaignOutcome by_class = run();
  EXPECT_EQ(by_class.code, ExitCode::good);
  spec_.table_nodes = 2;
  const CampaignOutcome table = run_again();
  if (!leads()) return;
  EXPECT_EQ(verify(by_class.results), std::vector<std::string>{});
  const ModelResults &classes = model_of(by_class.results), &listed = model_of(table.results);
  ASSERT_EQ(table_form(classes), "classes");
  ASSERT_EQ(table_form(listed), "combinations");
  EXPECT_EQ(classes.exits.thresholds, listed.exits.thresholds);
  const Diagram diagram(model.topology);
  const std::size_t rows = static_cast<std::size_t>(diagram.last_classes()) + 1;
  const auto same = [&](const std::vector<std::int64_t>& one, const std::vector<std::int64_t>& other) {
    const std::size_t width = other.size() / 8;
    ASSERT_EQ(one.size(), 2 * rows * width);
    for (std::size_t row = 0; row < 8; ++row) {
      const std::size_t of = row / 4 * rows + static_cast<std::size_t>(diagram.class_of(row % 4));
      for (std::size_t i = 0; i < width; ++i) EXPECT_EQ(one[of * width + i], other[row * width + i]) << row;
    }
  };
  same(classes.exits.answered, listed.exits.answered);
  same(classes.exits.correct, listed.exits.correct);
  same(classes.exits.curve_answered, listed.exits.curve_answered);
  same(classes.exits.curve_correct, listed.exits.curve_correct);
  same(classes.exits.alone, listed.exits.alone);
  EXPECT_TRUE(masked(read_results(spec_.output)) == masked(table.results));
  Results spoilt = by_class.results;
  ++spoilt.experiments[0].models[0].exits.correct[2];
  EXPECT_NE(verify(spoilt), std::vector<std::string>{});
}

TEST_F(FormsTest, EighteenNodesOnAnyNumberOfRanks) {
  use_chain(18);
  const CampaignOutcome outcome = run();
  EXPECT_EQ(outcome.code, ExitCode::good);
  if (!leads()) return;
  const Results written = read_results(spec_.output);
  EXPECT_TRUE(written.valid) << written.invalid_reasons;
  EXPECT_EQ(table_form(model_of(written)), "classes");
  EXPECT_TRUE(masked(written) == masked(reference()));
  EXPECT_TRUE(masked(written) == masked(outcome.results));
  EXPECT_LT(std::filesystem::file_size(spec_.output), 3'000'000U) << "something of size 2^18 is in the file";
}

TEST_F(FormsTest, ClassesResumeFromAnyRecord) {
  use_chain(17);
  std::vector<LogRecord> records;
  std::string expected;
  if (leads()) {
    expected = masked(reference());
    CampaignWork work(spec_);
    records = test::records_of_everything(spec_, work);
    ASSERT_EQ(records.size(), 9U);
  }
  for (std::size_t cut = 1; cut <= 9; cut += 4) {
    if (leads()) {
      std::filesystem::remove(spec_.output);
      RecordLog journal(journal_path(spec_), spec_.config_text);
      for (std::size_t i = 0; i < cut; ++i) journal.append(records[i]);
    }
    const CampaignOutcome outcome = run();
    ASSERT_EQ(outcome.code, ExitCode::good) << cut;
    if (!leads()) continue;
    EXPECT_TRUE(masked(outcome.results) == expected) << cut;
  }
}

TEST_F(FormsTest, VerifySeesEveryBrokenTableOfClasses) {
  use_chain(5);
  spec_.table_nodes = 4;
  const CampaignOutcome outcome = run();
  if (!leads()) return;
  EXPECT_EQ(verify(outcome.results), std::vector<std::string>{});
  const auto violation = [&](const std::function<void(ModelResults&)>& spoil) {
    Results results = outcome.results;
    spoil(results.experiments[0].models[0]);
    const std::vector<std::string> lines = verify(results);
    return lines.empty() ? "nothing" : lines[0].substr(lines[0].find("/models/plain") + 13);
  };
  EXPECT_EQ(violation([](ModelResults& m) { m.class_correct[0] = 1; }),
            "/class_correct: run 0, class 0: 1 (0 to 0)");
  EXPECT_EQ(violation([](ModelResults& m) { m.class_correct[1] = 201; }),
            "/class_correct: run 0, class 1: 201 (0 to 200)");
  EXPECT_EQ(violation([](ModelResults& m) { m.class_accuracy[0] = 0.5; }),
            "/class_accuracy: run 0, class 0: 0.5, but guessing gives 0.333333333333333");
  EXPECT_EQ(violation([](ModelResults& m) { m.diagram.alive[0] ^= 1; }),
            "/diagram/alive: is not the topology's");
  EXPECT_EQ(violation([](ModelResults& m) { m.diagram.failed.back() ^= 1; }),
            "/diagram/failed: is not the topology's");
  EXPECT_EQ(violation([](ModelResults& m) { m.diagram.class_of_state.push_back(0); }),
            "/diagram/class_of_state: is not the topology's");
  EXPECT_EQ(violation([](ModelResults& m) { m.diagram.position[0] = -1; }),
            "/diagram/position: is not the topology's");
  EXPECT_EQ(violation([](ModelResults& m) { m.diagram.states[1] += 1; }),
            "/diagram/states: is not the topology's");
  EXPECT_EQ(violation([](ModelResults& m) { m.class_accuracy.pop_back(); }).substr(0, 17),
            "/class_accuracy: ");
  EXPECT_EQ(violation([](ModelResults& m) { m.flow = {1}; }),
            "/correct: does not belong to a table of this form");
  EXPECT_EQ(violation([](ModelResults& m) { m.average_accuracy["normal"][1] += 1e-9; }).substr(0, 31),
            "/average_accuracy/normal: run 1");
  EXPECT_EQ(violation([](ModelResults& m) { m.text["table"] = "rows"; }),
            "@table: 'rows' (combinations, classes, bounds)");
}

TEST_F(FormsTest, BoundsAndSamplesOfEverythingAreExact) {
  const CampaignOutcome exact = run();
  spec_.table_nodes = 1;
  spec_.class_limit = 1;
  const CampaignOutcome bounded = run_again();
  EXPECT_EQ(bounded.code, ExitCode::good);
  spec_.large_diagram.policy = "sampling";  // of 4 combinations: all are listed
  const CampaignOutcome sampled = run_again();
  EXPECT_EQ(sampled.code, ExitCode::good);
  if (!leads()) return;
  for (const CampaignOutcome* outcome : {&bounded, &sampled}) {
    EXPECT_TRUE(outcome->results.valid) << outcome->results.invalid_reasons;
    for (std::size_t m = 0; m < 2; ++m) {
      const ModelResults& model = outcome->results.experiments[0].models[m];
      EXPECT_EQ(table_form(model), "bounds");
      EXPECT_EQ(model.methods.at("poor"), outcome == &bounded ? method_bounds : method_sampling);
      for (const char* setting : {"no_failure", "poor"}) {
        for (std::size_t run = 0; run < 2; ++run) {
          const double expected = exact.results.experiments[0].models[m].average_accuracy.at(setting)[run];
          EXPECT_NEAR(model.average_accuracy.at(setting)[run], expected, 0.001 + 1e-9) << setting;
          EXPECT_LE(model.bounds.at(setting)[2 * run], expected + 1e-9) << setting;
          EXPECT_GE(model.bounds.at(setting)[2 * run + 1], expected - 1e-9) << setting;
        }
      }
    }
  }
}

TEST_F(FormsTest, BoundsHoldTheExactAverageOnAnyNumberOfRanks) {
  use_chain(18);
  const CampaignOutcome exact = run();
  spec_.class_limit = 50;
  spec_.large_diagram.bound_width = 0.005;
  spec_.large_diagram.max_combinations = 400;
  spec_.large_diagram.sampling_draws = 2000;
  const CampaignOutcome outcome = run_again();
  EXPECT_EQ(outcome.code, ExitCode::good);
  if (!leads()) return;
  const Results written = read_results(spec_.output);
  EXPECT_TRUE(written.valid) << written.invalid_reasons;
  EXPECT_TRUE(masked(written) == masked(reference()));
  const ModelResults &model = model_of(written), &whole = model_of(exact.results);
  EXPECT_EQ(model.methods.at("no_failure"), "bounds");
  EXPECT_EQ(model.methods.at("normal"), "bounds");
  EXPECT_EQ(model.methods.at("hazardous"), method_sampling);
  for (std::size_t run = 0; run < 2; ++run) {
    const auto& normal = model.bounds.at("normal");
    EXPECT_LE(normal[2 * run + 1] - normal[2 * run], 0.005 + 1e-12);
    EXPECT_GT(model.explored_mass.at("normal")[run], 0.99);
    EXPECT_DOUBLE_EQ(model.average_accuracy.at("no_failure")[run],
                     whole.average_accuracy.at("no_failure")[run]);
    for (const char* setting : {"no_failure", "normal"}) {
      EXPECT_LE(model.bounds.at(setting)[2 * run], whole.average_accuracy.at(setting)[run] + 1e-12);
      EXPECT_GE(model.bounds.at(setting)[2 * run + 1], whole.average_accuracy.at(setting)[run] - 1e-12);
    }
    EXPECT_NEAR(model.average_accuracy.at("hazardous")[run], whole.average_accuracy.at("hazardous")[run],
                0.03);
  }
}

TEST_F(FormsTest, VerifySeesBrokenBounds) {
  spec_.table_nodes = 1;
  spec_.class_limit = 1;
  const CampaignOutcome outcome = run();
  if (!leads()) return;
  const auto broken = [&](const std::function<void(ModelResults&)>& spoil) {
    Results results = outcome.results;
    spoil(results.experiments[0].models[0]);
    return !verify(results).empty();
  };
  EXPECT_FALSE(broken([](ModelResults&) {}));
  EXPECT_TRUE(broken([](ModelResults& m) { m.bounds["poor"][0] = -0.1; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.bounds["poor"][1] = 0.01; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.bounds["poor"].pop_back(); }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.bounds.erase("poor"); }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.average_accuracy["poor"][0] += 0.1; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.explored_mass["poor"][0] = 1.5; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.explored[0] = 0; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.methods["poor"] = "guess"; }));
  EXPECT_TRUE(broken([](ModelResults& m) { m.methods.erase("poor"); }));
}

TEST_F(FormsTest, ARefusalTouchesNoFile) {
  use_chain(18);
  spec_.class_limit = 50;
  spec_.large_diagram.policy = "refuse";
  expect_everywhere<UserError>("(beyond = bounds or sampling, or a larger class_limit)");
  EXPECT_FALSE(std::filesystem::exists(journal_path(spec_)));
}

TEST_F(FormsTest, TheReferenceListsCombinationsOnly) {
  use_chain(17);
  spec_.engine = "reference";
  expect_everywhere<UserError>("17 nodes can fail, engine = reference");
}

}  // namespace
}  // namespace deepfog
