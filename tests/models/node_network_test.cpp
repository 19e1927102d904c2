#include "models/node_network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "random_network.hpp"

namespace deepfog {
namespace {

using test::RandomNetwork;

Weights weights_of_node(const Weights& weights, const std::string& node) {
  Weights part;
  for (const NamedTensor& tensor : weights) {
    if (tensor.node == node) part.push_back(tensor);
  }
  return part;
}

/// Runs one NodeNetwork per node; plain code passes their outputs on.
class WiredByHand {
 public:
  explicit WiredByHand(const RandomNetwork& of) : of_(of) {
    const auto& nodes = of.topology.nodes();
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      nodes_.emplace_back(of.topology, static_cast<int>(n), weights_of_node(of.weights, nodes[n].name), "w");
    }
  }

  /// The scores of rows [0, rows); empty for Φ. used() then returns which hyperconnections took part.
  std::vector<float> run(std::int64_t rows, Combination combination) {
    const Topology& topology = of_.topology;
    std::vector<std::vector<float>> vertex(static_cast<std::size_t>(topology.vertices()));
    for (std::size_t s = 0; s < topology.sources().size(); ++s) {
      for (std::int64_t row = 0; row < rows; ++row) {
        const float* begin = of_.set.values.data() + row * of_.set.features;
        vertex[s].insert(vertex[s].end(), begin + of_.columns[s].begin, begin + of_.columns[s].end);
      }
    }
    used_.assign(topology.hyperconnections().size(), 0);
    for (std::size_t s = 0; s < topology.stages().size(); ++s) {
      const Stage& stage = topology.stages()[s];
      if (!alive(combination, topology.nodes()[stage.node].position)) continue;
      std::vector<const float*> inputs;
      for (const int link : stage.incoming) {
        const std::vector<float>& from = vertex[topology.hyperconnections()[link].from];
        inputs.push_back(from.empty() ? nullptr : from.data());
        used_[link] = from.empty() ? 0 : 1;
      }
      std::vector<float>& output = vertex[topology.vertex_of(static_cast<int>(s))];
      const bool made = nodes_[stage.node].run(static_cast<int>(s), inputs, rows, output, {});
      EXPECT_EQ(made, !output.empty());
    }
    return vertex.back();
  }
  const std::vector<std::uint8_t>& used() const { return used_; }

 private:
  const RandomNetwork& of_;
  std::vector<NodeNetwork> nodes_;
  std::vector<std::uint8_t> used_;
};

std::vector<float> whole_network(RandomNetwork& random, std::int64_t rows, Combination combination) {
  const c10::InferenceMode inference;
  const torch::Tensor samples =
      torch::from_blob(random.set.values.data(), {rows, random.set.features}, torch::kFloat32);
  const torch::Tensor scores = random.network->forward(samples, combination);
  if (!scores.defined()) return {};
  const torch::Tensor flat = scores.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

void expect_equal_to_the_last_bit(RandomNetwork& random, std::uint64_t seed) {
  WiredByHand wired(random);
  const SimulatedNetwork simulated(random.topology, random.columns, random.weights, "w");
  const Combination combinations = Combination{1} << random.topology.failing();
  for (Combination b = 0; b < combinations; ++b) {
    for (const std::int64_t rows : {1, 7, 64}) {
      const std::vector<float> scores = wired.run(rows, b);
      ASSERT_EQ(scores, whole_network(random, rows, b)) << "seed " << seed << " b " << b << " rows " << rows;
      const SampleView samples = view(random.set, 0, rows);
      const std::vector<std::int64_t> labels = simulated.labels(samples, b);
      ASSERT_EQ(labels.size(), scores.empty() ? 0U : static_cast<std::size_t>(rows));
      ASSERT_EQ(simulated.labels_over(samples, wired.used()), labels) << "seed " << seed << " b " << b;
      for (std::size_t row = 0; row < labels.size(); ++row) {
        const std::int64_t classes = random.topology.classes();
        ASSERT_EQ(labels[row], largest_score(scores.data() + row * classes, classes));
      }
    }
  }
}

TEST(NodeNetwork, NodesAloneEqualTheNetworkOnRandomTopologies) {
  bool shared = false, mapped = false;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomNetwork random(seed);
    shared = shared || random.topology.stages().size() > random.topology.nodes().size();
    for (const Hyperconnection& h : random.topology.hyperconnections()) {
      mapped = mapped || h.expansion == Expansion::linear;
    }
    ASSERT_NO_FATAL_FAILURE(expect_equal_to_the_last_bit(random, seed));
  }
  EXPECT_TRUE(shared && mapped);
}

TEST(NodeNetwork, NodesAloneEqualTheNetworkAtRealWidths) {
  const std::string folder = DEEPFOG_SOURCE_DIR "/configs/topologies/";
  for (const char* name : {"health-deepfogguard-trainable-link", "camera-deepfogguard"}) {
    RandomNetwork random(load_topology(folder + name + ".topology"), 3, 64);
    ASSERT_NO_FATAL_FAILURE(expect_equal_to_the_last_bit(random, 3));
  }
}

TEST(NodeNetwork, NodesAloneEqualTheNetworkWithOtherLayers) {
  RandomTopologyOptions options;
  options.most_failing = 5;
  options.beyond_dense = true;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RandomNetwork random(parse_topology(random_topology_text(seed, options), "random"), seed, 64);
    ASSERT_NO_FATAL_FAILURE(expect_equal_to_the_last_bit(random, seed));
  }
  const std::string folder = DEEPFOG_SOURCE_DIR "/configs/topologies/";
  for (const char* name : {"mobilenet-skips", "gru-skips"}) {
    const Topology shipped = load_topology(folder + name + ".topology");
    RandomNetwork random(parse_topology(with_values(shipped.text(), {{"SUM", "rescale"}}, name), name), 3,
                         64);
    ASSERT_NO_FATAL_FAILURE(expect_equal_to_the_last_bit(random, 3));
  }
}

const char* const kTwoStages = R"(topology two
source s 2
node a
stage a-in on a relu:2
stage a-out on a relu:2*2 linear:2
node b relu:3
node c linear:2
link s -> a-in
link a-in -> b
link b -> a-out weight=2
link s -> a-out expand=linear
link a-out -> c
fails a b
)";

/// Weights of node a that allow computation by hand.
Weights hand_weights() {
  return {{"a", "a-in.layer1.weight", {2, 2}, {1, 0, 0, -1}},
          {"a", "a-in.layer1.bias", {2}, {0, 1}},
          {"a", "a-out.from_s.weight", {3, 2}, {0, 0, 0, 0, 1, 1}},
          {"a", "a-out.layer1.weight", {2, 3}, {1, 1, 0, 0, 0, 1}},
          {"a", "a-out.layer1.bias", {2}, {0, 1}},
          {"a", "a-out.layer2.weight", {2, 2}, {1, 0, 0, -1}},
          {"a", "a-out.layer2.bias", {2}, {0, 0}},
          {"a", "a-out.layer3.weight", {2, 2}, {1, 0, 0, 1}},
          {"a", "a-out.layer3.bias", {2}, {0.5F, 0.25F}}};
}

class TwoStages : public testing::Test {
 protected:
  int stage(const std::string& name) const {
    for (std::size_t s = 0; s < topology_.stages().size(); ++s) {
      if (topology_.stages()[s].name == name) return static_cast<int>(s);
    }
    return -1;
  }
  std::string refusal(const Weights& weights) {
    try {
      NodeNetwork(topology_, 0, weights, "w.h5");
    } catch (const UserError& error) {
      return error.what();
    }
    return "taken";
  }

  Topology topology_ = parse_topology(kTwoStages, "two");
  NodeNetwork a_{topology_, 0, hand_weights(), "hand"};
  std::vector<float> output_{9, 9, 9, 9, 9};
};

TEST_F(TwoStages, BothStagesOfANodeComputeByHand) {
  const float s[] = {3, -1}, b[] = {1, 2, 0};
  EXPECT_TRUE(a_.run(stage("a-in"), {s}, 1, output_, {}));
  EXPECT_EQ(output_, (std::vector<float>{3, 2}));
  // 2 b + map s = (2, 4, 2); relu (6, 3); relu (6, 0); + bias
  EXPECT_TRUE(a_.run(stage("a-out"), {b, s}, 1, output_, {}));
  EXPECT_EQ(output_, (std::vector<float>{6.5F, 0.25F}));
  EXPECT_TRUE(a_.run(stage("a-out"), {nullptr, s}, 1, output_, {}));  // (0, 0, 2); (0, 3); (0, 0)
  EXPECT_EQ(output_, (std::vector<float>{0.5F, 0.25F}));
  EXPECT_FALSE(a_.run(stage("a-out"), {nullptr, nullptr}, 1, output_, {}));
  EXPECT_TRUE(output_.empty());
}

TEST_F(TwoStages, BetweenIsCalledBetweenLayersAndMayEndTheRun) {
  const float s[] = {3, -1};
  int calls = 0;
  const auto count = [&] { ++calls; };
  a_.run(stage("a-in"), {s}, 1, output_, count);
  EXPECT_EQ(calls, 0);
  a_.run(stage("a-out"), {nullptr, s}, 1, output_, count);
  EXPECT_EQ(calls, 2);
  a_.run(stage("a-out"), {nullptr, nullptr}, 1, output_, count);
  EXPECT_EQ(calls, 2);
  struct Enough {};
  EXPECT_THROW(a_.run(stage("a-out"), {nullptr, s}, 1, output_, [] { throw Enough{}; }), Enough);
  EXPECT_TRUE(a_.run(stage("a-out"), {nullptr, s}, 1, output_, {}));
  EXPECT_EQ(output_, (std::vector<float>{0.5F, 0.25F}));
}

TEST_F(TwoStages, BadWeightsAreRefusedByName) {
  EXPECT_EQ(refusal(hand_weights()), "taken");
  Weights weights = hand_weights();
  weights[2].shape = {2, 3};
  EXPECT_EQ(refusal(weights),
            "w.h5: weights do not fit the topology: node a: a-out.from_s.weight[3,2] is expected, "
            "a-out.from_s.weight[2,3] is given");
  const std::string nothing = refusal({});
  std::size_t missing = 0;
  for (std::size_t at = nothing.find("is missing"); at != std::string::npos;
       at = nothing.find("is missing", at + 1)) {
    ++missing;
  }
  EXPECT_EQ(missing, 5U) << nothing;
  weights = hand_weights();
  weights.push_back({"b", "b.layer1.bias", {3}, {0, 0, 0}});
  EXPECT_NE(refusal(weights).find("node b: b.layer1.bias[3] is not expected"), std::string::npos);
}

TEST_F(TwoStages, RunsWithoutSenseAreRefused) {
  const float s[] = {3, -1};
  EXPECT_THROW(a_.run(stage("b"), {s}, 1, output_, {}), Failure);
  EXPECT_THROW(a_.run(stage("a-out"), {s}, 1, output_, {}), Failure);
  EXPECT_THROW(a_.run(stage("a-in"), {s}, 0, output_, {}), Failure);
}

TEST(NodeNetwork, ANodeWithoutParametersPassesItsSumOn) {
  const Topology topology = parse_topology(
      "topology t\nsource s 2\nnode a\nstage sum on a\nnode b linear:2\nlink s -> sum weight=2\nlink sum -> "
      "b\n",
      "t");
  const NodeNetwork a(topology, 0, {}, "w");
  const float rows[] = {1, 2, 3, 4};
  std::vector<float> output;
  EXPECT_TRUE(a.run(0, {rows}, 2, output, {}));
  EXPECT_EQ(output, (std::vector<float>{2, 4, 6, 8}));
}

TEST(SimulatedNetwork, UsedLinksDecideAlone) {
  const Topology topology = parse_topology(kTwoStages, "two");
  RandomNetwork random(topology, 5, 16);
  const SimulatedNetwork simulated(topology, random.columns, random.weights, "w");
  const SampleView samples = view(random.set);
  EXPECT_EQ(simulated.labels_over(samples, {1, 1, 1, 1, 1}), simulated.labels(samples, 0b11));
  EXPECT_EQ(simulated.labels_over(samples, {1, 0, 0, 1, 1}), simulated.labels(samples, 0b01));
  EXPECT_TRUE(simulated.labels_over(samples, {1, 1, 0, 0, 0}).empty());  // nothing reached the last node
  EXPECT_THROW(simulated.labels_over(samples, {0, 1, 0, 0, 0}), Failure);
  EXPECT_THROW(simulated.labels_over(samples, {1, 1, 1, 1}), Failure);
}

TEST(SimulatedNetwork, WrongWeightsAreRefused) {
  const Topology topology = parse_topology(kTwoStages, "two");
  EXPECT_THROW(SimulatedNetwork(topology, test::columns_of(topology), hand_weights(), "w"), UserError);
}

TEST(LargestScore, IsTheFirstOfEqualsAndNeverNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const auto largest = [](const std::vector<float>& scores) {
    return largest_score(scores.data(), static_cast<std::int64_t>(scores.size()));
  };
  EXPECT_EQ(largest({1, 3, 3, 2}), 1);
  EXPECT_EQ(largest({nan, -5, nan, -4}), 3);
  EXPECT_EQ(largest({2, nan, 1}), 0);
  EXPECT_EQ(largest({nan, -inf}), 1);
  EXPECT_EQ(largest({nan, nan}), 0);
  EXPECT_EQ(largest({-inf, -inf}), 0);
}

}  // namespace
}  // namespace deepfog
