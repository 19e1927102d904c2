#include "cli/exit_config.hpp"

#include "cli/campaign_config.hpp"
#include "config_folder.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

/// A config with one model that has exits and one without.
class ExitConfigTest : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    write("t/exits.topology",
          "topology exits\nlet F 2\nlet HEAD max\nsource in 1x2x2\nnode a conv:$F\nstage sum on a "
          "norm-linear:3\nnode b\nstage l on b $HEAD\nnode c norm-linear:3\nlink in -> a\nlink a -> sum\n"
          "link sum -> l\nlink a -> c\nexit l threshold=0.3\nexit c\nfails a b\n");
  }
  /// Line 8 is the first of `lines`.
  std::string with(const std::string& lines, const std::string& experiment = "") {
    write("c.ini", "[campaign]\nname = demo\n[experiment.x]\ndataset = made\nreliability.low = a:.9 b:.75\n" +
                       experiment + "[model.x.one]\ntopology = t/exits.topology\n" + lines);
    return (folder / "c.ini").string();
  }
  const ModelSpec model(const std::string& lines, const std::string& experiment = "") {
    return load(with(lines, experiment)).spec.experiments[0].models[0];
  }
};

TEST_F(ExitConfigTest, ThresholdRules) {
  EXPECT_EQ(model("").training.threshold.how, "topology");
  const ThresholdRule fixed = model("exit_threshold = 0.25\n").training.threshold;
  EXPECT_EQ(fixed.how, "fixed");
  EXPECT_EQ(fixed.value, 0.25);
  const ThresholdRule shard = model("exit_threshold = share 0.6\n").training.threshold;
  EXPECT_EQ(shard.how, "share");
  EXPECT_EQ(shard.value, 0.6);
  EXPECT_EQ(model("exit_threshold = best\n").training.threshold.how, "best");
  EXPECT_EQ(model("", "exit_threshold = 1\n").training.threshold.value, 1) << "the experiment's";
  EXPECT_EQ(model("exit_threshold = 0\n", "exit_threshold = 1\n").training.threshold.value, 0);
}

TEST_F(ExitConfigTest, LetsArePrintedAndReadBack) {
  const CampaignConfig config = load(with("let.F = 5\n"));
  EXPECT_NE(print_config(config).find("let.F = 5"), std::string::npos) << print_config(config);
  EXPECT_EQ(config.spec.config_text.find("let.F"), std::string::npos) << "the topology's checksum says it";
}

TEST_F(ExitConfigTest, SkipsThatAModelGoesWithout) {
  write("t/exits.topology",
        "topology t\nsource in 4\nnode a relu:4\nnode b relu:4\nnode c linear:3\nlink in -> a\n"
        "link a -> b\nlink b -> c\nlink in -> b skip\nlink a -> c skip\nfails a b\n");
  EXPECT_EQ(model("").topology.hyperconnections().size(), 5U);
  EXPECT_EQ(model("without_skips = in->b a->c\n").topology.hyperconnections().size(), 3U);
  const CampaignConfig config = load(with("without_skips = a->c\n"));
  EXPECT_NE(print_config(config).find("without_skips = a->c"), std::string::npos) << print_config(config);
  EXPECT_EQ(print_config(load(with(""))).find("without_skips"), std::string::npos);
  EXPECT_USER_ERROR(load(with("without_skips = a->b\n")),
                    at(8) + "no skip hyperconnection \"a->b\" (in->b, a->c)");
}

TEST_F(ExitConfigTest, LinksWeighedByReliability) {
  write("t/exits.topology",
        "topology t\nsource in 4\nnode a relu:4\nnode b relu:4\nnode c linear:3\nlink in -> a\n"
        "link a -> b\nlink b -> c\nlink in -> b skip\nlink a -> c skip\nfails a b\n");
  const Topology topology = model("reliability_weights = low\n").topology;
  const auto& links = topology.hyperconnections();
  const std::vector<double> expected{1, 2 * 0.9 / 1.9, 2 * 0.75 / 1.65, 2 / 1.9, 2 * 0.9 / 1.65};
  ASSERT_EQ(links.size(), expected.size());
  for (std::size_t i = 0; i < links.size(); ++i) EXPECT_DOUBLE_EQ(links[i].weight, expected[i]) << i;
  EXPECT_NE(topology.text().find(" weight="), std::string::npos) << "the text says it";
  const CampaignConfig config = load(with("reliability_weights = low\n"));
  EXPECT_NE(print_config(config).find("reliability_weights = low"), std::string::npos);
  EXPECT_NE(config.spec.config_text, load(with("")).spec.config_text) << "another network";
  EXPECT_USER_ERROR(
      load(with("reliability_weights = lo\n")),
      at(8) + "reliability_weights = \"lo\" is no reliability setting of the experiment (settings: low)");
}

TEST_F(ExitConfigTest, WordsThatAreNoRule) {
  for (const std::string bad :
       {"1.5", "-0.1", "nan", "share", "share 2", "share best", "better", "best 0.5", "0.5 0.6"}) {
    try {
      load(with("exit_threshold = " + bad + "\n"));
      ADD_FAILURE() << bad << " was taken";
    } catch (const UserError& error) {
      EXPECT_EQ(std::string(error.what()).find(at(8)), 0U) << error.what();
      EXPECT_NE(std::string(error.what()).find("exit_threshold"), std::string::npos) << error.what();
    }
  }
  EXPECT_USER_ERROR(load(with("exit_threshold = share 2\n")),
                    at(8) + "exit_threshold = \"share 2\" (a number from 0 to 1, share NUMBER, or best)");
  EXPECT_USER_ERROR(load(config("", "", "exit_threshold = 0.5\n")),
                    at(10) + "exit_threshold for a topology without exits (exit STAGE in its file)");
}

TEST_F(ExitConfigTest, TrainedWithout) {
  EXPECT_EQ(model("").training.without, 0U);
  EXPECT_EQ(model("train_without = b\n").training.without, 0b10U);
  EXPECT_USER_ERROR(load(with("train_without = c\n")), at(8) + "train_without names \"c\" (nodes: a, b)");
  EXPECT_USER_ERROR(load(with("train_without = a a\n")), at(8) + "train_without names \"a\" twice");
  EXPECT_USER_ERROR(load(with("train_without = a b\n")),
                    at(8) + "train_without names all nodes (one has to be left)");
  // Any network can be trained without a node.
  EXPECT_EQ(load(config("", "", "train_without = a\n")).spec.experiments[0].models[1].training.without,
            0b01U);
}

TEST_F(ExitConfigTest, LetsPutWordsIntoTheTopology) {
  EXPECT_EQ(model("").topology.stages()[0].output_shape[0], 2);
  const ModelSpec changed = model("let.F = 7\nlet.HEAD = concat norm-linear:3\n");
  EXPECT_EQ(changed.topology.stages()[0].output_shape[0], 7);
  EXPECT_NE(changed.topology.text().find("let HEAD concat norm-linear:3\n"), std::string::npos);
  EXPECT_NE(changed.topology.text().find("let F 7\n"), std::string::npos);
  EXPECT_USER_ERROR(load(with("let.G = 7\n")), at(8) + "has no let \"G\" (a name that the topology lets)");
  EXPECT_USER_ERROR(load(with("let.G = 7\nlet.F = 3\n")),
                    at(8) + "has no let \"G\" (a name that the topology lets)");
  EXPECT_THROW(load(with("let.F = max\n")), UserError);
  EXPECT_THROW(load(with("let.F =\n")), UserError);
  EXPECT_THROW(load(with("", "let.F = 3\n")), UserError) << "of a model, not of an experiment";
}

TEST_F(ExitConfigTest, WhatDecidesNumbersIsKept) {
  const std::string plain = load(with("")).spec.config_text;
  EXPECT_EQ(plain.find("exit_threshold"), std::string::npos)
      << "campaigns from before there were exits go on";
  EXPECT_EQ(plain.find("train_without"), std::string::npos);
  for (const std::string line : {"exit_threshold = 0.3\n", "train_without = a\n", "let.F = 3\n"})
    EXPECT_NE(load(with(line)).spec.config_text, plain) << line;
  EXPECT_EQ(load(with("let.F = 2\n")).spec.config_text, plain) << "the topology's text decides";
  EXPECT_NE(load(with("exit_threshold = share 0.5\n")).spec.config_text.find("exit_threshold = share 0.5\n"),
            std::string::npos);
}

}  // namespace
}  // namespace deepfog
