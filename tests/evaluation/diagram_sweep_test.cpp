#include "evaluation/diagram_sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "evaluation/sweep.hpp"
#include "resilience/outcomes.hpp"
#include "sweep_problem.hpp"

namespace deepfog {
namespace {

void expect_equal_counts(const SweepProblem& p, const std::string& what, std::int64_t memory = 1 << 28) {
  const SweepDetail all(true, true);
  const SweepCounts expected = sweep_reference(p.topology, p.columns, p.weights, view(p.samples), all);
  const SweepCounts counts = sweep_diagram(p.topology, p.columns, p.weights, view(p.samples), all, memory);
  ASSERT_EQ(counts.correct, expected.correct) << what;
  ASSERT_EQ(counts.confusion, expected.confusion) << what;
  ASSERT_EQ(counts.samples, expected.samples) << what;
  ASSERT_TRUE(counts.right == expected.right) << what;
  const std::vector<std::int32_t> rows = outcome_rows(p.topology);
  ASSERT_EQ(counts.right.rows(), outcome_count(rows)) << what;
  ASSERT_EQ(counts.right.samples(), p.samples.size()) << what;
  for (std::size_t b = 0; b < rows.size(); ++b)
    ASSERT_EQ(rows[b] == 0 ? 0 : counts.right.right(rows[b] - 1), counts.correct[b]) << what << " " << b;
}

TEST(DiagramSweep, EqualsTheReferenceOn200RandomTopologies) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    expect_equal_counts(random_problem(seed, 70 + std::int64_t(seed % 60)), "seed " + std::to_string(seed));
  }
}

TEST(DiagramSweep, EqualsTheReferenceOnEveryShippedTopology) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DEEPFOG_SOURCE_DIR "/configs/topologies")) {
    const Topology topology = load_topology(entry.path().string());
    if (!topology.is_dense() || topology.failing() > 8)
      continue;  // others: stage_sweep_test; the plain loop would take minutes
    ++files;
    for (std::uint64_t seed : {1, 2}) {
      expect_equal_counts(problem_of(topology, seed, 130), entry.path().filename().string());
    }
  }
  EXPECT_GE(files, 9);
}

TEST(DiagramSweep, LittleMemoryChangesNothing) {
  for (std::uint64_t seed : {5, 6, 7, 8}) expect_equal_counts(random_problem(seed, 200), "tight", 1 << 16);
}

TEST(DiagramSweep, TooLittleMemoryIsRefused) {
  const SweepProblem p =
      problem_of(load_topology(DEEPFOG_SOURCE_DIR "/configs/topologies/camera-deepfogguard.topology"), 1, 1);
  EXPECT_THROW(sweep_diagram(p.topology, p.columns, p.weights, view(p.samples), false, 1000), UserError);
}

TEST(DiagramSweep, SamplesCanComeInParts) {
  const SweepProblem p = random_problem(21, 333);
  const Diagram diagram(p.topology);
  DiagramSweep whole(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 28);
  DiagramSweep parts(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 28);
  whole.add(view(p.samples));
  for (std::int64_t begin = 0; begin < 333; begin += 37) {
    parts.add(view(p.samples, begin, std::min<std::int64_t>(begin + 37, 333)));
  }
  EXPECT_EQ(parts.counts().correct, whole.counts().correct);
  EXPECT_EQ(parts.counts().confusion, whole.counts().confusion);
  EXPECT_EQ(parts.counts().samples, 333);
  EXPECT_TRUE(parts.counts().right == whole.counts().right);
  EXPECT_EQ(whole.counts().right.samples(), 333);
}

TEST(DiagramSweep, ATieIsDecidedAlikeByBothEngines) {
  SweepProblem p = random_problem(3, 100);
  for (NamedTensor& tensor : p.weights) std::fill(tensor.values.begin(), tensor.values.end(), 0.0F);
  expect_equal_counts(p, "all scores zero");
  const Diagram diagram(p.topology);
  DiagramSweep sweep(p.topology, p.columns, p.weights, diagram.stages(), false, 1 << 28);
  sweep.add(view(p.samples));
  EXPECT_EQ(sweep.counts().close, 100 * diagram.last_classes());  // all in double precision
}

TEST(DiagramSweep, WeightsOfAnotherTopologyAreRefused) {
  const SweepProblem p = random_problem(4, 10);
  Weights wrong = p.weights;
  wrong.back().shape.push_back(1);
  wrong.back().values.push_back(0);
  EXPECT_THROW(sweep_diagram(p.topology, p.columns, wrong, view(p.samples), false), UserError);
}

}  // namespace
}  // namespace deepfog
