#pragma once

#include <string>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// Nodes that fail together: a rack, a switch, a power feed. While the group is down (probability 1 -
/// availability) all members are failed; while it is up, each fails independently. A node may belong to
/// several groups.
struct FailureGroup {
  std::string name;
  Combination members = 0;  ///< bit i: node i
  double availability = 1;
};

/// MTTF / (MTTF + MTTR), both in the same unit. Throws std::invalid_argument unless both are finite and not
/// negative, and at least one is positive.
double availability(double mean_time_to_failure, double mean_time_to_repair);

/// Probability of every failure combination, [2^n], index = combination: Equation 2 with the groups applied.
/// Without groups it equals probabilities(). n <= 30.
std::vector<double> state_distribution(const Reliability& reliability,
                                       const std::vector<FailureGroup>& groups);

/// n of a table of 2^n entries. Throws std::invalid_argument if the size is no power of two.
int node_count(std::size_t states);

/// Sum of value times probability, with compensated summation so that large tables lose no digits. Throws
/// std::invalid_argument if the sizes differ.
double expectation(const std::vector<double>& values, const std::vector<double>& distribution);

}  // namespace deepfog
