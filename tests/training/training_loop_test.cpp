#include "training/training_loop.hpp"

#include <gtest/gtest.h>

#include "resumption.hpp"
#include "small_problem.hpp"
#include "training/fused_trainer.hpp"

namespace deepfog {
namespace {

TrainingSpec failout() {
  TrainingSpec spec;
  spec.epochs = 3;
  spec.training = "failout";
  spec.failout_rates = {0.3, 0.2};
  return spec;
}

TEST(TrainingLoop, GoesOnWhereItWasWithEveryOptimiser) {
  const Topology topology = parse_topology(
      "topology small\nsource s 2\nnode a relu:16 dropout:0.3\nnode b relu:16\nnode c rescale relu:16 "
      "linear:3\n"
      "link s -> a\nlink a -> b\nlink b -> c\nlink a -> c skip\nfails a b\n",
      "small");
  for (const char* optimiser : {"adam", "adagrad", "rmsprop", "sgd"}) {
    SCOPED_TRACE(optimiser);
    TrainingSpec spec = failout();
    spec.optimiser = optimiser;
    expect_resumes([&](const Checkpoints& checkpoints) {
      return train(topology, small_dataset(), spec, 5, nullptr, {}, checkpoints);
    });
  }
}

TEST(TrainingLoop, GoesOnWhereItWasWithFusedSteps) {
  for (const char* optimiser : {"adam", "sgd"}) {
    SCOPED_TRACE(optimiser);
    TrainingSpec spec = failout();
    spec.optimiser = optimiser;
    expect_resumes([&](const Checkpoints& checkpoints) {
      return train_fused(small_topology(), small_dataset(), spec, {5}, nullptr, checkpoints).front();
    });
  }
}

/// Steps that record their arguments.
class NotedSteps : public TrainingSteps {
 public:
  NotedSteps(std::vector<std::int64_t>& counts, std::vector<std::int64_t>& rows)
      : counts_(counts), rows_(rows) {}
  double step(const std::int64_t* rows, std::int64_t count, Combination) override {
    counts_.push_back(count);
    rows_.insert(rows_.end(), rows, rows + count);
    return counts_.size() % 2 == 0 ? std::nan("") : 1;
  }
  double validation_accuracy() override { return counts_.size() == 4 ? 0.75 : 0.5; }
  Weights weights() const override { return {{"n", "batches", {1}, {float(counts_.size())}}}; }
  void save(Encoder&) const override {}
  void restore(Decoder&) override {}

 private:
  std::vector<std::int64_t>&counts_, &rows_;
};

TEST(TrainingLoop, ARestThatIsTooSmallJoinsTheBatchBefore) {
  TrainingSpec spec;
  spec.epochs = 1;
  spec.batch_size = 4;
  for (const auto& [least, expected] :
       std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>>{{1, {4, 4, 1}}, {2, {4, 5}}}) {
    std::vector<std::int64_t> counts, rows;
    TrainingRun run(std::make_unique<NotedSteps>(counts, rows), spec, 9, 1, 0, least);
    train_run(run, nullptr, {});
    EXPECT_EQ(counts, expected);
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  }
}

TEST(TrainingLoop, KeepsTheFirstOfTheBestEpochsAndCountsNullBatches) {
  TrainingSpec spec;
  spec.epochs = 3;
  spec.batch_size = 5;
  std::vector<std::int64_t> counts, rows;
  std::vector<double> losses;
  TrainingRun run(std::make_unique<NotedSteps>(counts, rows), spec, 10, 1, 0);
  const auto after_epoch = [&](std::int64_t, double loss, double) {
    losses.push_back(loss);
    return true;
  };
  train_run(run, after_epoch, {});
  const TrainedModel& model = run.trained();
  EXPECT_EQ(model.best_epoch, 2);
  EXPECT_EQ(model.validation_accuracy, 0.75);
  EXPECT_EQ(model.weights.at(0).values, (std::vector<float>{4}));
  EXPECT_EQ(model.null_batches, 3);
  EXPECT_EQ(losses, (std::vector<double>{1, 1, 1}));
}

TEST(TrainingLoop, RefusesTheCheckpointOfAnotherTraining) {
  std::vector<char> state;
  Checkpoints checkpoints;
  checkpoints.save = [&](std::vector<char> bytes) { state = std::move(bytes); };
  checkpoints.every_s = 0;
  TrainingSpec spec = failout();
  train(small_topology(), small_dataset(), spec, 1, nullptr, {}, checkpoints);
  Checkpoints resume;
  resume.resume = state;
  const Topology other = parse_topology(
      "topology other\nsource s 2\nnode a relu:8\nnode c relu:8 linear:3\nlink s -> a\nlink a -> c\nfails "
      "a\n",
      "other");
  spec.failout_rates = {0.3};
  EXPECT_THROW(train(other, small_dataset(), spec, 1, nullptr, {}, resume), Failure);
  spec = failout();
  spec.epochs = 1;
  EXPECT_THROW(train(small_topology(), small_dataset(), spec, 1, nullptr, {}, resume), Failure);
  spec = failout();
  spec.max_train_samples = 100;
  EXPECT_THROW(train(small_topology(), small_dataset(), spec, 1, nullptr, {}, resume), Failure);
}

}  // namespace
}  // namespace deepfog
