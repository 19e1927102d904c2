#include "evaluation/cut_sweep.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "../models/cnn_sample.hpp"
#include "core/error.hpp"
#include "models/node_network.hpp"
#include "partition/baselines.hpp"
#include "resilience/enumeration.hpp"

namespace deepfog {
namespace {

constexpr int kDevices = 3;
constexpr std::int64_t kRows = 9;

/// Puts each neuron on one or more random devices; some layers are on all of them. Device 2 has no neurons of
/// the first layer.
Partition random_replicas(const std::vector<CutLayer>& layers, std::uint64_t seed) {
  RandomStream stream(seed);
  Partition partition = replicated_partition(layers, kDevices);
  partition.method = "robustdice";
  for (std::size_t l = 0; l < layers.size(); l += l % 3 == 0 ? 1 : 2) {
    for (Neurons& part : partition.neurons[l]) part.clear();
    for (std::int64_t n = 0; n < layers[l].neurons; ++n) {
      const std::uint64_t on = 1 + stream.below(l == 0 ? 3 : 7);
      for (int d = 0; d < kDevices; ++d) {
        if ((on >> d & 1) != 0) partition.neurons[l][std::size_t(d)].push_back(n);
      }
    }
  }
  return partition;
}

/// Without sharing, and without leaving anything out of a product: computes every layer completely, then sets
/// neurons to zero that no live device has.
std::vector<std::int64_t> plainly(const CutNetwork& network, const Partition& partition, Combination alive,
                                  const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> inputs{images};
  for (int l = 0; l < int(network.layers().size()); ++l) {
    const CutLayer& layer = network.layers()[std::size_t(l)];
    const torch::Tensor all =
        network.run(l, inputs.back(), network.held(l), {},
                    layer.residual < 0 ? torch::Tensor() : inputs[std::size_t(layer.residual)]);
    torch::Tensor mask = torch::zeros(layer.neurons);
    for (const std::int64_t n : live_neurons(partition, l, alive)) mask[n] = 1;
    std::vector<std::int64_t> shape(std::size_t(all.dim()), 1);
    shape[1] = layer.neurons;
    inputs.push_back(all * mask.reshape(shape));
  }
  const torch::Tensor scores = inputs.back().contiguous();
  std::vector<std::int64_t> labels;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    labels.push_back(largest_score(scores.data_ptr<float>() + row * scores.size(1), scores.size(1)));
  }
  return labels;
}

class CutSweeps : public testing::TestWithParam<CnnSpec> {
 protected:
  CutSweeps()
      : network_(GetParam(), test::random_weights(GetParam(), 3), "drawn"),
        images_(test::random_images(GetParam().image, kRows, 4) * 3) {
    for (std::int64_t row = 0; row < kRows; ++row) truth_.push_back(row % GetParam().classes);
  }
  SampleView samples() const {
    return {images_.data_ptr<float>(), truth_.data(), kRows, GetParam().image.values()};
  }
  const std::vector<CutLayer>& layers() const { return network_.layers(); }
  std::int64_t hits(const std::vector<std::int64_t>& labels) const {
    std::int64_t hits = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) hits += labels[row] == truth_[row] ? 1 : 0;
    return hits;
  }

  const CutNetwork network_;
  const torch::Tensor images_;
  std::vector<std::int64_t> truth_;
};

TEST_P(CutSweeps, EqualThePlainLoop) {
  const Partition partition = random_replicas(layers(), 5);
  const auto combinations = all_combinations(kDevices);
  const CutSweep sweep(network_, partition, combinations);
  const auto labels = sweep.labels(samples());
  const auto counts = sweep.count(samples());
  ASSERT_EQ(labels.size(), combinations.size());
  EXPECT_TRUE(labels[0].empty());
  EXPECT_FALSE(sweep.flows(0));
  EXPECT_EQ(counts[0], 0);
  std::set<std::vector<std::int64_t>> different;
  for (const Combination alive : combinations) {
    if (alive == 0) continue;
    EXPECT_TRUE(sweep.flows(alive));
    EXPECT_EQ(labels[alive], plainly(network_, partition, alive, images_)) << alive;
    EXPECT_EQ(counts[alive], hits(labels[alive]));
    different.insert(labels[alive]);
  }
  EXPECT_GE(different.size(), 4U) << "failures matter, or this test shows nothing";
}

TEST_P(CutSweeps, SampleHitsAndConfusionAreThoseOfTheLabels) {
  const Partition partition = random_replicas(layers(), 5);
  const CutSweep sweep(network_, partition, {5, 0, 2, 5});
  const auto labels = sweep.labels(samples());
  const SweepCounts counts = sweep.sweep(samples(), {true, true});
  EXPECT_EQ(sweep.outcomes(), (std::vector<std::int32_t>{1, 0, 2, 1}));
  ASSERT_EQ(counts.right.rows(), 2);
  ASSERT_EQ(counts.right.samples(), kRows);
  EXPECT_EQ(counts.samples, kRows);
  const std::int64_t classes = GetParam().classes;
  for (std::size_t c = 0; c < labels.size(); ++c) {
    std::vector<std::int64_t> confusion(std::size_t(classes * classes));
    for (std::size_t row = 0; row < labels[c].size(); ++row) {
      EXPECT_EQ(counts.right.get(sweep.outcomes()[c] - 1, std::int64_t(row)), labels[c][row] == truth_[row]);
      ++confusion[std::size_t(truth_[row] * classes + labels[c][row])];
    }
    EXPECT_EQ(confusion,
              std::vector<std::int64_t>(counts.confusion.begin() + std::int64_t(c) * classes * classes,
                                        counts.confusion.begin() + std::int64_t(c + 1) * classes * classes));
  }
}

TEST_P(CutSweeps, EvaluationsAreSharedUntilCombinationsDiffer) {
  Partition partition = replicated_partition(layers(), kDevices);
  const std::size_t cut = layers().size() - 2;
  partition.neurons[cut] = lop_partition(layers(), kDevices).neurons[cut];
  const CutSweep sweep(network_, partition, all_combinations(kDevices));
  EXPECT_EQ(sweep.evaluations(), std::int64_t(cut) + 2 * 7);
  EXPECT_EQ(sweep.naive_evaluations(), std::int64_t(layers().size()) * 7);
}

TEST_P(CutSweeps, FullReplicationIsTheNetworkItself) {
  const auto combinations = all_combinations(kDevices);
  const CutSweep sweep(network_, replicated_partition(layers(), kDevices), combinations);
  EXPECT_EQ(sweep.evaluations(), std::int64_t(layers().size()));
  const auto labels = sweep.labels(samples());
  const torch::Tensor best = network_.forward(images_).argmax(1);
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::size_t c = 1; c < combinations.size(); ++c) {
      EXPECT_EQ(labels[c][std::size_t(row)], best[row].item<std::int64_t>());
    }
  }
}

TEST_P(CutSweeps, BlocksDoNotMatter) {
  const Partition partition = random_replicas(layers(), 6);
  const auto combinations = all_combinations(kDevices);
  const CutSweep whole(network_, partition, combinations);
  ASSERT_GE(whole.block(), kRows);
  std::int64_t memory = 1 << 16;
  const auto rows_of = [&] {
    try {
      return block_rows(network_.plan(), memory);
    } catch (const UserError&) {
      return std::int64_t{0};
    }
  };
  while (rows_of() < 2) memory += memory / 8;
  const CutSweep small(network_, partition, combinations, memory);
  ASSERT_LT(small.block(), 4);
  EXPECT_EQ(small.block(), rows_of());
  EXPECT_EQ(small.labels(samples()), whole.labels(samples()));
  auto sum = small.count({samples().values, samples().labels, small.block(), samples().features});
  const auto rest =
      small.count({samples().values + small.block() * samples().features, samples().labels + small.block(),
                   kRows - small.block(), samples().features});
  for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += rest[c];
  EXPECT_EQ(sum, whole.count(samples()));
}

TEST_P(CutSweeps, CdcLosesNothingWithOneDevice) {
  const auto combinations = all_combinations(kDevices);
  const Partition cdc = cdc_partition(layers(), kDevices), lop = lop_partition(layers(), kDevices);
  const auto coded = CutSweep(network_, cdc, combinations).labels(samples());
  const auto uncoded = CutSweep(network_, lop, combinations).labels(samples());
  for (const Combination alive : combinations) {
    const int failed = failed_count(alive, kDevices);
    if (failed == kDevices) {
      EXPECT_EQ(coded[alive], std::vector<std::int64_t>(kRows, 0)) << "the spare has sums of nothing";
    } else {
      EXPECT_EQ(coded[alive], uncoded[failed <= 1 ? all_alive(kDevices) : alive]) << alive;
    }
  }
  EXPECT_NE(uncoded[3], uncoded[7]);
  EXPECT_TRUE(CutSweep(network_, cdc, {0}).flows(0));
  EXPECT_EQ(CutSweep(network_, cdc, {0}).evaluations(), 0) << "nothing to compute";
}

TEST_P(CutSweeps, CombinationsInAnyOrderAlsoTwice) {
  const Partition partition = random_replicas(layers(), 7);
  const auto all = CutSweep(network_, partition, all_combinations(kDevices)).labels(samples());
  const CutSweep some(network_, partition, {5, 0, 2, 5});
  EXPECT_EQ(some.labels(samples()), (std::vector<std::vector<std::int64_t>>{all[5], {}, all[2], all[5]}));
}

std::vector<CnnSpec> small_networks() {
  return {{"alexnet_small", {3, 32, 32}, 10},
          {"vgg_bn_small", {1, 28, 28}, 10},
          {"convnext_small", {3, 32, 32}, 10}};
}
INSTANTIATE_TEST_SUITE_P(Small, CutSweeps, testing::ValuesIn(small_networks()),
                         [](const auto& info) { return info.param.name; });

TEST(CutSweep, RefusesWhatDoesNotFit) {
  const CnnSpec spec{"alexnet_small", {3, 32, 32}, 10};
  const CutNetwork network(spec, test::random_weights(spec, 1), "drawn");
  const Partition lop = lop_partition(network.layers(), kDevices);
  EXPECT_THROW(CutSweep(network, lop, {8}), Failure) << "a fourth device";
  EXPECT_THROW(CutSweep(network, lop, {7}, 1000), UserError) << "no memory for one image";
  Partition short_one = lop;
  short_one.neurons.pop_back();
  EXPECT_THROW(CutSweep(network, short_one, {7}), UserError);
  std::vector<Neurons> first;
  for (const auto& parts : lop.neurons) first.push_back(parts[0]);
  const CutNetwork device = network.part(first);
  EXPECT_THROW(CutSweep(device, lop, {7}), Failure) << "a device's part of the network";
  const CutSweep sweep(network, lop, {7});
  const std::vector<float> pixel(1);
  const std::int64_t label = 0;
  EXPECT_THROW(sweep.labels({pixel.data(), &label, 1, 1}), Failure);
}

TEST(CutSweep, BlocksFollowFromMemory) {
  const CutPlan large = cut_plan(plan_cnn({"vgg16_bn", {3, 224, 224}, 1000}));
  const std::int64_t rows = block_rows(large, std::int64_t{1} << 30);
  EXPECT_GE(rows, 3);
  EXPECT_LE(rows, 8);
  EXPECT_NEAR(double(block_rows(large, std::int64_t{1} << 31)), 2.0 * double(rows), 1);
  EXPECT_EQ(block_rows(large, std::int64_t{1} << 40), 16) << "more are not faster";
  const CutPlan small = cut_plan(plan_cnn({"vgg_bn_small", {3, 32, 32}, 10}));
  EXPECT_EQ(block_rows(small, std::int64_t{1} << 26), block_rows(small, std::int64_t{1} << 40));
  EXPECT_GE(block_rows(small, std::int64_t{1} << 26), 64);
  EXPECT_LE(block_rows(small, std::int64_t{1} << 26), 256);
}

}  // namespace
}  // namespace deepfog
