#include "storage/network_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"

namespace deepfog {
namespace {

struct NetworkFileTest : ::testing::Test {
  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "deepfog_network_file";
  std::string path = (folder / "network.h5").string();
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static StoredNetwork sample() {
    StoredNetwork network;
    network.key = std::string(64, 'a');
    network.weights = {{"net", "features.0.weight", {2, 1, 3, 1}, {1, 2, 3, 4, 5, 6}},
                       {"net", "features.0.bias", {2}, {-1, 0.5F}}};
    network.normalisation = {{0.25F, 0.5F}, {1, 2}};
    network.validation_accuracy = 0.625;
    network.train_seconds = 12.5;
    network.score_seconds = 3.25;
    network.best_epoch = 7;
    network.layers = {"features.0", "classifier.1"};
    network.scores = {{{1.5, 2, 3}, {4, 5, 0.1}}, {{7, 8, 9}}};
    return network;
  }
};

TEST_F(NetworkFileTest, GivesBackWhatWasSaved) {
  const StoredNetwork saved = sample();
  save_network(path, saved);
  const auto loaded = load_network(path, saved.key);
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->weights.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(loaded->weights[i].node, saved.weights[i].node);
    EXPECT_EQ(loaded->weights[i].name, saved.weights[i].name);
    EXPECT_EQ(loaded->weights[i].shape, saved.weights[i].shape);
    EXPECT_EQ(loaded->weights[i].values, saved.weights[i].values);
  }
  EXPECT_EQ(loaded->normalisation.centre, saved.normalisation.centre);
  EXPECT_EQ(loaded->normalisation.deviation, saved.normalisation.deviation);
  EXPECT_EQ(loaded->layers, saved.layers);
  EXPECT_EQ(loaded->scores, saved.scores);
  EXPECT_EQ(loaded->validation_accuracy, 0.625);
  EXPECT_EQ(loaded->train_seconds, 12.5);
  EXPECT_EQ(loaded->score_seconds, 3.25);
  EXPECT_EQ(loaded->best_epoch, 7);
}

TEST_F(NetworkFileTest, WithoutScoresAndNormalisation) {
  StoredNetwork network = sample();
  network.scores.clear();
  network.layers.clear();
  network.normalisation = {};
  save_network(path, network);
  const auto loaded = load_network(path, network.key);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->scores.empty());
  EXPECT_TRUE(loaded->normalisation.empty());
}

TEST_F(NetworkFileTest, AnotherKeyOrNoFileIsNothing) {
  EXPECT_FALSE(load_network(path, sample().key));
  save_network(path, sample());
  EXPECT_FALSE(load_network(path, std::string(64, 'b')));
}

TEST_F(NetworkFileTest, DamageIsToldNotBelieved) {
  save_network(path, sample());
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const float six = 6;
  const std::string value(reinterpret_cast<const char*>(&six), 4);
  const auto at = bytes.find(value);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 2] = static_cast<char>(bytes[at + 2] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_THROW(load_network(path, sample().key), UserError);
  std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THROW(load_network(path, sample().key), UserError);
}

}  // namespace
}  // namespace deepfog
