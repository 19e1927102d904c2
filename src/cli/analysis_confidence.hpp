#pragma once

#include <vector>

#include "analysis/confidence.hpp"

namespace deepfog {

/// A model to analyse.
struct ModelInQuestion {
  const ExperimentResults* experiment = nullptr;
  const ModelResults* model = nullptr;
  StateTable table{};
};

/// How certain the answers are, [models][questions]: drawn over runs and samples if the file keeps sample
/// hits, otherwise over the runs alone.
/// @param models  of one experiment; a model without a finished run has an empty list
/// @param other   the model to compare with, over the runs that both have finished; null: none
std::vector<std::vector<Confidence>> certainties_of(const std::vector<ModelInQuestion>& models,
                                                    const ModelInQuestion* other,
                                                    const std::vector<Query>& questions);

}  // namespace deepfog
