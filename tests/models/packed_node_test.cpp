#include "models/packed_node.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "models/node_network.hpp"
#include "random_network.hpp"

namespace deepfog {
namespace {

using test::RandomNetwork;

using Floats = std::vector<float>;

Topology ddnn(const std::string& name, const std::vector<std::pair<std::string, std::string>>& lets = {}) {
  const Topology file = load_topology(DEEPFOG_SOURCE_DIR "/configs/topologies/" + name + ".topology");
  return parse_topology(with_values(file.text(), lets, name), name);
}

int node_named(const Topology& topology, const std::string& name) {
  for (std::size_t n = 0; n < topology.nodes().size(); ++n) {
    if (topology.nodes()[n].name == name) return static_cast<int>(n);
  }
  return -1;
}

/// Norms and thresholds as training leaves them: no sum is close to its threshold, outputs have both signs,
/// and some rows leave.
Weights trained_looks(Weights weights, RandomStream& stream) {
  std::int64_t each = 1;  // number of inputs per output of the current layer
  for (NamedTensor& tensor : weights) {
    const auto ends = [&](const char* with) {
      const std::size_t size = std::strlen(with);
      return tensor.name.size() > size && tensor.name.compare(tensor.name.size() - size, size, with) == 0;
    };
    if (ends(".weight")) each = static_cast<std::int64_t>(tensor.values.size()) / tensor.shape[0];
    for (float& value : tensor.values) {
      const auto drawn = static_cast<float>(2 * stream.uniform() - 1);
      if (ends(".norm.variance")) value = static_cast<float>(each) * (1 + drawn / 2);
      if (ends(".norm.mean")) value = 0.137F + drawn;
      if (ends(".norm.scale")) value = 2 * drawn;
      if (ends(".norm.shift")) value = drawn / 2;
      if (ends(".threshold")) value = 0.7F;
    }
  }
  return weights;
}

/// A packed and a float node for each node, connected by plain code, to compare their outputs.
class Pair {
 public:
  Pair(const Topology& topology, std::uint64_t seed) : topology_(topology), stream_(seed) {
    RandomNetwork drawn(topology, seed, 1);
    const Weights weights = trained_looks(drawn.weights, stream_);
    for (std::size_t n = 0; n < topology.nodes().size(); ++n) {
      Weights own;
      for (const NamedTensor& tensor : weights) {
        if (tensor.node == topology.nodes()[n].name) own.push_back(tensor);
      }
      floats_.emplace_back(topology, static_cast<int>(n), own, "w");
      packed_.emplace_back(topology, static_cast<int>(n), own, "w");
    }
  }

  /// Runs every stage on the outputs of the float nodes; some senders are lost.
  void expect_equal(std::int64_t rows, int lost_of_ten) {
    const auto& topology = topology_;
    std::vector<Floats> vertex(static_cast<std::size_t>(topology.vertices()));
    for (std::size_t s = 0; s < topology.sources().size(); ++s) {
      for (std::int64_t i = 0; i < rows * topology.sources()[s].width; ++i) {
        vertex[s].push_back(static_cast<float>(stream_.below(256)) / 255.0F);
      }
    }
    for (int s = 0; s <= topology.last_stage(); ++s) {
      const Stage& stage = topology.stages()[static_cast<std::size_t>(s)];
      std::vector<const float*> inputs;
      for (const int link : stage.incoming) {
        const Floats& from = vertex[static_cast<std::size_t>(topology.hyperconnections()[link].from)];
        const bool lost = static_cast<int>(stream_.below(10)) < lost_of_ten;
        inputs.push_back(from.empty() || lost ? nullptr : from.data());
      }
      const auto n = static_cast<std::size_t>(stage.node);
      Floats& expected = vertex[static_cast<std::size_t>(topology.vertex_of(s))];
      Floats got{1, 2, 3};
      int calls = 0, packed_calls = 0;
      const bool made = floats_[n].run(s, inputs, rows, expected, [&] { ++calls; });
      ASSERT_EQ(packed_[n].run(s, inputs, rows, got, [&] { ++packed_calls; }), made);
      ASSERT_EQ(got.size(), expected.size()) << stage.name;
      for (std::size_t i = 0; i < got.size(); ++i) {
        if (std::isnan(expected[i])) ++absent_;
        ASSERT_TRUE(got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i])))
            << stage.name << " " << i << ": " << got[i] << " for " << expected[i];
      }
      EXPECT_EQ(packed_calls, calls) << stage.name;
    }
  }
  std::int64_t absent() const { return absent_; }

 private:
  const Topology& topology_;
  RandomStream stream_;
  std::vector<NodeNetwork> floats_;
  std::vector<PackedNode> packed_;
  std::int64_t absent_ = 0;
};

TEST(PackedNode, IsTheFloatNodeOnEveryNetworkOfThePaper) {
  for (const char* name : {"ddnn-a", "ddnn-b", "ddnn-c", "ddnn-d", "ddnn-e", "ddnn-f"}) {
    const Topology topology = ddnn(name);
    std::int64_t absent = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      Pair pair(topology, seed);
      for (const std::int64_t rows : {1, 32, 5}) {
        ASSERT_NO_FATAL_FAILURE(pair.expect_equal(rows, 0)) << name << " " << seed;
        ASSERT_NO_FATAL_FAILURE(pair.expect_equal(rows, 2)) << name << " " << seed;
      }
      absent += pair.absent();
    }
    EXPECT_EQ(absent > 0, topology.exits().size() > 1) << name;  // some rows left
  }
}

TEST(PackedNode, IsTheFloatNodeWithOtherFiltersAndAggregations) {
  for (const char* cloud : {"max", "mean", "concat"}) {
    for (const char* filters : {"1", "3", "8"}) {
      const Topology topology =
          ddnn("ddnn-c", {{"CLOUD", cloud}, {"FILTERS", filters}, {"LOCAL", "concat binary-linear:3"}});
      Pair pair(topology, 9);
      ASSERT_NO_FATAL_FAILURE(pair.expect_equal(1, 0)) << cloud << filters;
      ASSERT_NO_FATAL_FAILURE(pair.expect_equal(17, 1)) << cloud << filters;
    }
  }
}

TEST(PackedNode, FitsNodesOfBinaryBlocksAlone) {
  const Topology c = ddnn("ddnn-c");
  EXPECT_TRUE(PackedNode::fits(c, node_named(c, "d1")));
  EXPECT_TRUE(PackedNode::fits(c, node_named(c, "cloud")));
  EXPECT_FALSE(PackedNode::fits(c, node_named(c, "gateway")));  // nothing to compute
  const Topology mean = ddnn("ddnn-c", {{"CLOUD", "mean"}, {"LINEAR", "norm-linear"}});
  EXPECT_FALSE(PackedNode::fits(mean, node_named(mean, "cloud")));
  EXPECT_FALSE(PackedNode::fits(mean, node_named(mean, "d1")));  // its summary has real weights
  const Topology averaged = ddnn("ddnn-c", {{"CLOUD", "mean"}});
  EXPECT_FALSE(PackedNode::fits(averaged, node_named(averaged, "cloud")));
  const Topology plain = ddnn("ddnn-c", {{"CONV", "conv"}});
  EXPECT_FALSE(PackedNode::fits(plain, node_named(plain, "d1")));
}

TEST(PackedNode, LinksThatChangeSignsDoNotFit) {
  const auto fits = [](const std::string& link, const std::string& summary) {
    const Topology topology = parse_topology("topology t\nsource s 1x4x4\nnode a binary-conv:2\nnode b " +
                                                 summary + "\nlink s -> a\nlink a -> b" + link + "\n",
                                             "t");
    return PackedNode::fits(topology, node_named(topology, "b"));
  };
  EXPECT_TRUE(fits("", "binary-linear:3"));
  EXPECT_TRUE(fits("", "binary-conv:2 binary-linear:3"));
  EXPECT_FALSE(fits(" weight=2", "binary-linear:3"));
  EXPECT_FALSE(fits(" expand=linear", "binary-linear:3"));
  EXPECT_FALSE(fits("", "binary-linear:4 binary-linear:3"));  // scores are not signs
  EXPECT_TRUE(fits("", "rescale binary-linear:3")) << "of one input is that input";
  for (const std::string layer :
       {"dropout:0.1", "residual:4", "conv3:2", "separable:2", "residual-conv:2", "pool"})
    EXPECT_FALSE(fits("", layer + " binary-linear:3")) << layer;
}

TEST(PackedNode, ANormThatIsNotFiniteAndWrongInputsAreTheFloatNodes) {
  const Topology topology = parse_topology(
      "topology t\nsource s 1x2x2\nnode a binary-conv:1\nnode b binary-linear:2\nlink s -> a\nlink a -> b\n",
      "t");
  RandomNetwork drawn(topology, 1, 1);
  const int b = node_named(topology, "b");
  Weights own;
  for (const NamedTensor& tensor : drawn.weights) {
    if (tensor.node != "b") continue;
    own.push_back(tensor);
    if (tensor.name == "b.layer1.norm.variance") own.back().values = {1, 1};
  }
  for (const float shift : {0.5F, HUGE_VALF}) {
    for (NamedTensor& tensor : own) {
      if (tensor.name == "b.layer1.norm.shift") tensor.values = {shift, 1};
      if (tensor.name == "b.layer1.norm.mean") tensor.values = {0, 0};
      if (tensor.name == "b.layer1.norm.scale") tensor.values = {0, 0};
    }
    const PackedNode node(topology, b, own, "w");
    const float sign = 1;
    Floats scores;
    EXPECT_TRUE(node.run(1, {&sign}, 1, scores, {}));
    EXPECT_EQ(scores, (Floats{shift, 1}));
    EXPECT_THROW(node.run(1, {&sign, &sign}, 1, scores, {}), Failure);
    EXPECT_THROW(node.run(0, {&sign}, 1, scores, {}), Failure);
    EXPECT_THROW(node.run(1, {&sign}, 0, scores, {}), Failure);
    EXPECT_FALSE(node.run(1, {nullptr}, 1, scores, {}));
    EXPECT_TRUE(scores.empty());
  }
  own.pop_back();
  EXPECT_THROW(PackedNode(topology, b, own, "w"), UserError);
}

}  // namespace
}  // namespace deepfog
