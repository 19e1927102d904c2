#include "models/cnn.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "cnn_sample.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

using Shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

/// The entries of TorchVision's state dict of this network, in its order.
Shapes stored_state_dict(const std::string& network) {
  std::ifstream file(DEEPFOG_SOURCE_DIR "/tests/models/cnn_state_dicts.txt");
  Shapes shapes;
  bool here = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "#") continue;
    if (name == "network") {
      words >> name;
      here = name == network;
      continue;
    }
    if (!here) continue;
    std::vector<std::int64_t> shape;
    for (std::int64_t extent = 0; words >> extent;) shape.push_back(extent);
    shapes.emplace_back(name, shape);
  }
  return shapes;
}

std::int64_t parameters_of(const Cnn& network) {
  std::int64_t sum = 0;
  for (const torch::Tensor& tensor : network->parameters()) sum += tensor.numel();
  return sum;
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

class LargeNetwork : public testing::TestWithParam<std::pair<const char*, std::int64_t>> {};
INSTANTIATE_TEST_SUITE_P(TorchVision, LargeNetwork,
                         testing::Values(std::make_pair("alexnet", 61'100'840),
                                         std::make_pair("vgg16_bn", 138'365'992),
                                         std::make_pair("convnext_tiny", 28'589'128)),
                         [](const auto& info) { return std::string(info.param.first); });

TEST_P(LargeNetwork, HasTorchVisionsStateDict) {
  const Cnn network(CnnSpec{GetParam().first});
  EXPECT_EQ(parameters_of(network), GetParam().second);
  std::map<std::string, std::vector<std::int64_t>> module;
  for (const auto& item : network->named_parameters()) module[item.key()] = item.value().sizes().vec();
  for (const auto& item : network->named_buffers()) module[item.key()] = item.value().sizes().vec();
  const Shapes stored = stored_state_dict(GetParam().first);
  ASSERT_FALSE(stored.empty());
  EXPECT_EQ(module, (std::map<std::string, std::vector<std::int64_t>>(stored.begin(), stored.end())));

  Shapes weights, without_counts;
  for (const CnnTensor& tensor : state_dict(network->plan())) weights.emplace_back(tensor.name, tensor.shape);
  for (const auto& entry : stored) {
    if (!entry.second.empty()) without_counts.push_back(entry);
  }
  EXPECT_EQ(weights, without_counts);
}

/// TorchVision's forward() written out, on the tensors of a state dict.
struct WrittenOut {
  std::map<std::string, torch::Tensor> t;
  explicit WrittenOut(const Weights& weights) {
    for (const NamedTensor& tensor : weights) {
      t[tensor.name] = torch::tensor(tensor.values).reshape(tensor.shape);
    }
  }
  torch::Tensor conv(const torch::Tensor& x, const std::string& name, int stride, int padding,
                     std::int64_t groups = 1) {
    return torch::conv2d(x, t.at(name + ".weight"), t.at(name + ".bias"), stride, padding, 1, groups);
  }
  torch::Tensor linear(const torch::Tensor& x, const std::string& name) {
    return torch::addmm(t.at(name + ".bias"), x, t.at(name + ".weight").t());
  }
  /// Normalises over dimension 1, by the definition.
  torch::Tensor layer_norm(const torch::Tensor& x, const std::string& name) {
    const torch::Tensor centred = x - x.mean(1, true);
    const torch::Tensor scaled = centred / (centred.pow(2).mean(1, true) + 1e-6).sqrt();
    return scaled * t.at(name + ".weight").view({1, -1, 1, 1}) + t.at(name + ".bias").view({1, -1, 1, 1});
  }
  torch::Tensor batch_norm(const torch::Tensor& x, const std::string& name) {
    const auto of = [&](const char* what) { return t.at(name + what).view({1, -1, 1, 1}); };
    return (x - of(".running_mean")) / (of(".running_var") + 1e-5).sqrt() * of(".weight") + of(".bias");
  }

  torch::Tensor alexnet(torch::Tensor x) {
    x = torch::max_pool2d(conv(x, "features.0", 4, 2).relu(), 3, 2);
    x = torch::max_pool2d(conv(x, "features.3", 1, 2).relu(), 3, 2);
    x = conv(x, "features.6", 1, 1).relu();
    x = conv(x, "features.8", 1, 1).relu();
    x = torch::max_pool2d(conv(x, "features.10", 1, 1).relu(), 3, 2);
    x = torch::adaptive_avg_pool2d(x, {6, 6}).flatten(1);
    x = linear(linear(x, "classifier.1").relu(), "classifier.4").relu();
    return linear(x, "classifier.6");
  }

  torch::Tensor vgg16_bn(torch::Tensor x) {
    int module = 0;
    for (const int layers : {2, 2, 3, 3, 3}) {
      for (int i = 0; i < layers; ++i, module += 3) {
        x = conv(x, "features." + std::to_string(module), 1, 1);
        x = batch_norm(x, "features." + std::to_string(module + 1)).relu();
      }
      x = torch::max_pool2d(x, 2, 2);
      ++module;
    }
    x = torch::adaptive_avg_pool2d(x, {7, 7}).flatten(1);
    x = linear(linear(x, "classifier.0").relu(), "classifier.3").relu();
    return linear(x, "classifier.6");
  }

  torch::Tensor convnext_block(const torch::Tensor& x, const std::string& name) {
    torch::Tensor y = layer_norm(conv(x, name + ".block.0", 1, 3, x.size(1)), name + ".block.2");
    const std::int64_t rows = y.size(0), height = y.size(2), width = y.size(3);
    y = y.permute({0, 2, 3, 1}).reshape({-1, y.size(1)});
    y = linear(y, name + ".block.3");
    y = linear(0.5 * y * (1 + torch::erf(y / std::sqrt(2.0))), name + ".block.5");
    y = y.reshape({rows, height, width, -1}).permute({0, 3, 1, 2});
    return x + t.at(name + ".layer_scale") * y;
  }

  torch::Tensor convnext_tiny(torch::Tensor x) {
    x = layer_norm(conv(x, "features.0.0", 4, 0), "features.0.1");
    int module = 1;
    for (const int blocks : {3, 3, 9, 3}) {
      const std::string stage = "features." + std::to_string(module);
      for (int i = 0; i < blocks; ++i) x = convnext_block(x, stage + "." + std::to_string(i));
      if (module < 7) {
        const std::string down = "features." + std::to_string(module + 1);
        x = conv(layer_norm(x, down + ".0"), down + ".1", 2, 0);
      }
      module += 2;
    }
    x = layer_norm(x.mean({2, 3}, true), "classifier.0").flatten(1);
    return linear(x, "classifier.2");
  }
};

class Forward : public testing::TestWithParam<const char*> {
 protected:
  /// Compares the module's scores with those of TorchVision's forward() written out.
  template <class Plain>
  void expect_equal(const CnnSpec& spec, const Plain& plain) {
    torch::NoGradGuard no_grad;
    const Weights weights = test::random_weights(spec, 3);
    Cnn network = test::network_of(spec, weights);
    const torch::Tensor images = test::random_images(spec.image, 3, 4);
    WrittenOut written_out(weights);
    const torch::Tensor expected = (written_out.*plain)(images), scores = network->forward(images);
    ASSERT_EQ(scores.sizes(), expected.sizes());
    EXPECT_LT((scores - expected).abs().max().item<double>(), 1e-4 * expected.abs().max().item<double>());
    EXPECT_GT(expected.std(0).min().item<double>(), 1e-5);  // the images make a difference
  }
};

TEST_F(Forward, AlexNetIsTorchVisions) {
  expect_equal({"alexnet", {3, 63, 64}, 10}, &WrittenOut::alexnet);
}
TEST_F(Forward, Vgg16IsTorchVisions) {
  expect_equal({"vgg16_bn", {3, 32, 32}, 10}, &WrittenOut::vgg16_bn);
}
TEST_F(Forward, ConvNextIsTorchVisions) {
  expect_equal({"convnext_tiny", {3, 64, 32}, 10}, &WrittenOut::convnext_tiny);
}

TEST(SmallNetworks, AreSmallForBothKindsOfImages) {
  for (const char* name : {"alexnet_small", "vgg_bn_small", "convnext_small"}) {
    for (const ImageShape& image : {ImageShape{3, 32, 32}, ImageShape{1, 28, 28}}) {
      Cnn network(CnnSpec{name, image, 7});
      EXPECT_EQ(network->forward(test::random_images(image, 2, 1)).sizes(),
                (std::vector<std::int64_t>{2, 7}));
      EXPECT_GT(2 * multiplications(network->plan()), 10'000'000) << name;  // an operation is * or +
      EXPECT_LT(2 * multiplications(network->plan()), 25'000'000) << name;
    }
  }
}

TEST(CnnPlanned, MultiplicationsOfAlexNetAreTheKnown) {
  EXPECT_EQ(multiplications(plan_cnn({"alexnet"})), 714'188'480);  // 0.71 GMAC
}

TEST(CnnPlanned, BadSpecsAreRefused) {
  EXPECT_EQ(message_of([] { plan_cnn({"resnet"}); }),
            "network: unknown 'resnet' (alexnet, vgg16_bn, convnext_tiny, alexnet_small, vgg_bn_small, "
            "convnext_small)");
  EXPECT_EQ(message_of([] { plan_cnn({"alexnet", {3, 224, 224}, 0}); }), "alexnet: 0 classes (at least 1)");
  EXPECT_EQ(
      message_of([] {
        plan_cnn({"alexnet", {3, 62, 224}, 10});
      }),
      "alexnet: images of 3x62x224 do not fit (channels x height x width; the network halves height and "
      "width several times)");
  EXPECT_EQ(message_of([] { plan_cnn({"alexnet", {3, 63, 63}, 10}); }), "accepted");
  EXPECT_NE(message_of([] { plan_cnn({"alexnet_small", {3, std::int64_t{1} << 40, 32}, 10}); }), "accepted");
}

TEST(CnnWeights, GoThereAndBackAndLeaveTheCountersOut) {
  const CnnSpec spec{"vgg_bn_small", {3, 32, 32}, 10};
  const Weights drawn = test::random_weights(spec, 1);
  Weights given = drawn;
  for (std::size_t i = given.size(); i-- > 0;) {  // as in TorchVision's state dict
    const std::string& name = given[i].name;
    if (name.size() < 12 || name.substr(name.size() - 12) != ".running_var") continue;
    const std::string module = name.substr(0, name.size() - 12);
    given.insert(given.begin() + std::ptrdiff_t(i) + 1,
                 {spec.name, module + ".num_batches_tracked", {}, {9}});
  }
  ASSERT_GT(given.size(), drawn.size());
  const Weights back = test::network_of(spec, given)->weights();
  ASSERT_TRUE(mismatches(drawn, back).empty());
  for (std::size_t i = 0; i < drawn.size(); ++i) EXPECT_EQ(back[i].values, drawn[i].values) << drawn[i].name;
}

TEST(CnnWeights, WrongOnesAreRefusedByName) {
  const CnnSpec spec{"vgg_bn_small", {3, 32, 32}, 10};
  Cnn network(spec);
  Weights weights = test::random_weights(spec, 1);
  weights[0].shape = {16, 3, 3, 1};
  weights[1].name = "features.0.offset";
  const std::string message = message_of([&] { network->load(weights, "w.h5"); });
  EXPECT_EQ(
      message.rfind("w.h5: weights do not fit vgg_bn_small: node vgg_bn_small: features.0.weight[16,3,3,3]"
                    " is expected, features.0.weight[16,3,3,1] is given; ",
                    0),
      0U)
      << message;
  EXPECT_NE(message.find("features.0.bias[16] is missing"), std::string::npos) << message;
  EXPECT_NE(message.find("features.0.offset[16] is not expected"), std::string::npos) << message;

  weights = test::random_weights(spec, 1);
  weights.push_back({spec.name, "classifier.0.num_batches_tracked", {}, {1}});  // not a batch norm
  EXPECT_NE(message_of([&] { network->load(weights, "w.h5"); }).find("is not expected"), std::string::npos);
}

TEST(CnnTraining, NoiseIsThereAndFollowsFromItsSeed) {
  for (const char* name : {"alexnet_small", "convnext_small"}) {  // dropout; stochastic depth
    const CnnSpec spec{name, {3, 32, 32}, 10};
    Cnn network(spec);
    network->load(test::random_weights(spec, 1), "drawn");
    const torch::Tensor images = test::random_images(spec.image, 64, 1);
    const auto scores = [&](std::uint64_t seed) {
      network->seed_noise(seed);
      return network->forward(images);
    };
    EXPECT_TRUE(scores(1).equal(scores(1))) << name;
    EXPECT_FALSE(scores(1).equal(scores(2))) << name;
    network->eval();
    EXPECT_TRUE(scores(1).equal(scores(2))) << name;
  }
}

TEST(CnnTraining, ABlockIsKeptOrDroppedForARowAsAWhole) {
  const CnnSpec spec{"convnext_small", {3, 32, 32}, 10};
  Cnn network = test::network_of(spec, test::random_weights(spec, 1));
  const torch::Tensor images = test::random_images(spec.image, 1, 1).expand({400, 3, 32, 32});
  const torch::Tensor calm = network->forward(images);
  network->train();
  const torch::Tensor noisy = network->forward(images);
  // The same image many times: drop rates of 0, 0.0167, 0.0333 and 0.05 in the four blocks leave few distinct
  // results.
  EXPECT_LE(std::get<0>(torch::unique_dim((noisy * 1000).round(), 0)).size(0), 8);
  EXPECT_GT(std::get<0>(torch::unique_dim((noisy * 1000).round(), 0)).size(0), 2);
}

TEST(CnnTraining, BatchNormLearnsItsStatistics) {
  Cnn network(CnnSpec{"vgg_bn_small", {3, 32, 32}, 10});
  network->initialise(1);
  network->forward(test::random_images({3, 32, 32}, 8, 1));
  const auto buffers = network->named_buffers();
  EXPECT_EQ(buffers["features.1.num_batches_tracked"].item<std::int64_t>(), 1);
  EXPECT_GT(buffers["features.1.running_mean"].abs().max().item<double>(), 0);
  network->eval();
  network->forward(test::random_images({3, 32, 32}, 8, 2));
  EXPECT_EQ(network->named_buffers()["features.1.num_batches_tracked"].item<std::int64_t>(), 1);
}

TEST(CnnTraining, ASeedIsANetworkOfSoundSize) {
  const CnnSpec spec{"vgg_bn_small", {3, 32, 32}, 10};
  Cnn one(spec), two(spec);
  one->initialise(5);
  two->initialise(5);
  EXPECT_EQ(one->weights()[0].values, two->weights()[0].values);
  two->initialise(6);
  EXPECT_NE(one->weights()[0].values, two->weights()[0].values);
  EXPECT_NEAR(one->named_parameters()["features.14.weight"].std().item<double>(), std::sqrt(2.0 / 576),
              0.002);
}

}  // namespace
}  // namespace deepfog
