#pragma once

#include <vector>

#include "analysis/state_distribution.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// The figures of node_importance() as sums over the table of accuracies: one weight a failure combination,
/// [n][2^n]. So a figure has a value for every run and sample, and its noise can be had from theirs. Throw
/// std::invalid_argument when sizes differ.
std::vector<std::vector<double>> birnbaum_weights(const Reliability& reliability,
                                                  const std::vector<FailureGroup>& groups);
/// O(n^2 2^n)
std::vector<std::vector<double>> shapley_weights(const Reliability& reliability,
                                                 const std::vector<FailureGroup>& groups);

}  // namespace deepfog
