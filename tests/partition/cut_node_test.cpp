#include "partition/cut_node.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "../models/cnn_sample.hpp"
#include "core/error.hpp"
#include "cut_layers.hpp"
#include "models/cut_network.hpp"
#include "partition/baselines.hpp"
#include "partition/cut_topology.hpp"
#include "partition/cut_weights.hpp"
#include "partition/simulated_cut.hpp"

namespace deepfog {
namespace {

struct Case {
  CnnSpec spec;
  std::string method;
};

/// A partition in which some neurons are replicated.
Partition robust(const std::vector<CutLayer>& layers, int devices) {
  Scores scores;
  std::uint64_t seed = 0;
  for (const CutLayer& layer : layers) scores.push_back(test::random_scores(layer.neurons, ++seed));
  RobustSpec spec;
  spec.devices = devices;
  spec.thresholds = {1.5};
  return robust_partition(scores, spec, "test");
}

Partition made(const std::string& method, const std::vector<CutLayer>& layers) {
  if (method == "lop") return lop_partition(layers, 4);
  if (method == "random") return random_partition(layers, 3, 9);
  if (method == "cdc") return cdc_partition(layers, 3);
  return method == "replicated" ? replicated_partition(layers, 3) : robust(layers, 4);
}

/// A cut network with everything that it needs to run.
struct Rig {
  explicit Rig(const Case& of)
      : spec(of.spec),
        whole(test::random_weights(spec, 1)),
        plan(cut_plan(plan_cnn(spec))),
        partition(made(of.method, plan.layers)),
        topology(parse_topology(cut_topology_text(plan, partition, "rig", "image"), "rig")),
        weights(cut_weights(spec, whole, partition, "rig")) {
    const torch::Tensor images = test::random_images(spec.image, 3, 5);
    samples.features = spec.image.values();
    samples.values.assign(images.data_ptr<float>(), images.data_ptr<float>() + images.numel());
    samples.labels.assign(3, 0);
  }
  Weights of_node(int node) const {
    Weights own;
    for (const NamedTensor& tensor : weights) {
      if (tensor.node == topology.nodes()[std::size_t(node)].name) own.push_back(tensor);
    }
    return own;
  }
  CutNode node(int index) const { return CutNode(topology, index, spec, partition, of_node(index), "rig"); }
  SimulatedCut simulated() const {
    return SimulatedCut(
        topology, {{0, samples.features}}, spec, partition, [this](int index) { return of_node(index); },
        "rig");
  }
  int stage(const std::string& name) const {
    for (std::size_t s = 0; s < topology.stages().size(); ++s) {
      if (topology.stages()[s].name == name) return int(s);
    }
    throw Failure("no stage " + name);
  }

  CnnSpec spec;
  Weights whole;
  CutPlan plan;
  Partition partition;
  Topology topology;
  Weights weights;
  SampleSet samples;
};

/// The scores of the whole network with zeros in place of the neurons that no live device has, which a cut
/// network must equal.
std::vector<float> zeroed_scores(const Rig& rig, Combination alive) {
  const CutNetwork network(rig.spec, rig.whole, "rig");
  const bool all = cdc_recoverable(rig.partition, alive);
  std::vector<torch::Tensor> inputs{torch::tensor(rig.samples.values)
                                        .reshape({rig.samples.size(), rig.spec.image.channels,
                                                  rig.spec.image.height, rig.spec.image.width})};
  for (int l = 0; l < int(rig.plan.layers.size()); ++l) {
    const CutLayer& layer = rig.plan.layers[std::size_t(l)];
    Neurons every(std::size_t(layer.neurons));
    std::iota(every.begin(), every.end(), 0);
    const torch::Tensor residual = layer.residual < 0 ? torch::Tensor() : inputs[std::size_t(layer.residual)];
    torch::Tensor output = network.run(l, inputs.back(), every, {}, residual).clone();
    const Neurons live = all ? every : live_neurons(rig.partition, l, alive);
    torch::Tensor mask = torch::zeros({layer.neurons});
    for (const std::int64_t id : live) mask[id] = 1;
    std::vector<std::int64_t> shape(std::size_t(output.dim()), 1);
    shape[1] = layer.neurons;
    inputs.push_back(output * mask.reshape(shape));
  }
  const torch::Tensor scores = inputs.back().contiguous();
  return {scores.data_ptr<float>(), scores.data_ptr<float>() + scores.numel()};
}

void expect_near(const std::vector<float>& found, const std::vector<float>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  double largest = 1e-3;
  for (const float value : expected) largest = std::max(largest, double(std::abs(value)));
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], tolerance * largest) << i;
}

class CutNodes : public testing::TestWithParam<Case> {};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const CnnSpec& spec :
       {CnnSpec{"alexnet_small", {3, 32, 32}, 10}, CnnSpec{"vgg_bn_small", {1, 28, 28}, 7},
        CnnSpec{"convnext_small", {3, 16, 16}, 10}}) {
    for (const std::string method : {"lop", "random", "robustdice", "replicated", "cdc"})
      all.push_back({spec, method});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(All, CutNodes, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.spec.name + "_" + info.param.method; });

TEST_P(CutNodes, GiveTheScoresOfTheWholeNetworkWithoutTheNeuronsOfTheDead) {
  const Rig rig(GetParam());
  SimulatedCut simulated = rig.simulated();
  for (Combination alive = 0; alive < Combination{1} << rig.topology.failing(); ++alive) {
    const std::vector<float> scores = simulated.scores(view(rig.samples), alive);
    if (alive == 0 && rig.partition.spare < 0) {
      EXPECT_TRUE(scores.empty());
      continue;
    }
    SCOPED_TRACE(alive);
    const bool recovers = rig.partition.spare >= 0;
    expect_near(scores, zeroed_scores(rig, alive | (recovers ? Combination{1} << rig.partition.spare : 0)),
                recovers ? 2e-3 : 1e-4);
  }
}

TEST_P(CutNodes, GiveTheSameTwice) {
  const Rig rig(GetParam());
  SimulatedCut simulated = rig.simulated(), another = rig.simulated();
  for (Combination alive = 1; alive < Combination{1} << rig.topology.failing(); alive += 2) {
    const std::vector<float> once = simulated.scores(view(rig.samples), alive);
    EXPECT_EQ(another.scores(view(rig.samples), alive), once);
    EXPECT_EQ(simulated.scores(view(rig.samples), alive), once);
  }
}

TEST_P(CutNodes, AnImageInABatchIsThatImageAlone) {
  const Rig rig(GetParam());
  SimulatedCut simulated = rig.simulated();
  const std::vector<float> together = simulated.scores(view(rig.samples), 1);
  const std::vector<float> alone = simulated.scores(view(rig.samples, 1, 2), 1);
  const auto classes = std::size_t(rig.spec.classes);
  expect_near(alone, {together.begin() + std::int64_t(classes), together.begin() + std::int64_t(2 * classes)},
              1e-4);
}

TEST_P(CutNodes, RefuseWhatIsNotTheirs) {
  const Rig rig(GetParam());
  CutNode node = rig.node(0);
  std::vector<float> output;
  const int own = rig.stage(gather_stage_name("d1", rig.plan.layers[0].name)),
            other = rig.stage(gather_stage_name("d2", rig.plan.layers[0].name));
  const float* image = rig.samples.values.data();
  EXPECT_TRUE(node.run(own, {image}, 1, output, {}));
  EXPECT_THROW(node.run(other, {image}, 1, output, {}), Failure);
  EXPECT_THROW(node.run(own, {image, image}, 1, output, {}), Failure);
  EXPECT_THROW(node.run(own, {image}, 0, output, {}), Failure);
  EXPECT_THROW(node.run(-1, {image}, 1, output, {}), Failure);
  EXPECT_FALSE(node.run(own, {nullptr}, 1, output, {}));
  EXPECT_TRUE(output.empty());
  EXPECT_THROW(CutNode(rig.topology, 0, rig.spec, rig.partition, {}, "w"), UserError);
  const int host = int(rig.topology.nodes().size()) - 1;
  EXPECT_NO_THROW(rig.node(host));
  EXPECT_THROW(CutNode(rig.topology, host, rig.spec, rig.partition, rig.of_node(0), "w"), UserError);
}

TEST_P(CutNodes, HoldTheirRowsAlone) {
  const Rig rig(GetParam());
  for (int d = 0; d < rig.partition.devices; ++d) {
    // Folding removes the batch norms.
    EXPECT_LE(rig.node(d).resident_bytes(), device_bytes(rig.partition, rig.plan.layers, d));
    EXPECT_GT(rig.node(d).resident_bytes(), device_bytes(rig.partition, rig.plan.layers, d) * 97 / 100);
  }
  EXPECT_LT(rig.node(rig.partition.devices).resident_bytes(), 8192);  // norms only
}

/// Full replication is RobustDiCE with a threshold of 0.
TEST(FullReplication, LosesNothingAsLongAsADeviceLives) {
  const Rig rig({{"vgg_bn_small", {3, 32, 32}, 10}, "replicated"});
  SimulatedCut simulated = rig.simulated();
  const std::vector<float> complete = simulated.scores(view(rig.samples), 7);
  for (Combination alive = 1; alive < 7; ++alive)
    EXPECT_EQ(simulated.scores(view(rig.samples), alive), complete);
}

TEST(Cdc, RecoversOneAndNotTwo) {
  const Rig rig({{"alexnet_small", {3, 32, 32}, 10}, "cdc"});
  SimulatedCut simulated = rig.simulated();
  const std::vector<float> complete = simulated.scores(view(rig.samples), 7);
  for (const Combination one : {3, 5, 6})
    expect_near(simulated.scores(view(rig.samples), one), complete, 2e-3);
  const std::vector<float> two = simulated.scores(view(rig.samples), 1);
  double difference = 0;
  for (std::size_t i = 0; i < two.size(); ++i)
    difference = std::max(difference, double(std::abs(two[i] - complete[i])));
  EXPECT_GT(difference, 0.01);
  EXPECT_EQ(simulated.scores(view(rig.samples), 0), std::vector<float>(30, 0));  // only the spare is alive
}

/// Only the receiver of a lost message misses the part.
TEST(LostMessages, AreLostForTheirReceiver) {
  const Rig rig({{"vgg_bn_small", {3, 32, 32}, 10}, "lop"});
  SimulatedCut simulated = rig.simulated();
  std::vector<std::uint8_t> used(rig.topology.hyperconnections().size(), 1);
  EXPECT_EQ(simulated.labels_over(view(rig.samples), used), simulated.labels(view(rig.samples), 15));
  const int host = rig.topology.last_stage();
  const Stage& last = rig.topology.stages()[std::size_t(host)];
  for (const int link : {0, 1, 2}) used[std::size_t(last.incoming[std::size_t(link)])] = 0;
  const auto labels = simulated.labels_over(view(rig.samples), used);
  const Neurons& left = rig.partition.neurons.back()[3];
  for (const std::int64_t label : labels) {
    EXPECT_TRUE(label == 0 || std::binary_search(left.begin(), left.end(), label)) << label;
  }
  used[std::size_t(last.incoming[3])] = 0;
  EXPECT_TRUE(simulated.labels_over(view(rig.samples), used).empty());
  std::fill(used.begin(), used.end(), std::uint8_t{0});
  used[std::size_t(last.incoming[0])] = 1;
  EXPECT_THROW(simulated.labels_over(view(rig.samples), used), Failure);
  EXPECT_THROW(simulated.labels_over(view(rig.samples), {1}), Failure);
}

/// A part is computed a few rows at a time, so that the node can check for messages in between.
TEST(LongWork, IsInterruptedForThePost) {
  const Rig rig({{"vgg_bn_small", {3, 32, 32}, 10}, "replicated"});
  CutNode node = rig.node(0);
  const std::int64_t rows = 600;
  const CutLayer& layer = rig.plan.layers[1];
  const int stage = rig.stage(part_stage_name("d1", layer.name));
  std::vector<float> gathered(std::size_t(rows * gathered_width(rig.plan, 1) + layer.inputs), 0.5F), output;
  std::fill_n(gathered.end() - layer.inputs, layer.inputs, 1.0F);
  int calls = 0;
  ASSERT_TRUE(node.run(stage, {gathered.data()}, rows, output, [&] { ++calls; }));
  const double all = double(rows * layer.neurons * layer.multiplications);
  EXPECT_GE(calls, int(all / 4e8));
  EXPECT_GT(calls, 1);
  std::vector<float> one;
  std::vector<float> first(gathered.begin(), gathered.begin() + gathered_width(rig.plan, 1));
  first.insert(first.end(), gathered.end() - layer.inputs, gathered.end());
  ASSERT_TRUE(node.run(stage, {first.data()}, 1, one, {}));
  EXPECT_EQ(output.size(), std::size_t(rows) * one.size());
  expect_near({output.end() - std::int64_t(one.size()), output.end()}, one, 1e-5);
}

/// A large image is computed a few neurons at a time.
TEST(LongWork, IsInterruptedWithinAnImage) {
  const Rig rig({{"vgg_bn_small", {1, 960, 960}, 10}, "replicated"});
  CutNode node = rig.node(0);
  const int l = 3;
  const CutLayer& layer = rig.plan.layers[l];
  ASSERT_GT(layer.multiplications * layer.neurons, 1'000'000'000);
  ASSERT_EQ(layer.neurons, 64);
  const torch::Tensor gathered =
      test::random_images({layer.inputs, layer.input_shape[0], layer.input_shape[1]}, 1, 3);
  const torch::Tensor last = gathered.permute({0, 2, 3, 1}).contiguous();
  std::vector<float> input(last.data_ptr<float>(), last.data_ptr<float>() + last.numel()), output;
  input.insert(input.end(), std::size_t(layer.inputs), 1.0F);
  int calls = 0;
  ASSERT_TRUE(
      node.run(rig.stage(part_stage_name("d1", layer.name)), {input.data()}, 1, output, [&] { ++calls; }));
  EXPECT_EQ(calls, 2);
  Neurons every(std::size_t(layer.neurons));
  std::iota(every.begin(), every.end(), 0);
  const torch::Tensor expected = CutNetwork(rig.spec, rig.whole, "rig")
                                     .run(l, gathered, every, {}, {})
                                     .permute({0, 2, 3, 1})
                                     .contiguous();
  expect_near(output, {expected.data_ptr<float>(), expected.data_ptr<float>() + expected.numel()}, 1e-5);
}

TEST(DeadChannels, AreLeftOutOfTheProduct) {
  const Rig rig({{"vgg_bn_small", {3, 32, 32}, 10}, "lop"});
  CutNode node = rig.node(0);
  const CutLayer& layer = rig.plan.layers[1];
  const std::int64_t width = gathered_width(rig.plan, 1), pixels = width / layer.inputs;
  std::vector<float> gathered(std::size_t(width + layer.inputs), 1.0F), output;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (std::int64_t p = 0; p < pixels; ++p) gathered[std::size_t(p * layer.inputs + 2)] = nan;
  const int stage = rig.stage(part_stage_name("d1", layer.name));
  ASSERT_TRUE(node.run(stage, {gathered.data()}, 1, output, {}));
  EXPECT_TRUE(std::isnan(output[0]));
  gathered[std::size_t(width + 2)] = 0;
  ASSERT_TRUE(node.run(stage, {gathered.data()}, 1, output, {}));
  for (const float value : output) ASSERT_TRUE(std::isfinite(value));
}

TEST(CutNode, RefusesTheTopologyOfAnotherPartition) {
  const Rig rig({{"vgg_bn_small", {3, 32, 32}, 10}, "lop"});
  const Partition other = random_partition(rig.plan.layers, 4, 1);  // of the same sizes
  EXPECT_NO_THROW(CutNode(rig.topology, 0, rig.spec, other, rig.of_node(0), "w"));
  const std::string good = rig.topology.text();
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    EXPECT_THROW(CutNode(parse_topology(text, "t"), 0, rig.spec, rig.partition, rig.of_node(0), "w"),
                 UserError)
        << from;
  };
  refused("source image 3072", "source image 3073");
  refused("fails d1 d2", "fails d2 d1");
  refused("part:", "product:");
  refused("link d2-features-0 -> d1-in-features-4\n", "");
  refused("gather:3072", "gather:3071");
  refused("stage d1-in-features-0 on d1", "stage d1-in-features-0 on d2");
  std::string commented = good;
  commented.insert(0, "# mine\n");
  EXPECT_NO_THROW(CutNode(parse_topology(commented, "t"), 0, rig.spec, rig.partition, rig.of_node(0), "w"));
}

}  // namespace
}  // namespace deepfog
