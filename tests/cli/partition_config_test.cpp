#include "cli/partition_config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "expect_user_error.hpp"

namespace deepfog {
namespace {

struct PartitionConfigTest : ::testing::Test {
  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "deepfog_partition_config";
  std::string path = (folder / "c.ini").string();
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  PartitionConfig load(const std::string& text, const std::vector<std::string>& sets = {},
                       const std::string& output = "") const {
    std::ofstream(path) << text;
    return load_partition_config(path, sets, output);
  }
  /// A valid config with further lines in its three sections.
  static std::string config(const std::string& partition = "", const std::string& experiment = "",
                            const std::string& model = "method = lop\n") {
    return "[partition]\nname = demo\ndataset = cifar10\nnetwork = vgg_bn_small\n" + partition +
           "[experiment.d4]\ndevices = 4\n" + experiment + "[model.one]\n" + model;
  }
  void refuses(const std::string& text, const std::string& line) const {
    EXPECT_USER_ERROR(load(text), line);
  }
};

TEST_F(PartitionConfigTest, DefaultsAreSane) {
  const CuttingSpec spec = load(config()).spec;
  EXPECT_EQ(spec.output, "results/demo.h5");
  EXPECT_EQ(spec.weights, "train");
  EXPECT_EQ(spec.runs, 1);
  EXPECT_EQ(spec.calibration, 64);
  EXPECT_EQ(spec.samples, 0);
  EXPECT_TRUE(spec.save);
  ASSERT_EQ(spec.experiments.size(), 1U);
  EXPECT_EQ(spec.experiments[0].devices, 4);
  ASSERT_EQ(spec.experiments[0].reliability.size(), 1U);
  EXPECT_EQ(spec.experiments[0].reliability[0].second, std::vector<double>(4, 1.0));
  ASSERT_EQ(spec.experiments[0].models.size(), 1U);
  EXPECT_EQ(spec.experiments[0].models[0].method, "lop");
}

TEST_F(PartitionConfigTest, ModelsGoToAllExperimentsOrThoseTheyName) {
  const CuttingSpec spec = load(config("", "", "method = lop\n") +
                                "[model.two]\nmethod = robustdice\nthreshold = .5 .25\nexperiments = d2\n"
                                "scores = s3 s1\nnormalisation = minmax\nfront = 8\n[experiment.d2]\n"
                                "devices = 2\nreliability.poor = .9\nreliability.odd = d2:.5 d1:1\n")
                               .spec;
  ASSERT_EQ(spec.experiments.size(), 2U);
  EXPECT_EQ(spec.experiments[0].models.size(), 1U);
  ASSERT_EQ(spec.experiments[1].models.size(), 2U);
  const CutModelSpec& two = spec.experiments[1].models[1];
  EXPECT_EQ(two.thresholds, (std::vector<double>{0.5, 0.25}));
  EXPECT_EQ(two.use, (std::array<bool, 3>{true, false, true}));
  EXPECT_EQ(two.normalisation, ScoreNormalisation::minmax);
  EXPECT_EQ(two.front, 8);
  EXPECT_EQ(spec.experiments[1].reliability[0].second, (std::vector<double>{0.9, 0.9}));
  EXPECT_EQ(spec.experiments[1].reliability[1].second, (std::vector<double>{1, 0.5}));
}

TEST_F(PartitionConfigTest, BudgetsInBytesAndPercent) {
  const auto model = [&](const std::string& text) {
    return load(config("", "", "method = robustdice\n" + text)).spec.experiments[0].models[0];
  };
  EXPECT_EQ(model("memory = 40%\n").memory_share, 0.4);
  EXPECT_EQ(model("memory = 5MiB\n").memory_bytes, 5 << 20);
  EXPECT_TRUE(model("memory = 40%\nrefined = true\nfailed = 2\n").searches());
  EXPECT_EQ(model("accuracy = .6\nfailed = 2\n").failed, 2);
  EXPECT_EQ(model("memory = 40%\nrefined = true\nfailed = all\n").failed, 0);
  EXPECT_FALSE(model("threshold = 0\n").searches());
}

TEST_F(PartitionConfigTest, ABudgetForEachExperiment) {
  const std::string two = "[experiment.d2]\ndevices = 2\n";
  const CuttingSpec spec = load(config("", "", "method = robustdice\nmemory = 40% 3MiB\n") + two).spec;
  EXPECT_EQ(spec.experiments[0].models[0].memory_share, 0.4);
  EXPECT_EQ(spec.experiments[0].models[0].memory_bytes, 0);
  EXPECT_EQ(spec.experiments[1].models[0].memory_share, 0);
  EXPECT_EQ(spec.experiments[1].models[0].memory_bytes, 3 << 20);
  refuses(config("", "", "method = robustdice\nmemory = 40% 50% 60%\n") + two,
          path + ":9: 3 budgets (one, or one for each of the experiments: d4, d2)");
}

TEST_F(PartitionConfigTest, SetWinsAndASettingKnowsWhereItIsFrom) {
  const PartitionConfig found =
      load(config("runs = 3\n"), {"runs=2", "experiment.d4.devices=3", "partition.seed=9"}, "x.h5");
  EXPECT_EQ(found.spec.runs, 2);
  EXPECT_EQ(found.spec.seed, 9U);
  EXPECT_EQ(found.spec.output, "x.h5");
  EXPECT_EQ(found.spec.experiments[0].devices, 3);
  int networks = 0;
  for (const EffectiveSetting& setting : found.effective) networks += setting.key == "network" ? 1 : 0;
  EXPECT_EQ(networks, 1);  // recorded once
}

TEST_F(PartitionConfigTest, TheTextOfTheConfigDecidesNumbersAlone) {
  const std::string text = load(config()).spec.config_text;
  EXPECT_EQ(text, load(config(), {}, "elsewhere.h5").spec.config_text);
  EXPECT_NE(text, load(config("seed = 2\n")).spec.config_text);
}

TEST_F(PartitionConfigTest, BadInputIsOneLine) {
  const std::string at = path + ":";
  refuses("[experiment.d4]\ndevices = 4\n", path + ": lacks the section [partition]");
  refuses(config("netwrk = x\n"), at + "5: unknown key \"netwrk\" in [partition] (did you mean network?)");
  refuses(config("weights = none\n"),
          at + "5: weights = \"none\" (train, random or a weights file (FILE.h5) allowed)");
  refuses(config("weights = random\nepochs = 3\n"), at + "6: epochs without weights = train");
  refuses(config("", "reliability.poor = 1.5\n"),
          at + "7: reliability.poor = \"1.5\" (a probability from 0 to 1 allowed)");
  refuses(config("", "reliability.poor = d9:.5\n"),
          at + "7: reliability.poor: unknown node \"d9\" (nodes: d1, d2, d3, d4)");
  refuses(config("", "", "method = best\n"),
          at + "8: method = \"best\" (robustdice, lop, cdc, replicated, random allowed)");
  refuses(config("", "", "method = lop\nthreshold = 1\n"), at + "9: threshold without method = robustdice");
  refuses(config("", "", "method = robustdice\n"),
          at + "7: method = robustdice with 0 of threshold, memory and accuracy (one of them allowed)");
  refuses(config("", "", "method = robustdice\nthreshold = 1\nmemory = 5%\n"),
          at + "7: method = robustdice with 2 of threshold, memory and accuracy (one of them allowed)");
  refuses(config("", "", "method = robustdice\nthreshold = -1\n"),
          at + "9: threshold = \"-1\" (0 or more allowed)");
  refuses(config("", "", "method = robustdice\nmemory = 140%\n"),
          at + "9: memory = \"140%\" (above 0 % to 100 % of full replication allowed)");
  refuses(config("", "", "method = robustdice\nmemory = much\n"),
          at + "9: memory = \"much\" (bytes of a device (800000, 5MiB) or percent of full replication (40%) "
               "allowed)");
  refuses(config("", "", "method = robustdice\nthreshold = 1\nscores = s1 s1\n"),
          at + "10: scores = \"s1 s1\" (some of s1 s2 s3, each once, allowed)");
  refuses(config("", "", "method = robustdice\nthreshold = 1\nrefined = true\n"),
          at + "10: refined without memory");
  refuses(config("", "", "method = robustdice\nthreshold = 1\nfailed = 2\n"),
          at + "10: failed without accuracy, refined or front");
  refuses(config("", "", "method = robustdice\naccuracy = .5\nfailed = 4\n"),
          at + "7: failed = 4 of the 4 devices of d4 (fewer allowed, or experiments = ... without it)");
  refuses(config("", "", "method = lop\nexperiments = d5\n"),
          at + "9: experiments names \"d5\" (experiments: d4)");
  refuses("[partition]\nname = a\ndataset = b\nnetwork = vgg_bn_small\n[experiment.d4]\ndevices = 4\n",
          path + ": experiment d4 has no model (a section [model.NAME] with method = lop)");
  refuses(config("", "devices = 3\n"),
          at + "7: key devices a second time in [experiment.d4] (first at " + at + "6)");
}

}  // namespace
}  // namespace deepfog
