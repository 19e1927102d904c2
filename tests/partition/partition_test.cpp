#include "partition/partition.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "cut_layers.hpp"
#include "partition/baselines.hpp"

namespace deepfog {
namespace {

std::vector<std::int64_t> sizes_of(const Partition& partition, std::size_t layer) {
  std::vector<std::int64_t> sizes;
  for (int d = 0; d < partition.devices; ++d) sizes.push_back(rows_held(partition, int(layer), d));
  return sizes;
}

/// RobustDiCE, Fig. 1: five neurons, n5 much more important than the others, on three nodes.
Partition figure_one(double threshold) {
  RobustSpec spec;
  spec.devices = 3;
  spec.thresholds = {threshold};
  spec.normalisation = ScoreNormalisation::none;
  return robust_partition({test::on_a_line({1, 1.1, 2, 2.1, 5})}, spec, "here");
}

TEST(RobustPartition, FigureOne) {
  const Partition partition = figure_one(0.5);  // {n1, n2}, {n3, n4}, {n5}
  check_partition(partition, test::layers_of({5}), "here");
  EXPECT_EQ(partition.neurons[0], (std::vector<Neurons>{{0, 2, 4}, {0, 2, 4}, {1, 3, 4}}));
  int harmless = 0;
  for (int failed = 0; failed < 3; ++failed) {
    const Neurons live = live_neurons(partition, 0, all_alive(3) & ~(Combination{1} << failed));
    EXPECT_EQ(live.back(), 4) << "the critical neuron remains";
    harmless += live.size() == 5 ? 1 : 0;
  }
  EXPECT_EQ(harmless, 2) << "two nodes may fail without loss, as in the figure";
}

TEST(RobustPartition, FigureOneFromReplicationToNone) {
  EXPECT_EQ(figure_one(0).neurons, replicated_partition(test::layers_of({5}), 3).neurons);
  EXPECT_EQ(figure_one(100).neurons[0], (std::vector<Neurons>{{0, 2}, {0, 3}, {1, 4}}));
}

class Random : public testing::TestWithParam<int> {
 protected:
  static Scores scores() {
    return {test::random_scores(64, 1), test::random_scores(37, 2), test::random_scores(10, 3)};
  }
  static std::vector<CutLayer> layers() { return test::layers_of({64, 37, 10}); }
  static Partition at(double threshold) {
    RobustSpec spec;
    spec.devices = GetParam();
    spec.thresholds = {threshold};
    return robust_partition(scores(), spec, "here");
  }
};

TEST_P(Random, EveryThresholdGivesAPartition) {
  for (const double threshold : {0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0}) {
    const Partition partition = at(threshold);
    EXPECT_NO_THROW(check_partition(partition, layers(), "here"));
    for (std::size_t l = 0; l < 3; ++l) {
      const auto sizes = sizes_of(partition, l);
      EXPECT_EQ(sizes, std::vector<std::int64_t>(sizes.size(), sizes.front())) << "all devices alike";
    }
  }
}

TEST_P(Random, ZeroIsFullReplication) {
  EXPECT_EQ(at(0).neurons, replicated_partition(layers(), GetParam()).neurons);
  for (int d = 0; d < GetParam(); ++d) {
    EXPECT_EQ(device_bytes(at(0), layers(), d), replicated_bytes(layers()));
    EXPECT_EQ(live_neurons(at(0), 1, Combination{1} << d).size(), 37U) << "one device is enough";
  }
}

TEST_P(Random, HugeHoldsNoMoreThanLop) {
  const Partition lop = lop_partition(layers(), GetParam());
  EXPECT_EQ(largest_device_bytes(at(1e9), layers()), largest_device_bytes(lop, layers()));
}

TEST_P(Random, BytesLieBetweenLopAndReplication) {
  const std::int64_t least = largest_device_bytes(at(1e9), layers());
  for (double threshold = 0; threshold < 4; threshold += 0.25) {
    const std::int64_t bytes = largest_device_bytes(at(threshold), layers());
    EXPECT_GE(bytes, least);
    EXPECT_LE(bytes, replicated_bytes(layers()));
  }
  if (GetParam() > 1) {  // overall, though not from step to step
    EXPECT_LT(largest_device_bytes(at(2), layers()), largest_device_bytes(at(0.2), layers()));
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Random, testing::Values(1, 2, 3, 4, 7));

TEST(RobustPartition, AThresholdOfItsOwnForEachLayer) {
  RobustSpec spec;
  spec.devices = 2;
  spec.thresholds = {0, 1e9};
  const Partition partition =
      robust_partition({test::random_scores(6, 1), test::random_scores(6, 2)}, spec, "here");
  EXPECT_EQ(sizes_of(partition, 0), (std::vector<std::int64_t>{6, 6}));
  EXPECT_EQ(sizes_of(partition, 1), (std::vector<std::int64_t>{3, 3}));
}

TEST(RobustPartition, RefusesWhatIsWrongInOneLine) {
  const Scores scores{test::random_scores(6, 1), test::random_scores(6, 2)};
  const auto refused = [&](RobustSpec spec) {
    try {
      robust_partition(scores, spec, "a.ini:7");
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  RobustSpec good;
  good.devices = 4;
  good.thresholds = {1};
  EXPECT_EQ(refused(good), "");
  RobustSpec spec = good;
  spec.thresholds = {1, 2, 3};
  EXPECT_EQ(refused(spec), "a.ini:7: 3 thresholds (one, or one for each of 2 layers)");
  spec.thresholds = {};
  EXPECT_NE(refused(spec), "");
  spec.thresholds = {-1};
  EXPECT_EQ(refused(spec), "a.ini:7: threshold -1.000000 (0 or more)");
  spec.thresholds = {std::nan("")};
  EXPECT_NE(refused(spec), "");
  spec = good;
  spec.use = {false, false, false};
  EXPECT_NE(refused(spec), "");
  spec = good;
  spec.devices = 0;
  EXPECT_EQ(refused(spec), "a.ini:7: 0 devices (1 to 64)");
}

struct Wrong {
  std::string name;
  void (*spoil)(Partition&);
  std::string message;
};

class CheckPartition : public testing::TestWithParam<Wrong> {};

TEST_P(CheckPartition, SaysWhereAndWhat) {
  Partition partition{"lop", 2, -1, {{{0, 1}, {2}}, {{0}, {1}}}};
  const auto layers = test::layers_of({3, 2});
  EXPECT_NO_THROW(check_partition(partition, layers, "p"));
  GetParam().spoil(partition);
  try {
    check_partition(partition, layers, "p");
    FAIL() << "taken";
  } catch (const UserError& error) {
    EXPECT_EQ(error.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, CheckPartition,
    testing::Values(Wrong{"missing", [](Partition& p) { p.neurons[0][1].clear(); },
                          "p, layer0: neuron 2 is on no device (at least one)"},
                    Wrong{"twice",
                          [](Partition& p) {
                            p.neurons[0][1] = {2, 2};
                          },
                          "p, layer0, device 1: neuron 2 after 2 (ascending, none twice)"},
                    Wrong{"range",
                          [](Partition& p) {
                            p.neurons[1][0] = {0, 5};
                          },
                          "p, layer1, device 0: neuron 5 (0 to 1)"},
                    Wrong{"layers", [](Partition& p) { p.neurons.pop_back(); }, "p: 1 layers (2)"},
                    Wrong{"parts", [](Partition& p) { p.neurons[1].pop_back(); },
                          "p, layer1: 1 parts (one for each device)"},
                    Wrong{"method", [](Partition& p) { p.method = "best"; },
                          "p: method 'best' is unknown (robustdice, lop, cdc, replicated, random)"},
                    Wrong{"devices", [](Partition& p) { p.devices = 65; }, "p: 65 devices (1 to 64)"},
                    Wrong{"spare", [](Partition& p) { p.spare = 0; },
                          "p: spare device 0 of 2 (the last of at least two)"},
                    Wrong{"full_spare", [](Partition& p) { p.spare = 1; },
                          "p, layer0, device 1: the spare has neurons (none)"}),
    [](const auto& info) { return info.param.name; });

TEST(Partition, LiveNeuronsAreThoseOfTheLiveDevices) {
  const Partition partition{"robustdice", 3, -1, {{{0, 1}, {1, 2}, {0, 3}}}};
  EXPECT_EQ(live_neurons(partition, 0, 0b111), (Neurons{0, 1, 2, 3}));
  EXPECT_EQ(live_neurons(partition, 0, 0b110), (Neurons{0, 1, 2, 3}));
  EXPECT_EQ(live_neurons(partition, 0, 0b011), (Neurons{0, 1, 2}));
  EXPECT_EQ(live_neurons(partition, 0, 0b100), (Neurons{0, 3}));
  EXPECT_EQ(live_neurons(partition, 0, 0), Neurons{});
}

TEST(Partition, BytesCountLayerNormsOnEveryDevice) {
  std::vector<CutLayer> layers = test::layers_of({5, 4});
  layers[1].shared_bytes = 100;
  const Partition lop = lop_partition(layers, 2);
  EXPECT_EQ(device_bytes(lop, layers, 0), 30 + 100 + 20);
  EXPECT_EQ(device_bytes(lop, layers, 1), 20 + 100 + 20);
  EXPECT_EQ(largest_device_bytes(lop, layers), 150);
  EXPECT_EQ(replicated_bytes(layers), 50 + 100 + 40);
}

TEST(Partition, SummarySaysWhatIsHeld) {
  const auto layers = test::layers_of({6, 3});
  EXPECT_EQ(summary(figure_one(0.5), test::layers_of({5})),
            "robustdice, 3 devices; whole network 0.00 MB\n"
            "  device 0: 0.00 MB (60.0%)\n  device 1: 0.00 MB (60.0%)\n  device 2: 0.00 MB (60.0%)\n"
            "  layer0: 5 neurons, 9 held\n");
  EXPECT_NE(summary(cdc_partition(layers, 2), layers).find("3 devices, the last one spare"),
            std::string::npos);
}

}  // namespace
}  // namespace deepfog
