#include "cli/campaign_config.hpp"

#include "cli/experiment_config.hpp"
#include "config_folder.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

using CampaignConfigTest = ConfigFolder;

TEST_F(CampaignConfigTest, FillsTheSpec) {
  const auto spec = load(config("seed = 7\nruns = 2\nthreads = 3\nsweep_block = 64\nconfusion = false\n",
                                "split = rows\nguess = class_frequency\nmodels = two one\nepochs = 9\n"))
                        .spec;
  EXPECT_EQ(spec.name, "demo");
  EXPECT_EQ(spec.output, "results/demo.h5");
  EXPECT_EQ(spec.seed, 7U);
  EXPECT_EQ(spec.runs, 2);
  EXPECT_EQ(spec.threads_per_rank, 3);
  EXPECT_EQ(spec.sweep_block, 64);
  EXPECT_FALSE(spec.confusion);
  EXPECT_TRUE(spec.save_weights);
  ASSERT_EQ(spec.experiments.size(), 1U);
  const auto& experiment = spec.experiments[0];
  EXPECT_EQ(experiment.name, "x");
  EXPECT_EQ(experiment.dataset, "made");
  EXPECT_EQ(experiment.split, "rows");
  EXPECT_EQ(experiment.guess, "class_frequency");
  ASSERT_EQ(experiment.reliability.size(), 1U);
  EXPECT_EQ(experiment.reliability[0].second, (std::vector<double>{0.9, 0.75}));
  ASSERT_EQ(experiment.models.size(), 2U);
  EXPECT_EQ(experiment.models[0].name, "two");
  EXPECT_EQ(experiment.models[0].topology.name(), "skip");
  EXPECT_EQ(experiment.models[1].topology_path, (folder / "t/chain.topology").string());
  EXPECT_EQ(experiment.models[1].training.epochs, 9);
}

TEST_F(CampaignConfigTest, FailoutComesFromTheModelOverTheExperiment) {
  const auto spec =
      load(config("", "failout_rate = 0.2\n", "training = failout\nfailout_setting = low\n")).spec;
  EXPECT_EQ(spec.experiments[0].models[0].training.training, "standard");
  EXPECT_TRUE(spec.experiments[0].models[0].training.failout_rates.empty());
  EXPECT_EQ(spec.experiments[0].models[1].training.failout_rates, (std::vector<double>{0.1, 0.25}));
}

TEST_F(CampaignConfigTest, FailoutRatesByFigureAndByName) {
  auto rates = [&](const std::string& value) {
    return load(config("", "", "training = failout\nfailout_rate = " + value + "\n"))
        .spec.experiments[0]
        .models[1]
        .training.failout_rates;
  };
  EXPECT_EQ(rates(".05"), (std::vector<double>{0.05, 0.05}));
  EXPECT_EQ(rates("b:0.3 a:0"), (std::vector<double>{0, 0.3}));
  EXPECT_THROW(rates("1"), UserError);
  EXPECT_THROW(rates("a:1 b:0"), UserError);
  EXPECT_THROW(rates("a:0.5"), UserError);
  EXPECT_THROW(rates("-0.1"), UserError);
}

TEST_F(CampaignConfigTest, SetAndOutputWin) {
  const auto loaded = load(config("runs = 2\n"), {"runs=5", "model.x.two.epochs=3"}, "o.h5");
  EXPECT_EQ(loaded.spec.runs, 5);
  EXPECT_EQ(loaded.spec.output, "o.h5");
  EXPECT_EQ(loaded.spec.experiments[0].models[1].training.epochs, 3);
  EXPECT_EQ(loaded.spec.experiments[0].models[0].training.epochs, 10);
}

TEST_F(CampaignConfigTest, TextHoldsWhatDecidesNumbersAndNothingElse) {
  const std::string text = load(config()).spec.config_text;
  // Neither the output path nor the notation of a number decides the results.
  EXPECT_EQ(load(config("output = elsewhere.h5\n")).spec.config_text, text);
  EXPECT_EQ(load(config(), {"experiment.x.reliability.low=b:0.750 a:0.9"}).spec.config_text, text);
  EXPECT_EQ(load(config("seed = 1\n", "epochs = 10\n")).spec.config_text, text);
  for (const char* set :
       {"seed=2", "runs=3", "threads=2", "sweep_block=100", "experiment.x.dataset=other",
        "experiment.x.split=s", "experiment.x.guess=class_frequency", "model.x.one.epochs=11",
        "experiment.x.models=two one", "experiment.x.reliability.low=a:.9 b:.7", "experiment.x.optimiser=sgd",
        "model.x.two.learning_rate=0.01"}) {
    EXPECT_NE(load(config(), {set}).spec.config_text, text) << set;
  }
  write("t/skip.topology",
        "topology skip\nsource in 4\nnode a relu:9\nnode b relu:8\nnode c linear:3\nlink in -> a\n"
        "link a -> b\nlink b -> c\nlink a -> c skip\nfails a b\n");
  EXPECT_NE(load(config()).spec.config_text, text);
  EXPECT_EQ(text.find(folder.string()), std::string::npos);
}

TEST_F(CampaignConfigTest, PrintedConfigSaysTheSameAndWhereFrom) {
  const auto path = config("runs = 2\n", "epochs = 9\n", "training = failout\nfailout_setting = low\n");
  const auto loaded = load(path, {"model.x.one.epochs=4"});
  const std::string printed = print_config(loaded);
  EXPECT_NE(printed.find("runs = 2                                  # " + path + ":3\n"), std::string::npos)
      << printed;
  EXPECT_NE(printed.find("# --set model.x.one.epochs=4\n"), std::string::npos);
  EXPECT_NE(printed.find("seed = 1                                  # default\n"), std::string::npos);
  write("printed.ini", printed);
  EXPECT_EQ(load((folder / "printed.ini").string()).spec.config_text, loaded.spec.config_text);
}

TEST_F(CampaignConfigTest, RefusesSections) {
  const auto refuse = [&](const std::string& text, const std::string& line) {
    write("c.ini", text);
    EXPECT_USER_ERROR(load((folder / "c.ini").string()), line);
  };
  const std::string path = (folder / "c.ini").string();
  refuse("", path + ": lacks the section [campaign]");
  refuse("[campaign]\nname = x\n",
         path + ": has no experiment (a section [experiment.NAME] and its [model.NAME.MODEL]s)");
  refuse("[campaing]\n", at(1) + "unknown section [campaing] (did you mean [campaign...]?)");
  refuse("[zzz]\n",
         at(1) + "unknown section [zzz] ([campaign], [experiment.NAME], [model.EXPERIMENT.NAME] allowed)");
  refuse("[experiment.a.b]\n",
         at(1) + "\"a.b\" is no name for an experiment (1 to 64 of A-Z a-z 0-9 _ - allowed)");
  refuse("[model.x]\n", at(1) + "[model.x] names no experiment ([model.EXPERIMENT.NAME] allowed)");
  refuse("[experiment.y]\n[model.x.m]\n",
         at(2) + "no section [experiment.x] for this model (experiments: y)");
  refuse("[campaign]\nname = x\n[experiment.x]\ndataset = d\n",
         at(3) + "[experiment.x] has no model (a section [model.x.NAME])");
}

TEST_F(CampaignConfigTest, RefusesWhatDoesNotFitTogether) {
  EXPECT_USER_ERROR(load(config("", "models = one three\n")),
                    at(6) + "models names \"three\" (models: one, two)");
  EXPECT_USER_ERROR(load(config("", "models = one one\n")), at(6) + "models names \"one\" twice");
  EXPECT_USER_ERROR(load(config(), {"model.x.two.topology=" + (folder / "t/turned.topology").string()}),
                    "--set model.x.two.topology=" + (folder / "t/turned.topology").string() +
                        ": failing nodes b, a of model two (those of model one in their order: a, b)");
  const std::string cut = (folder / "t/cut.topology").string();
  write("t/cut.topology",
        "topology cut\nsource in 4\nnode a gather:4\nnode b part:9\nnode c gather:3\nlink in -> a\n"
        "link a -> b\nlink b -> c\nfails a b\n");
  EXPECT_USER_ERROR(load(config(), {"model.x.two.topology=" + cut}),
                    cut + ": a cut network (use deepfog infer)");
  EXPECT_USER_ERROR(load(config("", "reliability.r = a:.5\n")),
                    at(6) + "reliability.r lacks node b (every failing node once: a, b)");
  EXPECT_USER_ERROR(load(config("", "reliability.r = a:.5 b:.5 a:.5\n")),
                    at(6) + "reliability.r: node a twice (every node once)");
  EXPECT_USER_ERROR(load(config("", "reliability.r = a:.5 b:.5 f9:1\n")),
                    at(6) + "reliability.r: unknown node \"f9\" (nodes: a, b)");
  EXPECT_USER_ERROR(load(config("", "reliability.r = a:.5 b:1.5\n")),
                    at(6) + "reliability.r of node b = \"1.5\" (a probability from 0 to 1 allowed)");
  EXPECT_USER_ERROR(load(config("", "reliability.r = .5 .5\n")),
                    at(6) + "reliability.r: \".5\" is no NODE:FIGURE (nodes: a, b)");
  EXPECT_USER_ERROR(load(config("runs = 0\n")),
                    at(3) + "runs = \"0\" (a whole number from 1 to 10000 allowed)");
  EXPECT_USER_ERROR(load(config("output =\n")), at(3) + "output is empty");
  const std::string file = (folder / "c.ini").string();
  EXPECT_USER_ERROR(load(config("output = " + folder.string() + "\n")),
                    at(3) + "output " + folder.string() + " is a folder (a file allowed)");
  EXPECT_USER_ERROR(
      load(config(), {}, file + "/new/x.h5"),
      "--output: output " + file + "/new/x.h5: " + file + " is no folder (a file in a folder allowed)");
  EXPECT_NO_THROW(load(config(), {}, (folder / "new/folders/x.h5").string()));
}

TEST_F(CampaignConfigTest, DataSetErrorsNameTheConfigLine) {
  auto loaded = load(config("", "split = rows\n"), {"experiment.x.dataset=no/such.h5"});
  EXPECT_USER_ERROR(locate_datasets(loaded),
                    "--set experiment.x.dataset=no/such.h5: no/such.h5: no such data-set file (a file, or a "
                    "name as in data/get.sh NAME)");
  loaded = load(config(), {});
  try {
    locate_datasets(loaded);
    ADD_FAILURE() << "found a data set that is not there";
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()).rfind(at(4) + "made: no made.h5 or made.synthetic.h5 in ", 0), 0U)
        << error.what();
  }
}

TEST(ByNode, WritesAndReads) {
  const std::vector<std::string> nodes{"f1", "e1"};
  EXPECT_EQ(by_node(nodes, {0.99, 1}), "f1:0.99 e1:1");
  EXPECT_EQ(parse_by_node("e1:1 f1:.99", nodes, "c", "x", false), (std::vector<double>{0.99, 1}));
}

}  // namespace
}  // namespace deepfog
