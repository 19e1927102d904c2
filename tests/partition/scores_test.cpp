#include "partition/scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../models/cnn_sample.hpp"
#include "core/error.hpp"
#include "models/cut_network.hpp"
#include "partition/scored_network.hpp"

namespace deepfog {
namespace {

ScoreSpec only(int score, Ablation ablation = Ablation::exact) {
  ScoreSpec how;
  how.use = {score == 1, score == 2, score == 3};
  how.ablation = ablation;
  return how;
}

std::vector<double> column(const LayerScores& scores, std::size_t which) {
  std::vector<double> values;
  for (const Score& score : scores) values.push_back(score[which]);
  return values;
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = double(i);
  return rank;
}

/// Spearman's rank correlation of values without ties.
double rank_correlation(const std::vector<double>& one, const std::vector<double>& other) {
  const std::vector<double> a = ranks(one), b = ranks(other);
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  const double n = double(a.size());
  return 1 - 6 * squares / (n * (n * n - 1));
}

std::vector<double> softmax(const torch::Tensor& scores) {
  std::vector<double> p;
  double sum = 0;
  for (std::int64_t c = 0; c < scores.size(0); ++c) p.push_back(std::exp(scores[c].item<double>()));
  for (const double value : p) sum += value;
  for (double& value : p) value /= sum;
  return p;
}

/// The textbook definition.
double divergence(const torch::Tensor& scores, const torch::Tensor& others) {
  const std::vector<double> p = softmax(scores), q = softmax(others);
  double sum = 0;
  for (std::size_t c = 0; c < p.size(); ++c) {
    const double mean = (p[c] + q[c]) / 2;
    sum += p[c] * std::log(p[c] / mean) + q[c] * std::log(q[c] / mean);
  }
  return sum / 2;
}

Neurons every(const CutLayer& layer) {
  Neurons ids(static_cast<std::size_t>(layer.neurons));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

/// The scores of the whole network with the activations of one neuron set to zero; layer -1: of no neuron.
torch::Tensor forward_without(const CutNetwork& network, const torch::Tensor& images, int layer,
                              std::int64_t neuron) {
  std::vector<torch::Tensor> inputs{images};
  for (int l = 0; l < int(network.layers().size()); ++l) {
    const CutLayer& of = network.layers()[std::size_t(l)];
    inputs.push_back(network.run(l, inputs.back(), every(of), {},
                                 of.residual < 0 ? torch::Tensor() : inputs[std::size_t(of.residual)]));
    if (l == layer) inputs.back().select(1, neuron).zero_();
  }
  return inputs.back();
}

class Importance : public testing::TestWithParam<CnnSpec> {
 protected:
  Importance()
      : weights_(test::random_weights(GetParam(), 1)), images_(test::random_images(GetParam().image, 3, 5)) {}
  Scores scores(const ScoreSpec& how) const {
    return importance_scores(GetParam(), weights_, images_, how, "drawn").scores;
  }
  Weights weights_;
  torch::Tensor images_;
};

TEST_P(Importance, TheNetworkIsTheOneThatIsCut) {
  const torch::NoGradGuard no_grad;
  const ScoredNetwork network(GetParam(), weights_, "drawn");
  const torch::Tensor expected = CutNetwork(GetParam(), weights_, "drawn").forward(images_);
  const torch::Tensor found = network.trace(images_).back();
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-4 * expected.abs().max().item<double>());
}

TEST_P(Importance, SensitivityIsThatOfTheWholeModule) {
  Cnn module = test::network_of(GetParam(), weights_);
  std::get<0>(module->forward(images_).max(1)).mean().backward();
  ScoreSpec how = only(2);
  how.memory_bytes = 1;  // one image at a time
  const Scores found = scores(how);
  const auto layers = cut_plan(plan_cnn(GetParam())).layers;
  const auto parameters = module->named_parameters();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const torch::Tensor& weight = parameters[layers[l].name + ".weight"];
    const torch::Tensor& bias = parameters[layers[l].name + ".bias"];
    const torch::Tensor expected =
        (weight.grad() * weight).abs().flatten(1).sum(1) + (bias.grad() * bias).abs();
    const double largest = expected.max().item<double>();
    for (std::int64_t n = 0; n < layers[l].neurons; ++n) {
      EXPECT_NEAR(found[l][std::size_t(n)][1], expected[n].item<double>(), 1e-4 * largest) << layers[l].name;
      EXPECT_EQ(found[l][std::size_t(n)][0], 0) << "s1 was not asked for";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Importance,
                         testing::Values(CnnSpec{"alexnet_small", {3, 32, 32}, 10},
                                         CnnSpec{"vgg_bn_small", {1, 28, 28}, 10},
                                         CnnSpec{"convnext_small", {3, 32, 32}, 10}),
                         [](const auto& info) { return info.param.name; });

class Removed : public Importance {};

TEST_P(Removed, ExactIsWhatZeroedActivationsDo) {
  const Scores found = scores(only(3));
  const CutNetwork network(GetParam(), weights_, "drawn");
  const torch::Tensor whole = forward_without(network, images_, -1, 0);
  for (int l = 0; l < int(network.layers().size()); ++l) {
    const CutLayer& of = network.layers()[std::size_t(l)];
    for (const std::int64_t n : {std::int64_t{0}, of.neurons / 2, of.neurons - 1}) {
      const torch::Tensor without = forward_without(network, images_, l, n);
      double expected = 0;
      for (int i = 0; i < 3; ++i) expected += divergence(whole[i], without[i]) / 3;
      EXPECT_NEAR(found[std::size_t(l)][std::size_t(n)][2], expected, 1e-3 * expected + 1e-9) << of.name;
    }
  }
}

TEST_P(Removed, BlocksDoNotMatter) {
  ScoreSpec small = only(3);
  small.memory_bytes = 1 << 20;
  const Scores one = scores(only(3)), other = scores(small);
  for (std::size_t l = 0; l < one.size(); ++l) {
    for (std::size_t n = 0; n < one[l].size(); ++n) {
      EXPECT_NEAR(one[l][n][2], other[l][n][2], 1e-3 * one[l][n][2] + 1e-9);
    }
  }
}

TEST_P(Removed, LinearRanksAsExact) {
  const Scores exact = scores(only(3)), linear = scores(only(3, Ablation::linear));
  for (std::size_t l = 0; l < exact.size(); ++l) {
    const double correlation = rank_correlation(column(exact[l], 2), column(linear[l], 2));
    RecordProperty("layer" + std::to_string(l), std::to_string(correlation));
    EXPECT_GT(correlation, 0.85) << "layer " << l << " with random weights and three images";
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Removed,
                         testing::Values(CnnSpec{"vgg_bn_small", {1, 28, 28}, 10},
                                         CnnSpec{"convnext_small", {3, 32, 32}, 10}),
                         [](const auto& info) { return info.param.name; });

class SmallVgg : public testing::Test {
 protected:
  static constexpr std::size_t kLayers = 9;
  const CnnSpec spec_{"vgg_bn_small", {3, 32, 32}, 10};
  const Weights weights_ = test::random_weights(spec_, 3);
  const torch::Tensor images_ = test::random_images(spec_.image, 4, 7);
  ImportanceScores of(const ScoreSpec& how) const {
    return importance_scores(spec_, weights_, images_, how, "drawn");
  }
  std::string refusal(const Weights& weights, const torch::Tensor& images, const ScoreSpec& how) const {
    try {
      importance_scores(spec_, weights, images, how, "cut.ini:4");
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(SmallVgg, MagnitudeIsTheSumOfTheNeuronsOwnWeights) {
  const ImportanceScores found = importance_scores(spec_, weights_, {}, only(1), "drawn");
  EXPECT_EQ(found.images, 0) << "needs none";
  const auto tensor = [&](const std::string& name) {
    return *std::find_if(weights_.begin(), weights_.end(), [&](const auto& t) { return t.name == name; });
  };
  const NamedTensor weight = tensor("features.4.weight"), bias = tensor("features.4.bias");
  double expected = std::abs(bias.values[5]);
  for (std::size_t i = 0; i < 16 * 9; ++i) expected += std::abs(weight.values[5 * 16 * 9 + i]);
  EXPECT_NEAR(found.scores[1][5][0], expected, 1e-6 * expected);
  EXPECT_EQ(found.scores[1][5][1], 0);
}

TEST_F(SmallVgg, LinearIsExactWhereAllBehindIsLinear) {
  ScoreSpec linear = only(3, Ablation::linear);
  linear.classes = 9;  // the tenth is the rest, so all classes are told apart
  const ImportanceScores one = of(only(3)), other = of(linear);
  EXPECT_EQ(one.exact, std::vector<bool>(kLayers, true));
  EXPECT_EQ(other.exact, (std::vector<bool>{false, false, false, false, false, false, false, false, true}));
  for (std::size_t l = kLayers - 2; l < kLayers; ++l) {
    for (std::size_t n = 0; n < one.scores[l].size(); ++n) {
      EXPECT_NEAR(one.scores[l][n][2], other.scores[l][n][2], 1e-3 * one.scores[l][n][2] + 1e-10);
    }
  }
}

TEST_F(SmallVgg, FewerClassesToldApartSeeLess) {
  ScoreSpec fine = only(3, Ablation::linear), coarse = fine;
  fine.classes = 100;  // more than there are classes
  coarse.classes = 2;
  const ImportanceScores one = of(fine), other = of(coarse);
  for (std::size_t l = 0; l + 1 < kLayers; ++l) {
    double fine_sum = 0, coarse_sum = 0;
    for (std::size_t n = 0; n < one.scores[l].size(); ++n) {
      fine_sum += one.scores[l][n][2];
      coarse_sum += other.scores[l][n][2];
    }
    EXPECT_LT(coarse_sum, fine_sum);
    EXPECT_GT(coarse_sum, 0);
  }
}

TEST_F(SmallVgg, AutomaticIsExactWhereThatIsCheap) {
  const auto layers = cut_plan(plan_cnn(spec_)).layers;
  ScoreSpec how = only(3, Ablation::automatic);
  EXPECT_EQ(of(how).exact, std::vector<bool>(kLayers, true));
  double behind = 0;
  for (int l = 5; l < int(kLayers); ++l) behind += 4 * exact_multiplications(layers, l);
  how.exact_multiplications = behind;
  EXPECT_EQ(of(how).exact, (std::vector<bool>{false, false, false, false, false, true, true, true, true}));
  how.exact_multiplications = 0;
  EXPECT_EQ(of(how).exact, of(only(3, Ablation::linear)).exact);
  // 256 hidden neurons and then 10 classes follow the 128 channels of 2 x 2.
  EXPECT_EQ(exact_multiplications(layers, 6), 128.0 * (512 * 256 + 256 * 10));
  EXPECT_EQ(exact_multiplications(layers, 8), 0);
}

TEST_F(SmallVgg, RefusesWhatIsWrongInOneLine) {
  EXPECT_EQ(refusal(weights_, torch::zeros({2, 1, 28, 28}), {}),
            "cut.ini:4: calibration images are 1x28x28 (3x32x32)");
  EXPECT_EQ(refusal(weights_, torch::zeros({0, 3, 32, 32}), {}),
            "cut.ini:4: no calibration images (1 or more)");
  EXPECT_EQ(refusal(weights_, {}, {}), "cut.ini:4: no calibration images (1 or more)");
  ScoreSpec how;
  how.classes = 0;
  EXPECT_NE(refusal(weights_, images_, how), "");
  Weights fewer = weights_;
  fewer.pop_back();
  EXPECT_NE(refusal(fewer, images_, {}), "");
  Weights broken = weights_;
  broken[0].values[0] = NAN;
  EXPECT_THROW(importance_scores(spec_, broken, images_, {}, "drawn"), Failure);
}

TEST(JensenShannon, KnownValues) {
  const torch::Tensor same = torch::tensor({{1.0, 2.0, -3.0}});
  EXPECT_EQ(jensen_shannon(same, same + 5)[0].item<double>() < 1e-15, true) << "a shift changes nothing";
  const torch::Tensor one = torch::tensor({{900.0, 0.0}}), other = torch::tensor({{0.0, 900.0}});
  EXPECT_NEAR(jensen_shannon(one, other)[0].item<double>(), std::log(2.0), 1e-12);
  const torch::Tensor a = torch::tensor({0.3, -0.2, 1.0}), b = torch::tensor({0.1, 0.4, 0.5});
  EXPECT_NEAR(jensen_shannon(a, b).item<double>(), divergence(a, b), 1e-9);
  const torch::Tensor near = torch::tensor({1e-6, 0.0}, torch::kDouble);
  EXPECT_NEAR(jensen_shannon(torch::zeros({2}, torch::kDouble), near).item<double>(), 1e-12 / 32, 1e-15)
      << "no cancellation: p(1-p) d^2 / 8";
}

}  // namespace
}  // namespace deepfog
