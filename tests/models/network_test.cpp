#include "models/network.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "random_network.hpp"
#include "resilience/flow.hpp"

namespace deepfog {
namespace {

/// a -> b -> c with a skip a => c around b; every value below is computed by hand.
const char* const kThreeNodes = R"(topology three
source s 2
node a relu:2
node b relu:3
node c linear:2
link s -> a
link a -> b
link b -> c
link a -> c skip weight=2
fails a b
)";

using test::columns_of;

Weights hand_weights() {
  return {{"a", "a.layer1.weight", {2, 2}, {1, 0, 0, -1}},       {"a", "a.layer1.bias", {2}, {0, 1}},
          {"b", "b.layer1.weight", {3, 2}, {1, 1, -1, 0, 0, 2}}, {"b", "b.layer1.bias", {3}, {0, 0, -1}},
          {"c", "c.layer1.weight", {2, 3}, {1, 0, 2, 0, 1, -1}}, {"c", "c.layer1.bias", {2}, {0.5, 0}}};
}

std::vector<float> row(const torch::Tensor& scores) {
  return {scores.data_ptr<float>(), scores.data_ptr<float>() + scores.numel()};
}

class ThreeNodes : public testing::Test {
 protected:
  ThreeNodes() : topology_(parse_topology(kThreeNodes, "three")), network_(topology_, columns_of(topology_)) {
    network_->load(hand_weights(), "hand");
  }
  torch::Tensor scores(Combination combination) {
    torch::NoGradGuard no_grad;
    return network_->forward(torch::tensor({{3.0F, -1.0F}}), combination);
  }
  Topology topology_;
  Network network_;
};

TEST_F(ThreeNodes, AllAliveIsTheHandComputedSum) {
  // a = relu(3, 1+1) = (3, 2); b = relu(5, -3, 3) = (5, 0, 3); c's input = b + 2 a padded = (11, 4, 3)
  EXPECT_EQ(row(scores(0b11)), (std::vector<float>{11 + 6 + 0.5F, 4 - 3}));
}

TEST_F(ThreeNodes, TheSkipCarriesWhenTheNodeBetweenFailed) {
  // c's input = 2 a padded with zero = (6, 4, 0)
  EXPECT_EQ(row(scores(0b01)), (std::vector<float>{6.5F, 4}));
}

TEST_F(ThreeNodes, NullAtTheLastNodeIsUndefined) {
  EXPECT_FALSE(scores(0b10).defined());
  EXPECT_FALSE(scores(0b00).defined());
}

TEST_F(ThreeNodes, WeightsGoThereAndBack) {
  const Weights weights = network_->weights();
  ASSERT_TRUE(mismatches(hand_weights(), weights).empty());
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].values, hand_weights()[i].values);
}

TEST_F(ThreeNodes, WrongWeightsAreRefusedByName) {
  Weights weights = hand_weights();
  weights[2].shape = {2, 3};
  try {
    network_->load(weights, "w.h5");
    FAIL() << "loaded";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("b.layer1.weight"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).rfind("w.h5: ", 0), 0U) << error.what();
  }
}

TEST(Network, AnInPlaceReluDoesNotChangeTheSamples) {
  const Topology topology = parse_topology("topology t\nsource s 2\nnode a linear:2\nlink s -> a\n", "t");
  Network network(topology, columns_of(topology));
  network->initialise(1);
  const torch::Tensor samples = torch::tensor({{-1.0F, 2.0F}});
  network->forward(samples, 0);
  EXPECT_TRUE(samples.equal(torch::tensor({{-1.0F, 2.0F}})));
}

TEST(Network, ATrainableExpansionHasItsOwnParameter) {
  const Topology topology =
      load_topology(DEEPFOG_SOURCE_DIR "/configs/topologies/health-deepfogguard-trainable-link.topology");
  Network network(topology, columns_of(topology));
  bool found = false;
  for (const NamedTensor& tensor : network->weights()) {
    if (tensor.name != "f2.from_iot.weight") continue;
    found = true;
    EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{250, 23}));
    EXPECT_EQ(tensor.node, "f2");
  }
  EXPECT_TRUE(found);
}

TEST(Network, ACutNetworkIsRefused) {
  const Topology topology = parse_topology(
      "topology t\nsource s 2\nnode a gather:2\nnode b part:3\nnode c gather:3\nlink s -> a\nlink a -> b\n"
      "link b -> c\n",
      "t");
  EXPECT_THROW(Network(topology, columns_of(topology)), UserError);
}

TEST(Network, ASeedIsANetwork) {
  const Topology topology = parse_topology(kThreeNodes, "three");
  Network one(topology, columns_of(topology)), two(topology, columns_of(topology));
  one->initialise(5);
  two->initialise(5);
  EXPECT_EQ(one->weights()[0].values, two->weights()[0].values);
  two->initialise(6);
  EXPECT_NE(one->weights()[0].values, two->weights()[0].values);
  const Weights weights = one->weights();
  for (float w : weights[2].values)
    EXPECT_LE(std::abs(w), std::sqrt(6.0 / 5));  // Glorot: fan-in 2, fan-out 3
}

/// The same arithmetic in doubles and plain loops, from the definitions only.
std::vector<double> plain_forward(const Topology& topology, const Weights& weights, const float* sample,
                                  Combination combination) {
  std::vector<std::vector<double>> vertex(topology.vertices());
  std::size_t next = 0;
  std::int64_t column = 0;
  for (std::size_t s = 0; s < topology.sources().size(); ++s) {
    vertex[s].assign(sample + column, sample + column + topology.sources()[s].width);
    column += topology.sources()[s].width;
  }
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    const Stage& stage = topology.stages()[s];
    std::vector<double> x(stage.expansion_width, 0.0);
    bool arrived = false;
    for (int link : stage.incoming) {
      const Hyperconnection& h = topology.hyperconnections()[link];
      const std::vector<double>& from = vertex[h.from];
      if (h.expansion == Expansion::linear) {
        const NamedTensor& map = weights[next++];
        for (std::size_t o = 0; o < x.size() && !from.empty(); ++o) {
          for (std::size_t i = 0; i < from.size(); ++i)
            x[o] += map.values[o * from.size() + i] * h.weight * from[i];
        }
      } else {
        for (std::size_t i = 0; i < from.size(); ++i) x[i] += h.weight * from[i];
      }
      arrived = arrived || !from.empty();
    }
    const bool up = arrived && alive(combination, topology.nodes()[stage.node].position);
    for (const Layer& layer : stage.layers) {
      const NamedTensor &w = weights[next], &b = weights[next + 1];
      next += 2;
      std::vector<double> y(layer.width);
      for (std::size_t o = 0; o < y.size(); ++o) {
        y[o] = b.values[o];
        for (std::size_t i = 0; i < x.size(); ++i) y[o] += double(w.values[o * x.size() + i]) * x[i];
        if (layer.kind == LayerKind::relu) y[o] = std::max(0.0, y[o]);
      }
      x = y;
    }
    if (up) vertex[topology.vertex_of(static_cast<int>(s))] = x;
  }
  return vertex.back();
}

/// In inference mode, LibTorch multiplies a single row in another way.
class NetworkOfRows : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(InferenceMode, NetworkOfRows, testing::Bool());

TEST_P(NetworkOfRows, EqualsThePlainLoopsOnRandomTopologies) {
  torch::NoGradGuard no_grad;
  const c10::InferenceMode inference(GetParam());
  const std::int64_t rows = GetParam() ? 1 : 3;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random " + std::to_string(seed));
    Network network(topology, columns_of(topology));
    network->initialise(seed);
    const std::int64_t features = columns_of(topology).back().end;
    const torch::Tensor samples = torch::linspace(-1, 1, rows * features).reshape({rows, features});
    const Weights weights = network->weights();
    const Combination combinations = Combination{1} << topology.failing();
    for (Combination b = 0; b < combinations; b += 1 + combinations / 16) {
      const torch::Tensor scores = network->forward(samples, b);
      ASSERT_EQ(scores.defined(), flows(topology, b)) << "seed " << seed << " combination " << b;
      for (std::int64_t r = 0; r < rows && scores.defined(); ++r) {
        const std::vector<double> expected =
            plain_forward(topology, weights, samples[r].data_ptr<float>(), b);
        for (std::size_t c = 0; c < expected.size(); ++c) {
          const double tolerance = 1e-4 * (1 + std::abs(expected[c]));
          ASSERT_NEAR(scores[r][c].item<double>(), expected[c], tolerance) << "seed " << seed << " b " << b;
        }
      }
    }
  }
}

/// The units that drop out depend on the seed, not on the weights.
TEST(Network, WhatDropsOutFollowsFromTheSeed) {
  const Topology topology =
      parse_topology("topology t\nsource s 4\nnode a relu:20 dropout:0.5 linear:3\nlink s -> a\n", "t");
  const std::vector<Columns> columns{{0, 4}};
  const torch::Tensor samples = torch::ones({8, 4});
  Network first(topology, columns);
  first->initialise(1);
  const auto dropped = [&](std::uint64_t seed) {
    Network network(topology, columns);
    network->initialise(seed);
    network->load(first->weights(), "first");
    return network->heads(samples, 0, true)[0];
  };
  EXPECT_TRUE(dropped(5).equal(dropped(5)));
  EXPECT_FALSE(dropped(5).equal(dropped(6)));
  EXPECT_TRUE(first->heads(samples, 0, false)[0].equal(first->forward(samples, 0))) << "none but in training";
}

}  // namespace
}  // namespace deepfog
