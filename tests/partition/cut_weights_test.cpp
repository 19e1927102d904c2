#include "partition/cut_weights.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "../models/cnn_sample.hpp"
#include "core/error.hpp"
#include "models/cut_network.hpp"
#include "partition/baselines.hpp"

namespace deepfog {
namespace {

std::vector<CnnSpec> small_networks() {
  return {{"alexnet_small", {3, 32, 32}, 10},
          {"vgg_bn_small", {1, 28, 28}, 7},
          {"convnext_small", {3, 16, 16}, 10}};
}

Weights of_node(const Weights& weights, const std::string& node) {
  Weights own;
  for (const NamedTensor& tensor : weights) {
    if (tensor.node == node) own.push_back(tensor);
  }
  return own;
}

class CutWeights : public testing::TestWithParam<CnnSpec> {
 protected:
  CutWeights() : whole_(test::random_weights(GetParam(), 3)), plan_(cut_plan(plan_cnn(GetParam()))) {}
  Weights whole_;
  CutPlan plan_;
};
INSTANTIATE_TEST_SUITE_P(Three, CutWeights, testing::ValuesIn(small_networks()),
                         [](const auto& info) { return info.param.name; });

TEST_P(CutWeights, EachDeviceHasTheRowsOfItsNeurons) {
  const Partition partition = random_partition(plan_.layers, 3, 2);
  const Weights weights = cut_weights(GetParam(), whole_, partition, "drawn");
  std::set<std::string> nodes;
  for (const NamedTensor& tensor : weights) nodes.insert(tensor.node);
  EXPECT_EQ(nodes, (std::set<std::string>{"d1", "d2", "d3"}));
  const CutNetwork network(GetParam(), whole_, "drawn");
  for (int d = 0; d < 3; ++d) {
    const std::vector<Neurons> held = neurons_of(partition, d);
    const CutNetwork own(GetParam(), held, of_node(weights, "d" + std::to_string(d + 1)), "rows");
    const torch::Tensor images = test::random_images(GetParam().image, 2, 1);
    EXPECT_TRUE(
        own.run(0, images, held[0], {}, {}).equal(network.part(held).run(0, images, held[0], {}, {})));
    EXPECT_EQ(own.resident_bytes(), network.part(held).resident_bytes());
  }
}

TEST_P(CutWeights, TheSpareHasTheSums) {
  const Partition partition = cdc_partition(plan_.layers, 3);
  const Weights weights = cut_weights(GetParam(), whole_, partition, "drawn");
  const Weights sums = of_node(weights, "spare");
  EXPECT_EQ(of_node(weights, "d4").size(), 0U);
  const auto sets = summed_sets(partition);
  const CutNetwork loaded = CutNetwork::coded(GetParam(), sets, sums, "sums"),
                   made = CutNetwork(GetParam(), whole_, "drawn").coded(sets);
  EXPECT_EQ(loaded.resident_bytes(), made.resident_bytes());
  for (int l = 0; l < int(plan_.layers.size()); ++l) {
    const CutLayer& layer = plan_.layers[std::size_t(l)];
    std::vector<std::int64_t> shape{2, layer.inputs};
    shape.insert(shape.end(), layer.input_shape.begin(), layer.input_shape.end());
    const torch::Tensor gathered = torch::rand(shape);
    const torch::Tensor expected = made.product(l, gathered, made.held(l), {});
    EXPECT_TRUE(loaded.product(l, gathered, loaded.held(l), {}).equal(expected)) << layer.name;
    EXPECT_GT(expected.abs().max().item<double>(), 0) << layer.name;
  }
}

TEST_P(CutWeights, WrongOnesAreRefusedByName) {
  const Partition partition = cdc_partition(plan_.layers, 3);
  Weights sums = of_node(cut_weights(GetParam(), whole_, partition, "drawn"), "spare");
  sums[1].shape[0] += 1;
  sums[1].values.resize(sums[1].values.size() + sums[1].values.size() / std::size_t(sums[1].shape[0] - 1));
  try {
    CutNetwork::coded(GetParam(), summed_sets(partition), sums, "w.h5");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("w.h5: ", 0), 0U) << error.what();
    EXPECT_NE(std::string(error.what()).find(sums[1].name), std::string::npos) << error.what();
  }
  EXPECT_THROW(cut_weights(GetParam(), {}, partition, "drawn"), UserError);
  EXPECT_THROW(CutNetwork(GetParam(), whole_, "drawn").sums(), Failure);
}

TEST_P(CutWeights, ThePartitionGoesThereAndBack) {
  for (const Partition& partition : {random_partition(plan_.layers, 4, 1), cdc_partition(plan_.layers, 2)}) {
    const CutOrigin origin = cut_origin(GetParam(), partition);
    const Partition back = partition_of(origin, "w.h5");
    EXPECT_EQ(back.method, partition.method);
    EXPECT_EQ(back.devices, partition.devices);
    EXPECT_EQ(back.spare, partition.spare);
    EXPECT_EQ(back.neurons, partition.neurons);
    EXPECT_EQ(spec_of(origin).name, GetParam().name);
    EXPECT_TRUE(spec_of(origin).image == GetParam().image);
    EXPECT_EQ(spec_of(origin).classes, GetParam().classes);
  }
}

TEST(CutOrigin, WhatIsNoPartitionIsRefused) {
  const CnnSpec spec{"vgg_bn_small", {3, 32, 32}, 10};
  const CutOrigin good = cut_origin(spec, lop_partition(cut_plan(plan_cnn(spec)).layers, 2));
  EXPECT_NO_THROW(partition_of(good, "w"));
  const auto refused = [&](const auto& spoil) {
    CutOrigin bad = good;
    spoil(bad);
    EXPECT_THROW(partition_of(bad, "w"), UserError);
  };
  refused([](CutOrigin& origin) { origin.network = "vgg"; });
  refused([](CutOrigin& origin) { origin.method = "best"; });
  refused([](CutOrigin& origin) { origin.devices = 3; });
  refused([](CutOrigin& origin) { origin.devices = 0; });
  refused([](CutOrigin& origin) { origin.devices = -1; });
  refused([](CutOrigin& origin) { origin.spare = 1; });
  refused([](CutOrigin& origin) { origin.sizes.pop_back(); });
  refused([](CutOrigin& origin) { origin.sizes[0] = -1; });
  refused([](CutOrigin& origin) { origin.sizes.back() = std::int64_t{1} << 62; });
  refused([](CutOrigin& origin) { ++origin.sizes[0]; });
  refused([](CutOrigin& origin) { origin.neurons.push_back(0); });
  refused([](CutOrigin& origin) { origin.neurons[0] = 1; });
  refused([](CutOrigin& origin) { origin.neurons[0] = -1; });
}

}  // namespace
}  // namespace deepfog
