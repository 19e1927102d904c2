#pragma once

#include <cstdint>
#include <vector>

#include "core/seed.hpp"
#include "resilience/combination.hpp"
#include "training/trainer.hpp"

namespace deepfog {

// Rules that train() and train_fused() share.

/// Throws UserError if the words, rates or sizes of a spec do not fit. The optimiser's name is checked when
/// the optimiser is created.
void check_training(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec);

/// N / (C * count of the class), so that a rare class weighs as much as a frequent one (deepFogGuard, section
/// 4.2). If empty, all classes weigh 1. Throws UserError for an unknown word.
std::vector<float> class_weights(const Dataset& dataset, const std::string& how);

/// The samples that a run trains on, in a random order of its own: all, or the first max_train_samples of it.
std::vector<std::int64_t> training_subset(const TrainingSpec& spec, std::int64_t samples, std::uint64_t seed);

/// Failout: every node that can fail fails in a batch with its rate (the poster's layer-wise dropout).
Combination draw_combination(const TrainingSpec& spec, int n, RandomStream& stream);

}  // namespace deepfog
