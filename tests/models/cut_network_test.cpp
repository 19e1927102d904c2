#include "models/cut_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "cnn_sample.hpp"
#include "core/error.hpp"
#include "models/cut_network_selection.hpp"

namespace deepfog {
namespace {

Neurons all_neurons(std::int64_t size) {
  Neurons ids(static_cast<std::size_t>(size));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

torch::Tensor columns(const torch::Tensor& tensor, const Neurons& ids) {
  return tensor.index_select(1, torch::tensor(ids, torch::kInt64));
}

/// The largest difference relative to the largest value.
double difference(const torch::Tensor& one, const torch::Tensor& other) {
  EXPECT_EQ(one.sizes(), other.sizes());
  return (one - other).abs().max().item<double>() / (other.abs().max().item<double>() + 1e-6);
}

/// Assigns each index to one of `parts` parts, some of which may be empty.
std::vector<Neurons> split(std::int64_t size, int parts, RandomStream& stream) {
  std::vector<Neurons> split(static_cast<std::size_t>(parts));
  for (std::int64_t id = 0; id < size; ++id) split[stream.below(std::uint64_t(parts))].push_back(id);
  return split;
}

/// About three quarters of the indices, at least one.
Neurons some_of(std::int64_t size, RandomStream& stream) {
  Neurons some;
  for (std::int64_t id = 0; id < size; ++id) {
    if (stream.below(4) > 0) some.push_back(id);
  }
  return some.empty() ? Neurons{0} : some;
}

torch::Tensor zero_but(const torch::Tensor& tensor, const Neurons& live) {
  torch::Tensor zeroed = torch::zeros_like(tensor);
  zeroed.index_copy_(1, torch::tensor(live, torch::kInt64), columns(tensor, live));
  return zeroed;
}

class Cut : public testing::TestWithParam<CnnSpec> {
 protected:
  Cut()
      : weights_(test::random_weights(GetParam(), 1)),
        cut_(GetParam(), weights_, "drawn"),
        images_(test::random_images(GetParam().image, 2, 5)) {}

  /// Calls work(layer, its gathered input, the gathered input that is added to it) for each layer of the
  /// network.
  template <class Work>
  void for_each_layer(const Work& work) {
    std::vector<torch::Tensor> inputs{images_};
    for (int l = 0; l < static_cast<int>(cut_.layers().size()); ++l) {
      const CutLayer& layer = cut_.layers()[std::size_t(l)];
      const torch::Tensor residual =
          layer.residual < 0 ? torch::Tensor() : inputs[std::size_t(layer.residual)];
      work(l, inputs.back(), residual);
      inputs.push_back(cut_.run(l, inputs.back(), all_neurons(layer.neurons), {}, residual));
    }
  }

  Weights weights_;
  CutNetwork cut_;
  torch::Tensor images_;
};
std::vector<CnnSpec> all_but_the_heaviest() {
  std::vector<CnnSpec> networks = test::six_networks();
  return {networks.begin() + 2, networks.end()};
}
INSTANTIATE_TEST_SUITE_P(Four, Cut, testing::ValuesIn(all_but_the_heaviest()),
                         [](const auto& info) { return info.param.name; });

class Uncut : public Cut {};
INSTANTIATE_TEST_SUITE_P(Six, Uncut, testing::ValuesIn(test::six_networks()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Uncut, IsTheModule) {
  torch::NoGradGuard no_grad;
  const torch::Tensor expected = test::network_of(GetParam(), weights_)->forward(images_);
  const torch::Tensor scores = cut_.forward(images_);
  EXPECT_LT(difference(scores, expected), 2e-5);
  EXPECT_TRUE(scores.argmax(1).equal(expected.argmax(1)));
  EXPECT_GT((expected[0] - expected[1]).abs().max().item<double>(), 1e-4);

  std::int64_t state_dict = 0, planned = 0;
  for (const NamedTensor& tensor : weights_) state_dict += 4 * std::int64_t(tensor.values.size());
  for (int l = 0; l < int(cut_.layers().size()); ++l) {
    planned += cut_.plan().weight_bytes(l, cut_.layers()[std::size_t(l)].neurons);
  }
  EXPECT_EQ(planned, state_dict);
  EXPECT_LE(cut_.resident_bytes(), state_dict);  // folding removes a few values
  EXPECT_GT(cut_.resident_bytes(), state_dict * 98 / 100);
}

TEST_P(Cut, PartsSideBySideAreTheWhole) {
  RandomStream stream(7);
  for_each_layer([&](int l, const torch::Tensor& gathered, const torch::Tensor& residual) {
    const CutLayer& layer = cut_.layers()[std::size_t(l)];
    const torch::Tensor whole = cut_.run(l, gathered, all_neurons(layer.neurons), {}, residual);
    torch::Tensor joined = torch::full_like(whole, 1e9);
    for (const Neurons& part : split(layer.neurons, 3, stream)) {
      const torch::Tensor own = cut_.run(l, gathered, part, {}, residual);
      ASSERT_EQ(own.size(1), std::int64_t(part.size()));
      joined.index_copy_(1, torch::tensor(part, torch::kInt64), own);
    }
    EXPECT_LT(difference(joined, whole), 2e-5) << layer.name;
  });
}

TEST_P(Cut, DeadChannelsAreLeftOutWithoutADifference) {
  RandomStream stream(8);
  for_each_layer([&](int l, const torch::Tensor& gathered, const torch::Tensor& residual) {
    const CutLayer& layer = cut_.layers()[std::size_t(l)];
    const Neurons live = some_of(layer.inputs, stream), neurons = some_of(layer.neurons, stream);
    const torch::Tensor zeroed = zero_but(gathered, live);
    const torch::Tensor multiplied = cut_.run(l, zeroed, neurons, {}, residual);
    EXPECT_LT(difference(cut_.run(l, zeroed, neurons, live, residual), multiplied), 2e-5) << layer.name;
    if (layer.inputs > 3 && !layer.depthwise) {
      EXPECT_GT(difference(cut_.run(l, gathered, neurons, {}, residual), multiplied), 1e-4) << layer.name;
    }
  });
}

/// Channels that the product does not read may have any value: unless layer norms need them, they must really
/// be left out.
TEST_P(Cut, DeadChannelsAreNotRead) {
  RandomStream stream(9);
  for_each_layer([&](int l, const torch::Tensor& gathered, const torch::Tensor& residual) {
    const CutLayer& layer = cut_.layers()[std::size_t(l)];
    const Neurons live = some_of(layer.inputs, stream);
    torch::Tensor marked = torch::full_like(gathered, std::numeric_limits<float>::quiet_NaN());
    marked.index_copy_(1, torch::tensor(live, torch::kInt64), columns(gathered, live));
    const Neurons reading = layer.depthwise ? live : all_neurons(layer.neurons);
    const bool read = cut_.run(l, marked, reading, live, residual).isnan().any().item<bool>();
    EXPECT_EQ(read, layer.dense_input && std::int64_t(live.size()) < layer.inputs) << layer.name;
  });
}

TEST_P(Cut, ADeviceNeedsOnlyItsRows) {
  RandomStream stream(10);
  std::vector<Neurons> held;
  for (const CutLayer& layer : cut_.layers()) held.push_back(split(layer.neurons, 4, stream)[0]);
  const Weights rows = part_of(GetParam(), weights_, held, "drawn");
  const CutNetwork from_rows(GetParam(), held, rows, "rows"), from_whole = cut_.part(held);
  EXPECT_EQ(from_rows.resident_bytes(), from_whole.resident_bytes());
  EXPECT_LT(from_rows.resident_bytes(), cut_.resident_bytes() / 3);
  for_each_layer([&](int l, const torch::Tensor& gathered, const torch::Tensor& residual) {
    Neurons neurons;  // not all held neurons
    for (const std::int64_t id : held[std::size_t(l)]) {
      if (neurons.empty() || id % 3 != 0) neurons.push_back(id);
    }
    const torch::Tensor expected = cut_.run(l, gathered, neurons, {}, residual);
    if (neurons.empty()) return;
    EXPECT_LT(difference(from_rows.run(l, gathered, neurons, {}, residual), expected), 2e-5);
    EXPECT_LT(difference(from_whole.run(l, gathered, neurons, {}, residual), expected), 2e-5);
  });
}

TEST_P(Cut, ALostPartIsTheSpareLessTheOthers) {
  RandomStream stream(11);
  std::vector<std::vector<Neurons>> sets;
  for (const CutLayer& layer : cut_.layers()) sets.push_back(split(layer.neurons, 3, stream));
  const CutNetwork spare = cut_.coded(sets);
  for_each_layer([&](int l, const torch::Tensor& gathered, const torch::Tensor& residual) {
    const std::vector<Neurons>& of = sets[std::size_t(l)];
    torch::Tensor lost = spare.product(l, gathered, spare.held(l), {});
    for (const int other : {0, 2}) {
      const auto size = std::int64_t(of[other].size());
      if (size > 0) lost.narrow(1, 0, size).sub_(cut_.product(l, gathered, of[other], {}));
    }
    if (of[1].empty()) return;
    lost = cut_.finish(l, lost.narrow(1, 0, std::int64_t(of[1].size())), of[1], residual);
    EXPECT_LT(difference(lost, cut_.run(l, gathered, of[1], {}, residual)), 1e-4);
    EXPECT_THROW(spare.run(l, gathered, spare.held(l), {}, residual), Failure);
  });
}

TEST(CutLayers, SayWhatIsSpecialAboutConvNext) {
  const CutPlan plan = cut_plan(plan_cnn({"convnext_tiny"}));
  ASSERT_EQ(plan.layers.size(), 1 + 18 * 3 + 3 + 1U);
  const auto layer = [&](const std::string& name) -> const CutLayer& {
    return *std::find_if(plan.layers.begin(), plan.layers.end(),
                         [&](const CutLayer& candidate) { return candidate.name == name; });
  };
  const CutLayer &depthwise = layer("features.1.0.block.0"), &wide = layer("features.1.0.block.3"),
                 &narrow = layer("features.1.0.block.5"), &down = layer("features.2.1"),
                 &last = layer("features.7.2.block.5"), &head = layer("classifier.2");
  EXPECT_TRUE(depthwise.depthwise && depthwise.dense_input);  // the stem's norm comes before
  EXPECT_FALSE(layer("features.1.1.block.0").dense_input);
  EXPECT_TRUE(wide.dense_input && down.dense_input && head.dense_input);
  EXPECT_FALSE(narrow.dense_input);
  EXPECT_EQ(narrow.residual, 1);
  EXPECT_EQ(depthwise.last_use, 3);
  EXPECT_EQ(wide.last_use, 2);
  EXPECT_EQ(wide.residual, -1);
  EXPECT_EQ(wide.neurons, 384);
  EXPECT_EQ(wide.output_shape, (std::vector<std::int64_t>{56, 56}));
  EXPECT_EQ(last.output_shape, (std::vector<std::int64_t>{1, 1}));  // pooled by each device
  EXPECT_EQ(head.kind, CutLayer::Kind::linear);
  EXPECT_TRUE(head.output_shape.empty());
  EXPECT_EQ(narrow.neuron_bytes, 4 * (384 + 1 + 1));
  EXPECT_EQ(wide.shared_bytes, 4 * 2 * 96);
}

TEST(CutLayers, OfVgg16AreItsSixteen) {
  const CutPlan plan = cut_plan(plan_cnn({"vgg16_bn"}));
  ASSERT_EQ(plan.layers.size(), 16U);
  EXPECT_EQ(plan.layers[12].name, "features.40");
  EXPECT_EQ(plan.layers[12].output_shape, (std::vector<std::int64_t>{7, 7}));
  EXPECT_EQ(plan.layers[12].neuron_bytes, 4 * (512 * 9 + 1 + 4));
  EXPECT_EQ(plan.layers[13].inputs, 512);  // channels: the flatten follows the exchange
  EXPECT_EQ(plan.layers[13].input_shape, (std::vector<std::int64_t>{7, 7}));
  EXPECT_EQ(plan.layers[14].inputs, 4096);
  EXPECT_TRUE(plan.layers[14].input_shape.empty());
  std::int64_t products = 0;
  for (const CutLayer& layer : plan.layers) products += layer.neurons * layer.multiplications;
  EXPECT_EQ(products, multiplications(plan_cnn({"vgg16_bn"})));
}

TEST(SelectionCache, KeepsTheLatestThatFit) {
  SelectionCache cache;
  cache.limit(100);
  int made = 0;
  const auto get = [&](int layer, std::int64_t floats) {
    const torch::Tensor tensor = cache.get({layer, {1}, {2}}, [&] {
      ++made;
      return torch::full({floats}, double(layer));
    });
    EXPECT_TRUE(tensor.equal(torch::full({floats}, double(layer))));
    return made;
  };
  EXPECT_EQ(get(1, 10), 1);
  EXPECT_EQ(get(2, 10), 2);
  EXPECT_EQ(get(1, 10), 2);  // 80 bytes: both are kept
  EXPECT_EQ(get(3, 10), 3);  // evicts 2, the least recently used one
  EXPECT_EQ(get(1, 10), 3);
  EXPECT_EQ(get(2, 10), 4);
  EXPECT_EQ(get(4, 26), 5);  // never fits
  EXPECT_EQ(get(4, 26), 6);
  EXPECT_EQ(get(2, 10), 6);
  cache.limit(0);
  EXPECT_EQ(get(2, 10), 7);
}

class CutSmall : public testing::Test {
 protected:
  CnnSpec spec_{"vgg_bn_small", {3, 32, 32}, 10};
  CutNetwork cut_{spec_, test::random_weights(spec_, 1), "drawn"};
  torch::Tensor images_ = test::random_images(spec_.image, 2, 1);
};

TEST_F(CutSmall, ACacheOfAnySizeGivesTheSame) {
  const Neurons neurons{0, 3, 4, 9}, live{0, 2};
  const torch::Tensor first = cut_.run(0, images_, neurons, live, {});
  EXPECT_TRUE(cut_.run(0, images_, neurons, live, {}).equal(first));
  EXPECT_FALSE(cut_.run(0, images_, neurons, {0, 1}, {}).equal(first));
  EXPECT_FALSE(cut_.run(0, images_, {0, 3, 4, 10}, live, {}).equal(first));
  for (const std::int64_t bytes : {0, 300, 1 << 20}) {
    cut_.limit_cache(bytes);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(cut_.run(0, images_, neurons, live, {}).equal(first)) << bytes;
  }
}

TEST_F(CutSmall, WhatDoesNotFitIsRefused) {
  const CutNetwork part = cut_.part(std::vector<Neurons>(cut_.layers().size(), Neurons{1, 3}));
  EXPECT_THROW(part.run(0, images_, {1, 2}, {}, {}), Failure);
  EXPECT_THROW(part.forward(images_), Failure);
  EXPECT_THROW(cut_.run(0, images_, {16}, {}, {}), Failure);
  EXPECT_THROW(cut_.run(99, images_, {0}, {}, {}), Failure);
  EXPECT_THROW(cut_.run(1, images_, {0}, {}, {}), Failure);  // 3 channels instead of the 16 that are gathered
  EXPECT_THROW(cut_.part({{0}}), Failure);
  EXPECT_THROW(CutNetwork(spec_, {}, "empty.h5"), UserError);
}

}  // namespace
}  // namespace deepfog
