#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "evaluation/sweep.hpp"
#include "models/network.hpp"
#include "resilience/flow.hpp"
#include "sweep_problem.hpp"

namespace deepfog {
namespace {

TEST(SweepReference, CountsAreThoseOfOneForwardPassACombination) {
  torch::NoGradGuard no_grad;
  for (std::uint64_t seed : {3, 4, 5}) {
    SweepProblem p = random_problem(seed, 100);
    const SweepCounts counts = sweep_reference(p.topology, p.columns, p.weights, view(p.samples), true);
    Network network(p.topology, p.columns);
    network->load(p.weights, "test");
    const torch::Tensor values = torch::from_blob(p.samples.values.data(), {100, p.samples.features});
    const std::int64_t classes = p.topology.classes();
    for (Combination b = 0; b < counts.correct.size(); ++b) {
      const torch::Tensor scores = network->forward(values, b);
      std::int64_t correct = 0;
      for (int i = 0; i < 100 && scores.defined(); ++i) {
        correct += scores[i].argmax().item<std::int64_t>() == p.samples.labels[i];
      }
      ASSERT_EQ(counts.correct[b], correct) << "seed " << seed << " combination " << b;
      std::int64_t diagonal = 0, all = 0;
      for (std::int64_t i = 0; i < classes * classes; ++i) {
        const std::int64_t cell = counts.confusion[b * classes * classes + i];
        all += cell;
        if (i % (classes + 1) == 0) diagonal += cell;
      }
      ASSERT_EQ(diagonal, correct);
      ASSERT_EQ(all, flows(p.topology, b) ? 100 : 0);
    }
  }
}

TEST(SweepReference, BlocksAddUpToTheWhole) {
  SweepProblem p = random_problem(9, 5000);
  const SweepDetail all(true, true);
  const SweepCounts whole = sweep_reference(p.topology, p.columns, p.weights, view(p.samples), all);
  SweepCounts sum;
  for (std::int64_t begin : {0, 2048, 4096}) {
    const std::int64_t end = std::min<std::int64_t>(begin + 2048, 5000);
    add(sum, sweep_reference(p.topology, p.columns, p.weights, view(p.samples, begin, end), all));
  }
  EXPECT_EQ(sum.correct, whole.correct);
  EXPECT_EQ(sum.confusion, whole.confusion);
  EXPECT_EQ(sum.samples, 5000);
  EXPECT_TRUE(sum.right == whole.right);
  EXPECT_EQ(whole.right.samples(), 5000);
}

TEST(SweepReference, NoConfusionAndNoBitsWhenNotAskedFor) {
  SweepProblem p = random_problem(2, 70);
  const SweepCounts counts = sweep_reference(p.topology, p.columns, p.weights, view(p.samples), false);
  EXPECT_TRUE(counts.confusion.empty());
  EXPECT_TRUE(counts.right.empty());
  SweepCounts sum = counts;
  EXPECT_THROW(add(sum, sweep_reference(p.topology, p.columns, p.weights, view(p.samples), {false, true})),
               Failure);
}

TEST(SweepReference, TooManyFailingNodesAreRefused) {
  std::string text = "topology many\nsource s 2\n", fails = "fails";
  for (int i = 0; i < 25; ++i) {
    text += "node n" + std::to_string(i) + " linear:2\n";
    text += "link " + (i == 0 ? std::string("s") : "n" + std::to_string(i - 1)) + " -> n" +
            std::to_string(i) + "\n";
    fails += " n" + std::to_string(i);
  }
  const Topology topology = parse_topology(text + fails + "\n", "many");
  EXPECT_THROW(sweep_reference(topology, {{0, 2}}, {}, {}, false), UserError);
}

/// Without skips, every failure on Health is fatal: A = (1 - p) a + p / 12, where p is the known no-flow
/// probability.
TEST(SweepReference, HealthVanillaIsAccuracyOrGuess) {
  const std::string path = DEEPFOG_SOURCE_DIR "/configs/topologies/health-vanilla.topology";
  const Topology topology = load_topology(path);
  Network network(topology, std::vector<Columns>{{0, 23}});
  network->initialise(11);
  SampleSet samples;
  samples.features = 23;
  RandomStream stream(12);
  for (int i = 0; i < 500 * 23; ++i) samples.values.push_back(float(10 * stream.uniform() - 5));
  for (int i = 0; i < 500; ++i) samples.labels.push_back(std::int64_t(stream.below(12)));
  const SweepCounts counts = sweep_reference(topology, {{0, 23}}, network->weights(), view(samples), false);
  const double a = double(counts.correct[0b111]) / 500;
  ASSERT_GT(a, 0);
  std::vector<double> accuracy(8, 1.0 / 12);
  accuracy[0b111] = a;
  for (Combination b = 0; b < 7; ++b) EXPECT_EQ(counts.correct[b], 0) << b;
  const std::vector<std::pair<Reliability, double>> oracles = {
      {{.99, .98, .96}, .068608}, {{.98, .96, .92}, .134464}, {{.90, .85, .80}, .388}};
  for (const auto& [reliability, p] : oracles) {
    EXPECT_NEAR(average(accuracy, reliability), (1 - p) * a + p / 12, 1e-12);
  }
}

}  // namespace
}  // namespace deepfog
