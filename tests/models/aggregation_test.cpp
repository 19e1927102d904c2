// Sums that are rescaled after failures, and sums of images of several sizes.
#include <gtest/gtest.h>

#include <cmath>

#include "models/stage_network.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

const StageMode kWhole{false, false};

torch::Tensor drawn(const std::vector<std::int64_t>& shape, RandomStream& stream) {
  torch::Tensor x = torch::empty(shape);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<float>()[i] = float(2 * stream.uniform() - 1);
  return x;
}

/// Stage m sums three inputs of widths 4, 2 and 3.
StageNetwork sum_of(const std::string& aggregation, const std::string& weight_of_c = "") {
  const std::string links = "link a -> m weight=2\nlink b -> m weight=-0.5\nlink c -> m" + weight_of_c;
  const Topology topology =
      parse_topology("topology t\nsource a 4\nsource b 2\nsource c 3\nnode m " + aggregation +
                         "\nnode end linear:2\n" + links + "\nlink m -> end\n",
                     "t");
  return StageNetwork(topology, 0);
}

TEST(Rescale, IsTheSumTimesTheWeightsOfAllOverThoseOfTheLive) {
  RandomStream stream(1);
  const std::vector<torch::Tensor> all{drawn({5, 4}, stream), drawn({5, 2}, stream), drawn({5, 3}, stream)};
  const StageNetwork rescale = sum_of("rescale"), add = sum_of("add");
  const std::vector<double> weights{2, 0.5, 1};
  for (int live = 1; live < 8; ++live) {
    std::vector<torch::Tensor> inputs(3);
    double there = 0;
    for (int i = 0; i < 3; ++i) {
      if ((live >> i & 1) == 0) continue;
      inputs[i] = all[i];
      there += weights[i];
    }
    const torch::Tensor sum = add.forward(inputs, {}, kWhole), y = rescale.forward(inputs, {}, kWhole);
    EXPECT_LT((y - sum * (3.5 / there)).abs().max().item<float>(), 1e-6) << live;
    EXPECT_TRUE(live != 7 || y.equal(sum)) << "without failures the same, bit for bit";
  }
  EXPECT_FALSE(rescale.forward(std::vector<torch::Tensor>(3), {}, kWhole).defined());
}

TEST(Rescale, TakesLinearExpansionsAsTheyCome) {
  RandomStream stream(2);
  StageNetwork rescale = sum_of("rescale", " expand=linear weight=3"),
               add = sum_of("add", " expand=linear weight=3");
  RandomStream one(3), other(3);
  rescale.initialise(one);
  add.initialise(other);
  const std::vector<torch::Tensor> inputs{{}, drawn({5, 2}, stream), drawn({5, 3}, stream)};
  const torch::Tensor y = rescale.forward(inputs, {}, kWhole), sum = add.forward(inputs, {}, kWhole);
  EXPECT_LT((y - sum * (5.5 / 3.5)).abs().max().item<float>(), 1e-6);
}

/// Behind an exit, a row may be absent in one input only, so the live weights differ from row to row.
TEST(Rescale, GoesByRowBehindAnExit) {
  const Topology topology = parse_topology(
      "topology t\nsource a 3\nnode d relu:3\nstage local on d linear:2\nnode e relu:3\nnode m rescale\n"
      "node c linear:2\nlink a -> d\nlink d -> local\nlink d -> m weight=3\nlink a -> e\nlink e -> m\nlink m "
      "-> c\n"
      "exit local\nexit c\nfails d e m\n",
      "t");
  int stage = 0;
  while (topology.stages()[stage].name != "m") ++stage;
  ASSERT_TRUE(topology.stages()[stage].partial);
  const StageNetwork rescale(topology, stage);
  RandomStream stream(4);
  torch::Tensor d = drawn({4, 3}, stream), e = drawn({4, 3}, stream);
  d[1].fill_(std::nan(""));
  e[2].fill_(std::nan(""));
  d[3].fill_(std::nan(""));
  e[3].fill_(std::nan(""));
  const torch::Tensor y = rescale.forward({d, e}, {}, {});
  EXPECT_TRUE(y[0].equal(d[0] * 3 + e[0]));
  EXPECT_LT((y[1] - 4 * e[1]).abs().max().item<float>(), 1e-6);
  EXPECT_LT((y[2] - 4 * d[2]).abs().max().item<float>(), 1e-6);
  EXPECT_TRUE(y[3].isnan().all().item<bool>());
  const torch::Tensor alone = rescale.forward({d, torch::Tensor()}, {}, {});
  EXPECT_LT((alone[0] - 4 * d[0]).abs().max().item<float>(), 1e-6);
}

TEST(AddedImages, KeepTheirShapeWithZeroChannels) {
  for (const std::string how : {"add", "rescale"}) {
    const Topology topology = parse_topology("topology t\nsource a 1x2x3\nsource b 2x2x3\nnode m " + how +
                                                 " pool linear:2\nlink a -> m\nlink b -> m\n",
                                             "t");
    EXPECT_EQ(topology.stages()[0].expansion_shape, (Shape{2, 2, 3}));
    EXPECT_EQ(topology.stages()[0].expansion_width, 12);
  }
}

TEST(AddedImages, PoolToTheSmallerHeightAndWidth) {
  const Topology topology = parse_topology(
      "topology t\nsource a 2x4x9 channels-last\nsource b 1x2x3\nnode m add\nnode end pool linear:2\n"
      "link a -> m expand=pool weight=0.5\nlink b -> m\nlink m -> end\n",
      "t");
  EXPECT_EQ(topology.stages()[0].output_shape, (Shape{2, 2, 3}));
  EXPECT_FALSE(topology.is_dense());
  const StageNetwork sum(topology, 0);
  RandomStream stream(5);
  const torch::Tensor a = drawn({3, 72}, stream), b = drawn({3, 6}, stream);
  const torch::Tensor y = sum.forward({a, b}, {}, kWhole).reshape({3, 2, 2, 3});
  const torch::Tensor pixels = a.reshape({3, 4, 9, 2}), small = b.reshape({3, 2, 3});
  for (std::int64_t c = 0; c < 2; ++c) {
    for (std::int64_t v = 0; v < 2; ++v) {
      for (std::int64_t u = 0; u < 3; ++u) {
        const torch::Tensor window = pixels.select(3, c).narrow(1, 2 * v, 2).narrow(2, 3 * u, 3).flatten(1);
        torch::Tensor expected = window.mean(1) * 0.5;
        if (c == 0) expected = expected + small.select(2, u).select(1, v);
        EXPECT_LT((y.select(3, u).select(2, v).select(1, c) - expected).abs().max().item<float>(), 1e-6);
      }
    }
  }
  EXPECT_TRUE(sum.parameters().empty());
  EXPECT_EQ(sum.forward({a, torch::Tensor()}, {}, kWhole).size(1), 12) << "also alone";
}

}  // namespace
}  // namespace deepfog
