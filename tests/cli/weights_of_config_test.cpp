#include "cli/campaign_config.hpp"
#include "config_folder.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

/// Line 10 is the first of the second model's additional lines; the third model's section follows them.
using WeightsOfConfigTest = ConfigFolder;

TEST_F(WeightsOfConfigTest, TakesOverHowTheOtherIsTrained) {
  const auto spec = load(config("", "seeds_of = all\nepochs = 9\n",
                                "training = failout\nfailout_rate = .2\nseeds_of = two_\n[model.x.three]\n"
                                "topology = t/chain.topology\nweights_of = two\n"))
                        .spec;
  const auto& models = spec.experiments[0].models;
  EXPECT_EQ(models[2].weights_of, "two");
  EXPECT_EQ(models[2].training.failout_rates, (std::vector<double>{0.2, 0.2}));
  EXPECT_EQ(models[2].training.epochs, 9);
  EXPECT_EQ(models[2].seed_name(), "two_");
  EXPECT_EQ(models[0].seed_name(), "all") << "the experiment's";
}

TEST_F(WeightsOfConfigTest, TheOtherMayStandBelow) {
  const auto path = config("", "models = two one\n", "weights_of = one\n");
  EXPECT_EQ(load(path).spec.experiments[0].models[0].weights_of, "one");
  EXPECT_EQ(load(path, {"model.x.one.epochs=3"}).spec.experiments[0].models[0].training.epochs, 3);
  write("c.ini",
        "[campaign]\nname = demo\n[experiment.x]\ndataset = made\nreliability.low = a:.9 b:.75\n"
        "[model.x.first]\ntopology = t/skip.topology\nweights_of = last\n"
        "[model.x.last]\ntopology = t/skip.topology\nepochs = 4\n");
  EXPECT_EQ(load(path).spec.experiments[0].models[0].training.epochs, 4);
}

TEST_F(WeightsOfConfigTest, DecidesNumbersAndIsReadBack) {
  const auto loaded = load(config("", "", "weights_of = one\n"));
  EXPECT_NE(loaded.spec.config_text, load(config()).spec.config_text);
  EXPECT_NE(loaded.spec.config_text.find("weights_of = one"), std::string::npos);
  EXPECT_NE(load(config("", "", "seeds_of = one\n")).spec.config_text, load(config()).spec.config_text);
  write("printed.ini", print_config(loaded));
  EXPECT_EQ(load((folder / "printed.ini").string()).spec.config_text, loaded.spec.config_text);
}

TEST_F(WeightsOfConfigTest, RefusesWhatHasNoWeightsForIt) {
  EXPECT_USER_ERROR(load(config("", "", "weights_of = three\n")),
                    at(10) + "weights_of = three is no model that is trained (one)");
  EXPECT_USER_ERROR(load(config("", "", "weights_of = two\n")),
                    at(10) + "weights_of = two is no model that is trained (one)");
  EXPECT_USER_ERROR(
      load(config("", "",
                  "weights_of = one\n[model.x.three]\ntopology = t/skip.topology\nweights_of = two\n")),
      at(13) + "weights_of = two is no model that is trained (one)");
  EXPECT_USER_ERROR(load(config("", "models = two\n", "weights_of = one\n")),
                    at(11) +
                        "weights_of = one is no model that is trained (one model at least without "
                        "weights_of)");
  write(
      "t/wide.topology",
      "topology wide\nsource in 4\nnode a relu:9\nnode b relu:8\nnode c linear:3\nlink in -> a\nlink a -> b\n"
      "link b -> c\nfails a b\n");
  EXPECT_USER_ERROR(load(config("", "", "[model.x.three]\ntopology = t/wide.topology\nweights_of = two\n")),
                    at(12) +
                        "weights_of = two does not fit: stage a on node a with 4 inputs, layers of 9, there "
                        "stage a on node a with 4 inputs, layers of 8 (the same tensors in the same order)");
}

TEST_F(WeightsOfConfigTest, RefusesATrainingOfItsOwn) {
  for (const std::string key : {"epochs = 3", "training = failout", "normalise = none", "seeds_of = one"}) {
    const std::string word = key.substr(0, key.find(' '));
    EXPECT_USER_ERROR(
        load(config("", "", "weights_of = one\n" + key + "\n")),
        at(11) + word + " beside weights_of (in the section of model one, whose training it is)");
  }
  EXPECT_USER_ERROR(load(config("", "", "weights_of =\n")),
                    at(10) + "\"\" is no name for a model (1 to 64 of A-Z a-z 0-9 _ . - allowed)");
  EXPECT_USER_ERROR(load(config("", "", "seeds_of = a/b\n")),
                    at(10) + "\"a/b\" is no name for a model (1 to 64 of A-Z a-z 0-9 _ . - allowed)");
}

}  // namespace
}  // namespace deepfog
