#include "cli/work_estimate.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace deepfog {
namespace {

// Computed by hand: a 4x8, b 8x8, c 8x3.
const char* const kSkip =
    "topology skip\nsource in 4\nnode a relu:8\nnode b relu:8\nnode c linear:3\nlink in -> a\nlink a -> "
    "b\nlink b -> c\n"
    "link a -> c skip\nfails a b\n";

TEST(WorkEstimate, CountsTheStagesThatEmitSomething) {
  const Topology topology = parse_topology(kSkip, "t");
  EXPECT_EQ(multiply_adds(topology, 0b11), 4 * 8 + 8 * 8 + 8 * 3);
  EXPECT_EQ(multiply_adds(topology, 0b01), 4 * 8 + 8 * 3);  // b failed
  EXPECT_EQ(multiply_adds(topology, 0b10), 0);              // a failed: nothing flows
}

TEST(WorkEstimate, CountsTrainableLinks) {
  const Topology topology = parse_topology(
      "topology link\nsource in 4\nnode a relu:8\nnode c linear:3\nlink in -> a\nlink a -> c\nlink in -> c "
      "skip expand=linear\nfails a\n",
      "t");
  EXPECT_EQ(multiply_adds(topology, 0b1), 4 * 8 + 4 * 8 + 8 * 3);
}

TEST(WorkEstimate, TasksAndOperations) {
  ModelSpec model;
  model.topology = parse_topology(kSkip, "t");
  model.training.epochs = 5;
  CampaignSpec spec;
  spec.runs = 3;
  spec.sweep_block = 100;
  Dataset dataset;
  dataset.train.labels.resize(1000);
  dataset.validation.labels.resize(50);
  dataset.test.labels.resize(270);
  const WorkEstimate work = estimate(spec, model, dataset);
  EXPECT_EQ(work.train_tasks, 3);
  EXPECT_EQ(work.sweep_tasks, 9);
  EXPECT_EQ(work.train_operations, 3 * 5 * (6.0 * 120 * 1000 + 2.0 * 120 * 50));
  // Distinct evaluations: a once, b once, c twice (with and without b).
  EXPECT_EQ(work.sweep_operations, 3 * 270 * 2.0 * (32 + 64 + 2 * 24));
  spec.engine = "reference";
  EXPECT_EQ(estimate(spec, model, dataset).sweep_operations, 3 * 270 * 2.0 * (120 + 56));
  spec.engine = "diagram";
  spec.class_limit = 1;
  EXPECT_TRUE(std::isnan(estimate(spec, model, dataset).sweep_operations));
  model.training.max_train_samples = 100;
  EXPECT_EQ(estimate(spec, model, dataset).train_operations, 3 * 5 * (6.0 * 120 * 100 + 2.0 * 120 * 50));
}

}  // namespace
}  // namespace deepfog
