#include "cutting/choose.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "../partition/cut_layers.hpp"
#include "core/error.hpp"
#include "cutting/chosen_codec.hpp"
#include "cutting/tables.hpp"
#include "partition/baselines.hpp"

namespace deepfog {
namespace {

using test::layers_of;

struct ChooseTest : ::testing::Test {
  std::vector<CutLayer> layers = layers_of({12, 20, 8});
  Scores scores{test::random_scores(12, 1), test::random_scores(20, 2), test::random_scores(8, 3)};
  int asked = 0, last_failed = -1;

  ChosenPartition choose(const CutModelSpec& model, int devices = 4) {
    // The more is held, the better: enough for a search to have something to climb.
    const AccuracyOf accuracy = [this](const Partition& partition) {
      ++asked;
      double held = 0;
      for (const std::int64_t count : neurons_held(partition)) held += static_cast<double>(count);
      return held / (4 * 40.0);
    };
    return choose_partition(
        model, devices, layers, scores, 7,
        [&](int failed) {
          last_failed = failed;
          return accuracy;
        },
        "here");
  }
  static CutModelSpec model(const std::string& method) {
    CutModelSpec spec;
    spec.method = method;
    return spec;
  }
};

TEST_F(ChooseTest, BaselinesNeedNoScores) {
  scores.clear();
  EXPECT_EQ(choose(model("lop")).partition.neurons, lop_partition(layers, 4).neurons);
  EXPECT_EQ(choose(model("cdc")).partition.spare, 4);
  EXPECT_EQ(choose(model("replicated")).partition.neurons, replicated_partition(layers, 4).neurons);
  EXPECT_EQ(choose(model("random")).partition.neurons, random_partition(layers, 4, 7).neurons);
  EXPECT_TRUE(choose(model("lop")).thresholds.empty());
  EXPECT_EQ(asked, 0);
}

TEST_F(ChooseTest, ThresholdZeroReplicatesAndAHugeOneTakesNoMoreThanLop) {
  CutModelSpec spec = model("robustdice");
  spec.thresholds = {0};
  EXPECT_EQ(choose(spec).partition.neurons, replicated_partition(layers, 4).neurons);
  spec.thresholds = {1e9};
  const ChosenPartition huge = choose(spec);
  EXPECT_EQ(largest_device_bytes(huge.partition, layers),
            largest_device_bytes(lop_partition(layers, 4), layers));
  EXPECT_EQ(huge.thresholds, std::vector<double>(3, 1e9));
}

TEST_F(ChooseTest, OneThresholdALayer) {
  CutModelSpec spec = model("robustdice");
  spec.thresholds = {0, 1e9, 0};
  EXPECT_EQ(neurons_held(choose(spec).partition), (std::vector<std::int64_t>{48, 20, 32}));
}

TEST_F(ChooseTest, ABudgetIsKeptAndUsed) {
  CutModelSpec spec = model("robustdice");
  spec.memory_share = 0.5;
  const std::int64_t half = replicated_bytes(layers) / 2,
                     lop = largest_device_bytes(lop_partition(layers, 4), layers);
  const std::int64_t bytes = largest_device_bytes(choose(spec).partition, layers);
  EXPECT_LE(bytes, half);
  EXPECT_GT(bytes, lop);
  EXPECT_EQ(asked, 0);
  spec.refined = true;
  spec.failed = 0;
  EXPECT_LE(largest_device_bytes(choose(spec).partition, layers), half);
  EXPECT_GT(asked, 0);
  EXPECT_EQ(last_failed, 0);
}

TEST_F(ChooseTest, ABudgetThatNothingFitsIsTheUsersError) {
  CutModelSpec spec = model("robustdice");
  spec.memory_bytes = 5;
  EXPECT_THROW(choose(spec), UserError);
  EXPECT_THROW(check_budget(spec, 4, layers, "here"), UserError);
  spec.memory_bytes = largest_device_bytes(lop_partition(layers, 4), layers);
  EXPECT_NO_THROW(check_budget(spec, 4, layers, "here"));
  EXPECT_NO_THROW(check_budget(model("lop"), 4, layers, "here"));
}

TEST_F(ChooseTest, AnAccuracyIsReachedOrTheBestIsNamed) {
  CutModelSpec spec = model("robustdice");
  spec.accuracy = 0.6;
  const ChosenPartition found = choose(spec);
  double held = 0;
  for (const std::int64_t count : neurons_held(found.partition)) held += static_cast<double>(count);
  EXPECT_GE(held / 160, 0.6);
  EXPECT_LT(held / 160, 1.0);
  spec.accuracy = 1.01;
  try {
    choose(spec);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "here accuracy: is not reached (at most 1.0000)");
  }
}

TEST_F(ChooseTest, TheFrontHoldsTheChosenPoint) {
  CutModelSpec spec = model("robustdice");
  spec.thresholds = {0.8};
  spec.front = 10;
  const ChosenPartition chosen = choose(spec);
  EXPECT_GE(chosen.front.size(), 5U);
  EXPECT_EQ(chosen.front.back().bytes, largest_device_bytes(chosen.partition, layers));
  EXPECT_TRUE(std::any_of(chosen.front.begin(), chosen.front.end(),
                          [](const auto& point) { return point.on_front; }));
}

TEST_F(ChooseTest, TravelsBetweenRanksUnchanged) {
  CutModelSpec spec = model("robustdice");
  spec.thresholds = {0.8};
  spec.front = 4;
  const ChosenPartition chosen = choose(spec);
  Encoder encoder;
  put(encoder, chosen);
  put(encoder, choose(model("cdc")));
  const std::vector<char> bytes = encoder.take();
  Decoder decoder(bytes, "a rank");
  const ChosenPartition read = get_chosen(decoder, layers, "here");
  EXPECT_EQ(read.partition.neurons, chosen.partition.neurons);
  EXPECT_EQ(read.partition.method, "robustdice");
  EXPECT_EQ(read.thresholds, chosen.thresholds);
  ASSERT_EQ(read.front.size(), chosen.front.size());
  for (std::size_t i = 0; i < read.front.size(); ++i) {
    EXPECT_EQ(read.front[i].bytes, chosen.front[i].bytes);
    EXPECT_EQ(read.front[i].accuracy, chosen.front[i].accuracy);
    EXPECT_EQ(read.front[i].on_front, chosen.front[i].on_front);
  }
  EXPECT_EQ(get_chosen(decoder, layers, "here").partition.spare, 4);
  decoder.finish();
}

TEST_F(ChooseTest, CutShortOrTwistedItIsRefused) {
  Encoder encoder;
  put(encoder, choose(model("lop")));
  std::vector<char> bytes = encoder.take();
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    Decoder decoder(part, "a rank");
    EXPECT_THROW(get_chosen(decoder, layers, "here"), Failure) << size;
  }
  Decoder decoder(bytes, "a rank");
  EXPECT_THROW(get_chosen(decoder, layers_of({12, 20, 9}), "here"), std::runtime_error);
}

TEST_F(ChooseTest, NeuronsAndBytesAreCountedPerLayerAndDevice) {
  const Partition cdc = cdc_partition(layers, 3);
  EXPECT_EQ(neurons_held(cdc), (std::vector<std::int64_t>{12, 20, 8}));
  EXPECT_EQ(bytes_held(cdc, layers), (std::vector<std::int64_t>{140, 140, 120, 140}));
}

}  // namespace
}  // namespace deepfog
