#pragma once

#include <vector>

#include "analysis/confidence.hpp"

namespace deepfog {

/// A model that is analysed.
struct ModelInQuestion {
  const ExperimentResults* experiment = nullptr;
  const ModelResults* model = nullptr;
  StateTable table{};
};

/// How sure the answers are, [models][questions]: drawn over runs and samples where the file keeps what every
/// sample got, else over the runs alone.
/// @param models  of one experiment; one without a finished run has nothing
/// @param other   that the others are held against, at the runs that both have finished; null: none
std::vector<std::vector<Confidence>> certainties_of(const std::vector<ModelInQuestion>& models,
                                                    const ModelInQuestion* other,
                                                    const std::vector<Query>& questions);

}  // namespace deepfog
