#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// Checks that a training that resumes from any of its checkpoints ends like the undisturbed one, bit for
/// bit.
inline void expect_resumes(const std::function<TrainedModel(const Checkpoints&)>& train) {
  std::vector<std::vector<char>> states;
  Checkpoints every_batch;
  every_batch.save = [&](std::vector<char> state) { states.push_back(std::move(state)); };
  every_batch.every_s = 0;
  const TrainedModel whole = train(every_batch);
  ASSERT_GE(states.size(), 6U);
  for (const std::size_t at : {std::size_t{0}, states.size() / 3, states.size() / 2, states.size() - 1}) {
    Checkpoints checkpoints;
    checkpoints.resume = states[at];
    const TrainedModel again = train(checkpoints);
    EXPECT_EQ(std::tie(again.validation_accuracy, again.best_epoch, again.null_batches),
              std::tie(whole.validation_accuracy, whole.best_epoch, whole.null_batches));
    ASSERT_EQ(again.weights.size(), whole.weights.size());
    for (std::size_t t = 0; t < whole.weights.size(); ++t)
      EXPECT_EQ(again.weights[t].values, whole.weights[t].values) << whole.weights[t].name << " from " << at;
  }
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{70}, states[2].size() / 2, states[2].size() - 1}) {
    Checkpoints cut;
    cut.resume.assign(states[2].begin(), states[2].begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(train(cut), Failure) << size << " bytes";
  }
}

}  // namespace deepfog
