#pragma once

#include <vector>

#include "analysis/state_distribution.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// The figures of node_importance() as sums over the table of accuracies, with one weight per failure
/// combination: [n][2^n]. A figure thus has a value for every run and sample, from which its noise is
/// estimated. Both functions throw std::invalid_argument if the sizes differ.
std::vector<std::vector<double>> birnbaum_weights(const Reliability& reliability,
                                                  const std::vector<FailureGroup>& groups);
/// O(n^2 2^n)
std::vector<std::vector<double>> shapley_weights(const Reliability& reliability,
                                                 const std::vector<FailureGroup>& groups);

}  // namespace deepfog
