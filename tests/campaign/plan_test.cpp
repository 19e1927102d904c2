#include "campaign/plan.hpp"

#include <gtest/gtest.h>

#include "tiny_campaign.hpp"

namespace deepfog {
namespace {

using Blocks = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST(SweepBlocks, AShortTailJoinsTheBlockBeforeIt) {
  EXPECT_EQ(sweep_blocks(200, 64), (Blocks{{0, 64}, {64, 128}, {128, 200}}));
  EXPECT_EQ(sweep_blocks(192, 64), (Blocks{{0, 64}, {64, 128}, {128, 192}}));
  EXPECT_EQ(sweep_blocks(1000 + 63, 1000), (Blocks{{0, 1063}}));
  EXPECT_EQ(sweep_blocks(1000 + 64, 1000), (Blocks{{0, 1000}, {1000, 1064}}));
}

TEST(SweepBlocks, AFewSamplesAreOneBlock) {
  EXPECT_EQ(sweep_blocks(1, 64), (Blocks{{0, 1}}));
  EXPECT_EQ(sweep_blocks(63, 8192), (Blocks{{0, 63}}));
  EXPECT_TRUE(sweep_blocks(0, 64).empty());
}

TEST(SweepBlocks, CoverEverySampleOnce) {
  for (std::int64_t samples = 1; samples < 700; ++samples) {
    std::int64_t next = 0;
    for (const auto& [begin, end] : sweep_blocks(samples, 128)) {
      EXPECT_EQ(begin, next);
      EXPECT_GE(end - begin, std::min<std::int64_t>(samples, 64));
      next = end;
    }
    EXPECT_EQ(next, samples);
  }
}

class PlanTest : public testing::Test {
 protected:
  test::Scratch scratch_;
  test::TinyCampaign tiny_{scratch_.folder()};
  Plan plan_ = make_plan(tiny_.spec, test::tiny_summaries());
};

TEST_F(PlanTest, HasATrainingAndItsSweepsForEveryRun) {
  ASSERT_EQ(plan_.tasks.size(), 2U * 2U * (1 + 3));
  for (int task = 0; task < 16; ++task) {
    EXPECT_EQ(plan_.tasks[static_cast<std::size_t>(task)].kind,
              task % 4 == 0 ? TaskKind::training : TaskKind::sweep);
    EXPECT_EQ(plan_.training_of(task), task / 4 * 4);
    EXPECT_GT(plan_.tasks[static_cast<std::size_t>(task)].cost, 0);
  }
  EXPECT_EQ(plan_.tasks[15].key, (RunKey{0, 1, 1}));
  EXPECT_EQ(plan_.tasks[15].end, 200);
}

TEST_F(PlanTest, CountsParameters) {
  // a: 3 -> 6, b: 6 -> 6, c: 6 -> 6 -> 3, each with bias
  EXPECT_EQ(parameter_count(tiny_.spec.experiments[0].models[0].topology), 4 * 6 + 7 * 6 + 7 * 6 + 7 * 3);
  const Topology linear = parse_topology(
      "topology t\nsource s 2\nnode a relu:6\nnode b relu:5 linear:3\nlink s -> a\nlink a -> b\n"
      "link s -> b skip expand=linear\nfails a\n",
      "t");
  EXPECT_EQ(parameter_count(linear), 3 * 6 + (2 * 6 + 7 * 5) + 6 * 3);
}

TEST_F(PlanTest, ASubsetOfTheTrainingSamplesCostsLess) {
  tiny_.spec.experiments[0].models[0].training.max_train_samples = 30;
  const Plan less = make_plan(tiny_.spec, test::tiny_summaries());
  EXPECT_DOUBLE_EQ(less.tasks[0].cost * 2, plan_.tasks[0].cost);
}

TEST_F(PlanTest, DescribesTasks) {
  EXPECT_EQ(describe(tiny_.spec, plan_.tasks[4]), "experiment tiny, model plain, run 1, training");
  EXPECT_EQ(describe(tiny_.spec, plan_.tasks[15]),
            "experiment tiny, model skips, run 1, sweep of test samples 128 to 199");
}

}  // namespace
}  // namespace deepfog
