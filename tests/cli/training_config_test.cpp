#include "cli/training_config.hpp"

#include "config_folder.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

/// Line 9 of the file is the first additional line of the second model.
struct TrainingConfigTest : ConfigFolder {
  TrainingSpec spec_with(const std::string& lines) {
    return load(config("", "", lines)).spec.experiments[0].models[1].training;
  }
};

TEST_F(TrainingConfigTest, TakesEveryKey) {
  const TrainingSpec spec = spec_with(
      "optimiser = adagrad\nepochs = 3\nbatch_size = 32\nlearning_rate = 0.1\nweight_decay = 0.01\nnormalise "
      "= standard\n"
      "class_weights = balanced\nmax_train_samples = 500\n");
  EXPECT_EQ(spec.training, "standard");
  EXPECT_EQ(spec.optimiser, "adagrad");
  EXPECT_EQ(spec.epochs, 3);
  EXPECT_EQ(spec.batch_size, 32);
  EXPECT_EQ(spec.learning_rate, 0.1);
  EXPECT_EQ(spec.weight_decay, 0.01);
  EXPECT_EQ(spec.normalise, "standard");
  EXPECT_EQ(spec.class_weights, "balanced");
  EXPECT_EQ(spec.max_train_samples, 500);
}

TEST_F(TrainingConfigTest, DefaultsAreTheTrainers) {
  const TrainingSpec spec = spec_with(""), trainers;
  EXPECT_EQ(spec.optimiser, trainers.optimiser);
  EXPECT_EQ(spec.epochs, trainers.epochs);
  EXPECT_EQ(spec.batch_size, trainers.batch_size);
  EXPECT_EQ(spec.learning_rate, trainers.learning_rate);
  EXPECT_EQ(spec.normalise, trainers.normalise);
}

TEST_F(TrainingConfigTest, RefusesRangesAndWords) {
  const auto refuse = [&](const std::string& line, const std::string& message) {
    EXPECT_USER_ERROR(spec_with(line + "\n"), at(10) + message);
  };
  refuse("epochs = 0", "epochs = \"0\" (a whole number from 1 to 1000000 allowed)");
  refuse("epochs = 1000001", "epochs = \"1000001\" (a whole number from 1 to 1000000 allowed)");
  refuse("epochs = many", "epochs = \"many\" (a whole number from 1 to 1000000 allowed)");
  refuse("batch_size = 1.5", "batch_size = \"1.5\" (a whole number from 1 to 1000000000 allowed)");
  refuse("learning_rate = 0", "learning_rate = \"0\" (above 0 to 1000 allowed)");
  refuse("learning_rate = nan",
         "learning_rate = \"nan\" is no number (a decimal number, e.g. 0.05, allowed)");
  refuse("weight_decay = -1", "weight_decay = \"-1\" (from 0 to 1000 allowed)");
  refuse("optimiser = Adam", "optimiser = \"Adam\" (adam, adagrad, sgd, rmsprop allowed)");
  refuse("training = dropout", "training = \"dropout\" (standard, failout allowed)");
  refuse("failout_rate = 0.1", "failout_rate without training = failout");
  refuse("training = failout",
         "training = failout without rates (failout_rate or failout_setting must be set)");
}

TEST_F(TrainingConfigTest, RefusesSettingsThatGiveNoRates) {
  EXPECT_USER_ERROR(
      spec_with("training = failout\nfailout_setting = lwo\n"),
      at(11) + "failout_setting = \"lwo\" is no reliability setting of the experiment (settings: low)");
  EXPECT_USER_ERROR(spec_with("training = failout\nfailout_rate = .1\nfailout_setting = low\n"),
                    at(12) + "failout_setting beside failout_rate (one of the two allowed)");
  EXPECT_USER_ERROR(
      load(config("", "reliability.dead = a:0 b:1\n", "training = failout\nfailout_setting = dead\n")),
      at(12) + "failout_setting = \"dead\" has a node that never survives (survival above 0 allowed)");
}

}  // namespace
}  // namespace deepfog
