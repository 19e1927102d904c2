#include <gtest/gtest.h>

#include <algorithm>

#include "../models/small_ddnn.hpp"
#include "core/error.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "models/node_network.hpp"
#include "resilience/outcomes.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

using test::kDevicesAndCloud;
using test::kDevicesEdgesAndCloud;
using test::SmallDdnn;

const char* const kBlocks = R"(topology blocks
source cam1 2x5x5 channels-last
source cam2 2x5x5
node d1 binary-conv:2
node d2 conv:2
node e mean conv:3
node f max binary-conv:3
node cloud concat norm-linear:6 binary-linear:3
link cam1 -> d1
link cam2 -> d2
link d1 -> e
link d2 -> e
link d1 -> f
link d2 -> f
link e -> cloud
link f -> cloud
link d2 -> cloud skip
fails d1 d2 e f
)";

const char* const kSmallMobile = R"(topology mobile
source image 2x8x8
node a conv3:3/2
node b separable:4/2 dropout:0.2
node c rescale residual-conv:6/2 pool
node cloud residual:5 linear:3
link image -> a
link a -> b
link b -> c
link c -> cloud
link image -> b skip expand=pool
link a -> c skip expand=pool
link b -> cloud skip expand=linear
fails a b c cloud
)";

const char* const kSmallSeries = R"(topology series
source image 3x1x8
node a gru:4
node b rescale gru:5
node c gru:4 last
node cloud relu:4 linear:3
link image -> a
link a -> b
link b -> c
link c -> cloud
link image -> b skip
link a -> c skip weight=0.5
link b -> cloud skip expand=linear
fails a b c cloud
)";

/// The text with random nodes that can fail and random words for its lets.
std::string varied(std::string text, std::vector<std::string> nodes, RandomStream& stream, int failing) {
  std::vector<std::pair<std::string, std::string>> lets;
  const std::vector<std::string> means{"max", "mean", "concat"};
  const std::vector<std::string> heads{"max", "mean", "concat binary-linear:3", "max norm-linear:3"};
  for (const char* name : {"LOCAL", "EDGE"}) {
    if (text.find(std::string("let ") + name) != std::string::npos)
      lets.emplace_back(name, heads[stream.below(heads.size())]);
  }
  if (text.find("let CLOUD") != std::string::npos) lets.emplace_back("CLOUD", means[stream.below(3)]);
  if (text.find("let CONV") != std::string::npos && stream.below(3) == 0) {
    lets.emplace_back("CONV", "conv");
    lets.emplace_back("LINEAR", "norm-linear");
  }
  text.resize(text.find("fails"));
  text += "fails";
  for (int i = 0; i < failing; ++i) {
    const std::size_t drawn = stream.below(nodes.size());
    text += " " + nodes[drawn];
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(drawn));
  }
  return with_values(text + "\n", lets, "varied");
}

const std::vector<std::string> kNodesC{"d1", "d2", "d3", "gateway", "cloud"},
    kNodesF{"d1", "d2", "gateway", "e1", "e2", "edge-gateway", "cloud"},
    kNodesB{"d1", "d2", "e", "f", "cloud"}, kNodesM{"a", "b", "c", "cloud"};

void expect_equal(const SweepCounts& one, const SweepCounts& other, const std::string& where) {
  EXPECT_EQ(one.samples, other.samples) << where;
  EXPECT_EQ(one.correct, other.correct) << where;
  EXPECT_EQ(one.confusion, other.confusion) << where;
  EXPECT_EQ(one.exits.thresholds, other.exits.thresholds) << where;
  EXPECT_EQ(one.exits.answered, other.exits.answered) << where;
  EXPECT_EQ(one.exits.correct, other.exits.correct) << where;
  EXPECT_EQ(one.exits.curve_answered, other.exits.curve_answered) << where;
  EXPECT_EQ(one.exits.curve_correct, other.exits.curve_correct) << where;
  EXPECT_EQ(one.exits.alone, other.exits.alone) << where;
  EXPECT_TRUE(one.right == other.right) << where;
}

SweepCounts by_stages(const SmallDdnn& p, bool confusion = true) {
  return sweep_diagram(p.topology, p.columns, p.weights, view(p.set), {confusion, true});
}

/// Checks that the sample hits are those of the answers of forward().
void expect_bits(const SmallDdnn& p, const SweepCounts& counts, Combination b, const std::vector<char>& right,
                 const std::string& where) {
  const std::int32_t row = outcome_rows(p.topology)[b];
  ASSERT_EQ(row == 0, right.empty()) << where << b;
  for (std::size_t s = 0; s < right.size(); ++s)
    ASSERT_EQ(counts.right.get(row - 1, std::int64_t(s)), right[s] != 0) << where << b << " sample " << s;
}

/// Checks the counts against the answers of forward(), in which rows leave.
void expect_what_forward_answers(const SmallDdnn& p, const SweepCounts& counts, const std::string& where) {
  const c10::InferenceMode inference;
  Network network(p.topology, p.columns);
  network->load(p.weights, "w");
  const std::int64_t size = p.set.size(), classes = p.topology.classes();
  const std::size_t exits = p.topology.exits().size();
  const torch::Tensor rows =
      torch::from_blob(const_cast<float*>(p.set.values.data()), {size, p.set.features}, torch::kFloat32);
  for (Combination b = 0; b < counts.correct.size(); ++b) {
    std::int64_t right = 0;
    std::vector<char> each;
    std::vector<std::int64_t> answered(exits), correct(exits), confusion(std::size_t(classes * classes));
    const torch::Tensor scores = network->forward(rows, b);
    for (std::int64_t row = 0; scores.defined() && row < size; ++row) {
      const float* said = scores.data_ptr<float>() + row * scores.size(1);
      const std::int64_t label = largest_score(said, classes), truth = p.set.labels[std::size_t(row)];
      right += label == truth;
      each.push_back(label == truth ? 1 : 0);
      ++confusion[std::size_t(truth * classes + label)];
      if (exits == 0) continue;
      ++answered[std::size_t(said[classes])];
      correct[std::size_t(said[classes])] += label == truth;
    }
    EXPECT_EQ(counts.correct[b], right) << where << b;
    ASSERT_NO_FATAL_FAILURE(expect_bits(p, counts, b, each, where));
    for (std::size_t e = 0; e < exits; ++e) {
      EXPECT_EQ(counts.exits.answered[b * exits + e], answered[e]) << where << b << " exit " << e;
      EXPECT_EQ(counts.exits.correct[b * exits + e], correct[e]) << where << b << " exit " << e;
    }
    const auto begin = counts.confusion.begin() + std::int64_t(b) * classes * classes;
    EXPECT_TRUE(std::equal(confusion.begin(), confusion.end(), begin)) << where << b;
  }
}

TEST(StageSweep, EqualsThePlainLoopAndWhatForwardAnswers) {
  RandomStream stream(1);
  for (int failing = 1; failing <= 5; ++failing) {
    for (int round = 0; round < 6; ++round) {
      const std::string text = round < 2   ? varied(kDevicesAndCloud, kNodesC, stream, failing)
                               : round < 4 ? varied(kDevicesEdgesAndCloud, kNodesF, stream, failing)
                                           : varied(kBlocks, kNodesB, stream, failing);
      const SmallDdnn p(text, std::uint64_t(10 * failing + round), 70);
      const SweepCounts counts = by_stages(p);
      expect_equal(counts, sweep_reference(p.topology, p.columns, p.weights, view(p.set), {true, true}),
                   text);
      ASSERT_NO_FATAL_FAILURE(expect_what_forward_answers(p, counts, text));
      if (testing::Test::HasFailure()) return;
    }
  }
}

/// Layers and sums other than a DDNN's: images, series, and random networks with residual layers.
TEST(StageSweep, EqualsThePlainLoopForTheOtherKinds) {
  RandomStream stream(2);
  for (int failing = 1; failing <= 4; ++failing) {
    for (const char* text : {kSmallMobile, kSmallSeries}) {
      const SmallDdnn p(varied(text, kNodesM, stream, failing), std::uint64_t(failing), 70);
      const SweepCounts counts = by_stages(p);
      expect_equal(counts, sweep_reference(p.topology, p.columns, p.weights, view(p.set), {true, true}),
                   text);
      ASSERT_NO_FATAL_FAILURE(expect_what_forward_answers(p, counts, text));
    }
  }
  RandomTopologyOptions options;
  options.most_failing = 6;
  options.beyond_dense = true;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string text = random_topology_text(seed, options);
    const SmallDdnn p(text, seed, 70);
    const SweepCounts counts = by_stages(p);
    expect_equal(counts, sweep_reference(p.topology, p.columns, p.weights, view(p.set), {true, true}), text);
    if (p.topology.is_dense()) continue;
    ASSERT_NO_FATAL_FAILURE(expect_what_forward_answers(p, counts, text));
  }
}

TEST(StageSweep, EverySampleIsAnsweredOnceWhereAnythingFlows) {
  const SmallDdnn p(kDevicesEdgesAndCloud, 3, 90);
  const SweepCounts counts = by_stages(p);
  ASSERT_EQ(counts.exits.curve_answered.size(), 64U * 21 * 3);
  std::vector<std::int64_t> seen(3);
  for (std::size_t cell = 0; cell < counts.exits.curve_answered.size() / 3; ++cell) {
    std::int64_t sum = 0;
    for (std::size_t e = 0; e < 3; ++e) {
      sum += counts.exits.curve_answered[cell * 3 + e];
      seen[e] += counts.exits.curve_answered[cell * 3 + e];
      EXPECT_LE(counts.exits.curve_correct[cell * 3 + e], counts.exits.curve_answered[cell * 3 + e]);
    }
    const std::size_t b = cell / 21;
    const bool local = (b & 1 || b & 2) && b & 4, edge = b & 8 || b & 16;  // e1 needs a device, e2 has cam3
    const bool flows = local || b & 16 || (edge && (b & 1 || b & 2));
    EXPECT_EQ(sum, flows ? 90 : 0) << b;
  }
  for (const std::int64_t answered : seen) EXPECT_GT(answered, 1000);
  // Only the devices are alive: they have summaries, but no exit answers.
  for (std::size_t h = 0; h < 7; ++h) EXPECT_EQ(counts.exits.alone[3 * 7 + h], 0);
  EXPECT_EQ(counts.exits.thresholds, (std::vector<double>{0.7F, 0.8F, 0.8F}));
  EXPECT_EQ(counts.exits.alone.size(), 64U * 7);
}

TEST(StageSweep, NobodyAnswersWhereTheAnswersAreCollected) {
  std::string text = kDevicesAndCloud;
  text.replace(text.find("fails"), std::string::npos, "fails d1 cloud\n");
  const SmallDdnn p(text, 4, 20);
  const SweepCounts counts = by_stages(p);
  for (const Combination dead : {0b00, 0b01}) {
    EXPECT_EQ(counts.correct[dead], 0);
    EXPECT_EQ(counts.exits.answered[2 * dead] + counts.exits.answered[2 * dead + 1], 0);
    for (std::size_t h = 0; h < 5; ++h) EXPECT_EQ(counts.exits.alone[5 * dead + h], 0);
  }
  EXPECT_EQ(counts.exits.answered[2 * 0b11] + counts.exits.answered[2 * 0b11 + 1], 20);
}

TEST(StageSweep, PartsAddUpHoweverSmallTheMemory) {
  const SmallDdnn p(kDevicesAndCloud, 5, 400);  // a block of kStageBlock.rows and a smaller one
  const SweepCounts whole = by_stages(p);
  SweepCounts sum;
  for (const std::int64_t begin : {std::int64_t{0}, kStageBlock.rows}) {
    const std::int64_t end = begin == 0 ? kStageBlock.rows : 400;
    add(sum, sweep_diagram(p.topology, p.columns, p.weights, view(p.set, begin, end), {true, true}));
  }
  expect_equal(sum, whole, "halves");
  // Memory decides whether the sweep can run, but does not change its blocks.
  const std::int64_t memory = 20'000'000;
  expect_equal(sweep_diagram(p.topology, p.columns, p.weights, view(p.set), {true, true}, memory), whole,
               "memory");
  const SmallDdnn other(kDevicesEdgesAndCloud, 5, 10);
  EXPECT_THROW(add(sum, by_stages(other)), Failure);
  EXPECT_THROW(add(sum, by_stages(SmallDdnn(kDevicesAndCloud, 5, 10), false)), Failure);
}

TEST(StageSweep, TooLittleMemoryIsSaid) {
  const SmallDdnn p(kDevicesAndCloud, 6, 20);
  try {
    sweep_diagram(p.topology, p.columns, p.weights, view(p.set), true, 1000);
    FAIL() << "swept";
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find("small-c: one sample takes "), 0U) << text;
    EXPECT_NE(text.find("memory for 256 of them"), std::string::npos) << text;
  }
}

TEST(StageSweep, NoConfusionWhenNotAskedForAndNoExitsWhereThereAreNone) {
  const SmallDdnn p(kBlocks, 7, 70);
  const SweepCounts counts = by_stages(p, false);
  EXPECT_TRUE(counts.confusion.empty());
  EXPECT_TRUE(counts.exits.empty());
  EXPECT_EQ(counts.correct.size(), 16U);
  EXPECT_EQ(counts.correct[0], 0);
  EXPECT_EQ(counts.correct, by_stages(p, true).correct);
}

TEST(BlockEnd, ASmallTailJoinsTheBlockBefore) {
  constexpr SweepKernel::Block block{2048, 64};
  EXPECT_EQ(block_end(0, 1000, block), 1000);
  EXPECT_EQ(block_end(0, 2048 + 63, block), 2048 + 63);
  EXPECT_EQ(block_end(0, 2048 + 64, block), 2048);
  EXPECT_EQ(block_end(2048, 2048 + 64, block), 2048 + 64);
}

/// Figures that can be followed: four rows, two exits and a summary before them.
TEST(SweepCounter, ByHand) {
  const Topology topology = parse_topology(
      "topology t\nsource s 1x2x2\nnode d conv:1\nstage sum on d norm-linear:2\nnode g\nstage l on g max\n"
      "node c conv:1 norm-linear:2\nlink s -> d\nlink d -> sum\nlink sum -> l\nlink d -> c\nexit l\nexit c\n"
      "summary sum\nfails g\n",
      "t");
  ASSERT_EQ(topology.heads().size(), 3U);
  const ExitOutcome sum{{0, 0, 0, 0}, {1, 1, 1, 1}}, local{{0.1F, 0.4F, 0.6F, 1}, {0, 0, 1, 1}},
      cloud{{0, 0, 0, 0}, {1, 0, 0, 0}};
  const std::vector<std::int64_t> truth{0, 1, 0, 1};
  SweepCounter counts(topology, {0.5, 0.8}, 2, true);
  std::vector<const ExitOutcome*> heads(3);
  for (std::size_t h = 0; h < 3; ++h) {
    const std::string& name = topology.stages()[topology.heads()[h]].name;
    heads[h] = name == "sum" ? &sum : name == "l" ? &local : &cloud;
  }
  counts.begin_samples(4);
  counts.begin_block({nullptr, truth.data(), 4, 4}, 0);
  counts.answers(2, heads);
  for (auto& head : heads) head = head == &local ? nullptr : head;
  counts.answers(1, heads);
  counts.end_samples();
  const SweepCounts all = counts.counts();
  EXPECT_EQ(all.samples, 4);
  EXPECT_EQ(all.exits.answered, (std::vector<std::int64_t>{0, 0, 0, 4, 2, 2}));
  EXPECT_EQ(all.exits.correct, (std::vector<std::int64_t>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(all.correct, (std::vector<std::int64_t>{0, 1, 2}));
  // Truth in rows: 0 is named 0 twice; 1 is named 0 twice, as the local exit (row 1) and the cloud (row 3)
  // do.
  EXPECT_EQ(std::vector<std::int64_t>(all.confusion.begin() + 8, all.confusion.end()),
            (std::vector<std::int64_t>{2, 0, 2, 0}));
  std::vector<std::int64_t> alone_alive(all.exits.alone.begin() + 6, all.exits.alone.end());
  std::sort(alone_alive.begin(), alone_alive.end());
  EXPECT_EQ(alone_alive, (std::vector<std::int64_t>{1, 2, 2}));
  // At 0.45, point 9, rows 0 and 1 leave; at 0 none, at 1 all whose entropy is below it.
  const std::size_t alive = 2 * 21 * 2;
  EXPECT_EQ(all.exits.curve_answered[alive + 2 * 9], 2);
  EXPECT_EQ(all.exits.curve_answered[alive], 0);
  EXPECT_EQ(all.exits.curve_answered[alive + 2 * 20], 3);
  EXPECT_EQ(all.exits.curve_correct[alive + 2 * 20], 1);
}

}  // namespace
}  // namespace deepfog
