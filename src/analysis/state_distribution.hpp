#pragma once

#include <string>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// Nodes that fail together: a rack, a switch, a power feed. While it is down (probability 1 - availability)
/// they are all failed; while it is up each fails by itself. A node may belong to several.
struct FailureGroup {
  std::string name;
  Combination members = 0;  ///< bit i: node i
  double availability = 1;
};

/// MTTF / (MTTF + MTTR), both in the same unit. Throws std::invalid_argument unless both are finite, not
/// negative, and one is positive.
double availability(double mean_time_to_failure, double mean_time_to_repair);

/// Probability of every failure combination, [2^n], index = combination: Equation 2, and the groups on top.
/// With no groups the same as probabilities(). n <= 30.
std::vector<double> state_distribution(const Reliability& reliability,
                                       const std::vector<FailureGroup>& groups);

/// n of a table of 2^n entries. Throws std::invalid_argument for another size.
int node_count(std::size_t states);

/// Sum of value times probability, in an order that loses no digits to the size of the table. Throws
/// std::invalid_argument when sizes differ.
double expectation(const std::vector<double>& values, const std::vector<double>& distribution);

}  // namespace deepfog
