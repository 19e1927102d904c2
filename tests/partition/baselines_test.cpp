#include "partition/baselines.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "cut_layers.hpp"

namespace deepfog {
namespace {

TEST(Baselines, LopIsContiguousAndTheFirstAreLarger) {
  const Partition lop = lop_partition(test::layers_of({10, 2}), 4);
  EXPECT_EQ(lop.neurons[0], (std::vector<Neurons>{{0, 1, 2}, {3, 4, 5}, {6, 7}, {8, 9}}));
  EXPECT_EQ(lop.neurons[1], (std::vector<Neurons>{{0}, {1}, {}, {}}));
  EXPECT_TRUE(balanced(lop));
}

TEST(Baselines, AllAreValidAndBalanced) {
  const auto layers = test::layers_of({64, 37, 10, 3});
  for (const int devices : {1, 2, 3, 4, 5}) {
    for (const Partition& partition :
         {lop_partition(layers, devices), replicated_partition(layers, devices),
          random_partition(layers, devices, 7), cdc_partition(layers, devices)}) {
      EXPECT_NO_THROW(check_partition(partition, layers, partition.method));
      EXPECT_TRUE(balanced(partition)) << partition.method;
    }
  }
  EXPECT_FALSE(balanced({"lop", 2, -1, {{{0, 1, 2}, {3}}}}));
}

TEST(Baselines, RandomFollowsFromTheSeed) {
  const auto layers = test::layers_of({64, 64});
  const Partition one = random_partition(layers, 4, 1);
  EXPECT_EQ(one.neurons, random_partition(layers, 4, 1).neurons);
  EXPECT_NE(one.neurons, random_partition(layers, 4, 2).neurons);
  EXPECT_NE(one.neurons[0], one.neurons[1]) << "each layer is drawn anew";
  EXPECT_NE(one.neurons, lop_partition(layers, 4).neurons);
}

TEST(Baselines, ReplicationSurvivesAllButOne) {
  const Partition qmr = replicated_partition(test::layers_of({5}), 4);
  for (int d = 0; d < 4; ++d) EXPECT_EQ(live_neurons(qmr, 0, Combination{1} << d).size(), 5U);
}

TEST(Baselines, CdcHasOneMoreDeviceThatHoldsSums) {
  auto layers = test::layers_of({10, 8});
  layers[1].depthwise = true;
  const Partition cdc = cdc_partition(layers, 3);
  EXPECT_EQ(cdc.devices, 4);
  EXPECT_EQ(cdc.spare, 3);
  EXPECT_EQ(cdc.data_devices(), 3);
  EXPECT_EQ(cdc.neurons[0][0], lop_partition(layers, 3).neurons[0][0]);
  EXPECT_TRUE(cdc.neurons[0][3].empty());
  EXPECT_EQ(rows_held(cdc, 0, 3), 4) << "as many sums as the largest part has neurons";
  EXPECT_EQ(device_bytes(cdc, layers, 0), 40 + 30);
  EXPECT_EQ(device_bytes(cdc, layers, 3), 40 + 3 * 30) << "depthwise kernels do not add up";
}

TEST(Baselines, CdcRecoversOneFailure) {
  const Partition cdc = cdc_partition(test::layers_of({10}), 3);
  EXPECT_TRUE(cdc_recoverable(cdc, 0b1111));
  EXPECT_TRUE(cdc_recoverable(cdc, 0b0111)) << "the spare alone";
  EXPECT_TRUE(cdc_recoverable(cdc, 0b1110));
  EXPECT_TRUE(cdc_recoverable(cdc, 0b1101));
  EXPECT_FALSE(cdc_recoverable(cdc, 0b0011)) << "one device and the spare";
  EXPECT_FALSE(cdc_recoverable(cdc, 0b1001));
  EXPECT_FALSE(cdc_recoverable(cdc, 0));
  const Partition lop = lop_partition(test::layers_of({10}), 3);
  EXPECT_TRUE(cdc_recoverable(lop, 0b111));
  EXPECT_FALSE(cdc_recoverable(lop, 0b011));
}

TEST(Baselines, RefuseDevicesOutOfRange) {
  const auto layers = test::layers_of({10});
  EXPECT_THROW(lop_partition(layers, 0), UserError);
  EXPECT_THROW(replicated_partition(layers, 65), UserError);
  EXPECT_THROW(random_partition(layers, -1, 1), UserError);
  EXPECT_THROW(cdc_partition(layers, 64), UserError);
}

}  // namespace
}  // namespace deepfog
