#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "models/exit_rows.hpp"
#include "models/network.hpp"
#include "models/node_network.hpp"
#include "small_ddnn.hpp"

namespace deepfog {
namespace {

using test::kDevicesAndCloud;
using test::kDevicesEdgesAndCloud;
using test::SmallDdnn;
using Lets = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kRows = 40;

const std::vector<std::string>& shapes() {
  static const std::vector<std::string> texts = [] {
    const Lets concatenated{{"LOCAL", "concat binary-linear:3"}, {"CLOUD", "mean"}};
    const Lets edges{{"LOCAL", "mean"}, {"EDGE", "concat binary-linear:3"}, {"CLOUD", "max"}};
    return std::vector<std::string>{kDevicesAndCloud, kDevicesEdgesAndCloud,
                                    with_values(kDevicesAndCloud, concatenated, "c"),
                                    with_values(kDevicesEdgesAndCloud, edges, "f")};
  }();
  return texts;
}

int stage_named(const Topology& topology, const std::string& name) {
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    if (topology.stages()[s].name == name) return static_cast<int>(s);
  }
  throw Failure("no stage " + name);
}

std::size_t link_between(const Topology& topology, const std::string& from, const std::string& to) {
  for (std::size_t l = 0; l < topology.hyperconnections().size(); ++l) {
    const Hyperconnection& h = topology.hyperconnections()[l];
    if (topology.vertex_name(h.from) == from && topology.vertex_name(h.to) == to) return l;
  }
  throw Failure("no link " + from + " -> " + to);
}

class Drawn : public SmallDdnn {
 public:
  Drawn(const std::string& text, std::uint64_t seed, std::int64_t rows = kRows)
      : SmallDdnn(text, seed, rows), network(topology, columns) {
    network->load(weights, "drawn");
  }
  torch::Tensor samples(std::int64_t rows = kRows) {
    return torch::from_blob(set.values.data(), {rows, set.features}, torch::kFloat32);
  }
  torch::Tensor forward(Combination combination) {
    const c10::InferenceMode inference;
    return network->forward(samples(), combination);
  }
  Combination combinations() const { return Combination{1} << topology.failing(); }

  Network network;
};

std::vector<float> flat(const torch::Tensor& x) {
  if (!x.defined()) return {};
  const torch::Tensor whole = x.contiguous();
  return {whole.data_ptr<float>(), whole.data_ptr<float>() + whole.numel()};
}

/// Compares bit for bit, except that NaN equals NaN.
void expect_same(const std::vector<float>& one, const std::vector<float>& other, const std::string& where) {
  ASSERT_EQ(one.size(), other.size()) << where;
  for (std::size_t i = 0; i < one.size(); ++i)
    ASSERT_TRUE(one[i] == other[i] || (std::isnan(one[i]) && std::isnan(other[i]))) << where << " " << i;
}

TEST(ExitsNetwork, RowsThatLeaveGiveWhatCountingWithoutLeavingGives) {
  std::vector<std::int64_t> answered(3);
  for (const std::string& text : shapes()) {
    Drawn drawn(text, 1);
    const std::size_t exits = drawn.topology.exits().size();
    for (const double threshold : {-1.0, 0.0, 0.5, 1.0}) {
      if (threshold >= 0) drawn.network->set_thresholds(std::vector<double>(exits, threshold));
      for (Combination b = 0; b < drawn.combinations(); ++b) {
        const auto outcomes = outcomes_of(drawn.network, drawn.samples(), b);
        const std::vector<float> said = flat(drawn.forward(b));
        ASSERT_EQ(said.size(), outcomes.back().live() || outcomes[0].live() || outcomes[exits - 2].live()
                                   ? std::size_t(kRows * 4)
                                   : 0U);
        for (std::size_t row = 0; row < said.size() / 4; ++row) {
          const int exit = answering_exit(outcomes, drawn.network->thresholds(), row);
          ASSERT_EQ(said[row * 4 + 3], exit) << text << b << " row " << row;
          ASSERT_EQ(largest_score(&said[row * 4], 3), outcomes[std::size_t(exit)].labels[row]);
          ++answered[std::size_t(exit)];
        }
      }
    }
  }
  for (const std::int64_t count : answered) EXPECT_GT(count, 1000) << "every exit answers some";
}

/// Runs single nodes stage by stage; plain code passes their outputs on.
TEST(ExitsNetwork, NodesAloneEqualTheNetworkBitForBit) {
  std::int64_t left = 0;
  for (const std::string& text : shapes()) {
    Drawn drawn(text, 3);
    const Topology& topology = drawn.topology;
    std::vector<NodeNetwork> nodes;
    for (std::size_t n = 0; n < topology.nodes().size(); ++n) {
      Weights own;
      for (const NamedTensor& tensor : drawn.weights) {
        if (tensor.node == topology.nodes()[n].name) own.push_back(tensor);
      }
      nodes.emplace_back(topology, static_cast<int>(n), own, "own");
    }
    for (Combination b = 0; b < drawn.combinations(); ++b) {
      std::vector<std::vector<float>> vertex(static_cast<std::size_t>(topology.vertices()));
      for (std::size_t s = 0; s < topology.sources().size(); ++s) {
        const Columns& columns = drawn.columns[s];
        vertex[s] = flat(drawn.samples().narrow(1, columns.begin, columns.end - columns.begin));
      }
      for (std::size_t s = 0; s < topology.stages().size(); ++s) {
        const Stage& stage = topology.stages()[s];
        if (!alive(b, topology.nodes()[stage.node].position)) continue;
        std::vector<const float*> inputs;
        for (const int link : stage.incoming) {
          const std::vector<float>& from = vertex[topology.hyperconnections()[link].from];
          inputs.push_back(from.empty() ? nullptr : from.data());
        }
        std::vector<float>& output = vertex[topology.vertex_of(static_cast<int>(s))];
        nodes[stage.node].run(static_cast<int>(s), inputs, kRows, output, {});
        ASSERT_TRUE(output.empty() || output.size() == std::size_t(kRows * stage.output_width)) << stage.name;
        for (const float value : output) left += std::isnan(value);
      }
      ASSERT_NO_FATAL_FAILURE(expect_same(vertex.back(), flat(drawn.forward(b)), text + std::to_string(b)));
    }
  }
  EXPECT_GT(left, 1000) << "rows have left";
}

/// A row that arrives alone, as online, must be answered as in the batch.
TEST(ExitsNetwork, ABinaryRowAloneIsAnsweredAsInTheBatch) {
  for (const std::string& text : {shapes()[0], shapes()[1], shapes()[3]}) {  // not 2: means of signs
    Drawn drawn(text, 4);
    const std::vector<float> batch = flat(drawn.forward(all_alive(drawn.topology.failing())));
    for (std::int64_t row = 0; row < kRows; ++row) {
      const c10::InferenceMode inference;
      const torch::Tensor one =
          drawn.network->forward(drawn.samples().narrow(0, row, 1), all_alive(drawn.topology.failing()));
      ASSERT_EQ(flat(one), std::vector<float>(&batch[std::size_t(row * 4)], &batch[std::size_t(row * 4)] + 4))
          << text << row;
    }
  }
}

TEST(ExitsNetwork, TheLastLiveExitAnswersWhatNobodyIsSureOf) {
  Drawn drawn(kDevicesEdgesAndCloud, 5);
  drawn.network->set_thresholds({0, 0, 0});
  const auto exits_that_answer = [&](Combination dead) {
    std::vector<bool> seen(3, false);
    const std::vector<float> said = flat(drawn.forward(all_alive(6) & ~dead));
    for (std::size_t row = 0; row < said.size() / 4; ++row) seen[std::size_t(said[row * 4 + 3])] = true;
    return seen;
  };
  const Combination d1 = 1, d2 = 2, gateway = 4, e1 = 8, e2 = 16, edge_gateway = 32;
  EXPECT_EQ(exits_that_answer(0), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(exits_that_answer(gateway), (std::vector<bool>{false, false, true})) << "all rows pass";
  EXPECT_EQ(exits_that_answer(edge_gateway | gateway), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(exits_that_answer(e1 | e2), (std::vector<bool>{true, false, false}));
  EXPECT_EQ(exits_that_answer(e1 | e2 | gateway), (std::vector<bool>{false, false, false})) << "nobody";
  EXPECT_EQ(exits_that_answer(d1 | d2), (std::vector<bool>{false, false, true})) << "cam3 feeds the edge";
  drawn.network->set_thresholds({1, 1, 1});
  EXPECT_EQ(exits_that_answer(gateway), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(exits_that_answer(gateway | edge_gateway), (std::vector<bool>{false, false, true}));
}

TEST(ExitsNetwork, ALostVerdictLetsAllRowsTravelAndAnswersStay) {
  for (const std::string aggregation : {"concat", "max", "mean", "add"}) {
    std::string text = with_values(kDevicesAndCloud, {{"CLOUD", aggregation}}, "c");
    if (aggregation == "add") text.replace(text.find("$CLOUD $CONV:3"), 14, "add norm-linear:4");
    Drawn drawn(text, 6);
    // Half of the rows leave at the gateway.
    std::vector<float> entropy = outcomes_of(drawn.network, drawn.samples(), all_alive(4))[0].entropy;
    std::sort(entropy.begin(), entropy.end());
    drawn.network->set_thresholds({(entropy[kRows / 2 - 1] + entropy[kRows / 2]) / 2, 1});
    const Topology& topology = drawn.topology;
    std::vector<std::uint8_t> used(topology.hyperconnections().size(), 1);
    const c10::InferenceMode inference;
    const std::vector<float> whole = flat(drawn.network->forward_over(drawn.samples(), used));
    expect_same(whole, flat(drawn.forward(all_alive(4))), "all links");
    std::size_t early = 0;
    for (std::size_t row = 0; row < kRows; ++row) early += whole[row * 4 + 3] == 0;
    ASSERT_GT(early, 0U);
    ASSERT_LT(early, std::size_t(kRows));
    // One device misses the verdict: its rows travel on although those of the others do not.
    used[link_between(topology, "local", "d1@local")] = 0;
    const std::vector<float> lost = flat(drawn.network->forward_over(drawn.samples(), used));
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(whole[i], lost[i], 1e-4) << aggregation;
    // If the gateway's answer is lost on the way, rows that left there are answered by the cloud only.
    used[link_between(topology, "local", "answers@cloud")] = 0;
    const std::vector<float> cloud_alone = flat(drawn.network->forward_over(drawn.samples(), used));
    for (std::size_t row = 0; row < kRows; ++row) {
      EXPECT_EQ(cloud_alone[row * 4 + 3], 1);
      EXPECT_FALSE(std::isnan(cloud_alone[row * 4])) << aggregation << ": d1 has sent row " << row;
      if (whole[row * 4 + 3] != 1) continue;
      EXPECT_NEAR(cloud_alone[row * 4], whole[row * 4], 1e-4);
    }
    // If d1 received the verdict as well, nothing answers them.
    used[link_between(topology, "local", "d1@local")] = 1;
    const std::vector<float> none = flat(drawn.network->forward_over(drawn.samples(), used));
    for (std::size_t row = 0; row < kRows; ++row)
      EXPECT_EQ(none[row * 4 + 3], whole[row * 4 + 3] == 0 ? -1 : 1) << aggregation << ", row " << row;
  }
}

TEST(ExitsNetwork, HeadsAreAllScoresOfAllRows) {
  Drawn drawn(kDevicesEdgesAndCloud, 7);
  drawn.network->set_thresholds({1, 1, 1});
  const torch::NoGradGuard no_grad;
  const auto heads = drawn.network->heads(drawn.samples(), all_alive(6) & ~Combination{1}, false);
  ASSERT_EQ(heads.size(), drawn.topology.heads().size());
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const std::string& name = drawn.topology.stages()[drawn.topology.heads()[h]].name;
    if (name == "s1") {
      EXPECT_FALSE(heads[h].defined());
      continue;
    }
    EXPECT_EQ(heads[h].sizes().vec(), (std::vector<std::int64_t>{kRows, 3})) << name;
    EXPECT_FALSE(heads[h].isnan().any().item<bool>()) << name;
  }
  const auto outcomes = outcomes_of(drawn.network, drawn.samples(), all_alive(6) & ~Combination{4});
  EXPECT_FALSE(outcomes[0].live());
  EXPECT_EQ(outcomes[1].labels.size(), std::size_t(kRows));
}

TEST(ExitsNetwork, ImagesWithTheirChannelsLastAreReordered) {
  Drawn drawn(kDevicesAndCloud, 8);
  std::string text = kDevicesAndCloud;
  for (std::size_t at = text.find(" channels-last"); at != std::string::npos;
       at = text.find(" channels-last"))
    text.erase(at, 14);
  Network first(parse_topology(text, "first"), drawn.columns);
  first->load(drawn.weights, "drawn");
  torch::Tensor reordered = drawn.samples().clone();
  for (const std::int64_t camera : {0, 2}) {
    for (std::int64_t c = 0; c < 2; ++c) {
      for (std::int64_t pixel = 0; pixel < 30; ++pixel)
        reordered.select(1, camera * 60 + c * 30 + pixel)
            .copy_(drawn.samples().select(1, camera * 60 + pixel * 2 + c));
    }
  }
  const c10::InferenceMode inference;
  EXPECT_EQ(flat(first->forward(reordered, all_alive(4))), flat(drawn.forward(all_alive(4))));
  EXPECT_NE(flat(first->forward(drawn.samples(), all_alive(4))), flat(drawn.forward(all_alive(4))));
}

TEST(ExitsNetwork, ThresholdsTravelWithTheWeights) {
  Drawn drawn(kDevicesEdgesAndCloud, 9);
  EXPECT_EQ(drawn.network->thresholds(), (std::vector<double>{0.7F, 0.8F, 0.8F})) << "as the file says";
  drawn.network->set_thresholds({0.25, 0.5, 1});
  bool found = false;
  for (const NamedTensor& tensor : drawn.network->weights()) {
    if (tensor.name != "local.threshold") continue;
    found = true;
    EXPECT_EQ(tensor.node, "gateway");
    EXPECT_EQ(tensor.values, (std::vector<float>{0.25F}));
  }
  EXPECT_TRUE(found);
  Network other(drawn.topology, drawn.columns);
  other->load(drawn.network->weights(), "w");
  EXPECT_EQ(other->thresholds(), (std::vector<double>{0.25, 0.5, 1}));
  EXPECT_THROW(other->set_thresholds({0.5}), Failure);
  EXPECT_TRUE(std::isnan(StageNetwork(drawn.topology, stage_named(drawn.topology, "e1")).threshold()));
  // Optimisers must not see what is not learnt.
  for (const auto& parameter : other->named_parameters()) {
    EXPECT_EQ(parameter.key().find("threshold"), std::string::npos);
    EXPECT_EQ(parameter.key().find("variance"), std::string::npos);
  }
}

TEST(ExitsNetwork, MissingWeightsAreNamed) {
  Drawn drawn(kDevicesAndCloud, 10);
  Weights weights;
  for (const NamedTensor& tensor : drawn.weights) {
    if (tensor.name != "local.threshold" && tensor.name != "d1.layer1.norm.mean") weights.push_back(tensor);
  }
  try {
    drawn.network->load(weights, "old.h5");
    FAIL() << "taken";
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find("old.h5: weights do not fit the topology: "), 0U) << text;
    EXPECT_NE(text.find("node d1: d1.layer1.norm.mean[2] is missing"), std::string::npos) << text;
    EXPECT_NE(text.find("node gateway: local.threshold[1] is missing"), std::string::npos) << text;
  }
}

TEST(ExitsNetwork, ClippingReachesBinaryWeightsOfAllStages) {
  Drawn drawn(kDevicesAndCloud, 11);
  Weights weights = drawn.weights;
  for (NamedTensor& tensor : weights) tensor.values.assign(tensor.values.size(), 7);
  drawn.network->load(weights, "w");
  drawn.network->clip();
  int clipped = 0;
  for (const NamedTensor& tensor : drawn.network->weights()) {
    const bool weight = tensor.name.find(".weight") != std::string::npos;
    EXPECT_EQ(tensor.values[0], weight ? 1 : 7) << tensor.name;
    clipped += weight;
  }
  EXPECT_EQ(clipped, 8);  // three devices, three summaries, two layers of the cloud
}

}  // namespace
}  // namespace deepfog
