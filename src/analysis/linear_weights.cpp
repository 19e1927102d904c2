#include "analysis/linear_weights.hpp"

#include <cstddef>

#include "analysis/importance.hpp"

namespace deepfog {
namespace {

/// The transpose of hardened_averages(): converts weights of the game, [2^n], to weights of the table.
void through_hardening(std::vector<double>& weights, const Reliability& reliability,
                       const std::vector<FailureGroup>& groups) {
  for (std::size_t node = 0; node < reliability.size(); ++node) {
    const std::size_t bit = std::size_t{1} << node;
    for (std::size_t state = 0; state < weights.size(); ++state) {
      if ((state & bit) != 0) continue;
      weights[state | bit] += reliability[node] * weights[state];
      weights[state] *= 1 - reliability[node];
    }
  }
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    for (std::size_t state = 0; state < weights.size(); ++state) {
      const std::size_t without = state & ~static_cast<std::size_t>(group->members);
      if (without == state) continue;
      weights[without] += (1 - group->availability) * weights[state];
      weights[state] *= group->availability;
    }
  }
}

}  // namespace

std::vector<std::vector<double>> birnbaum_weights(const Reliability& reliability,
                                                  const std::vector<FailureGroup>& groups) {
  std::vector<std::vector<double>> all;
  for (std::size_t node = 0; node < reliability.size(); ++node) {
    Reliability other = reliability;
    other[node] = 1;
    std::vector<double> weights = state_distribution(other, groups);
    other[node] = 0;
    const std::vector<double> failed = state_distribution(other, groups);
    for (std::size_t state = 0; state < weights.size(); ++state) weights[state] -= failed[state];
    all.push_back(std::move(weights));
  }
  return all;
}

std::vector<std::vector<double>> shapley_weights(const Reliability& reliability,
                                                 const std::vector<FailureGroup>& groups) {
  const std::size_t nodes = reliability.size(), states = std::size_t{1} << nodes;
  const std::vector<double> share = marginal_weights(static_cast<int>(nodes), 1);
  std::vector<std::vector<double>> all;
  for (std::size_t node = 0; node < nodes; ++node) {
    const std::size_t bit = std::size_t{1} << node;
    std::vector<double> weights(states);
    for (std::size_t set = 0; set < states; ++set) {
      if ((set & bit) != 0) continue;
      const auto size = nodes - static_cast<std::size_t>(failed_count(set, static_cast<int>(nodes)));
      weights[set] -= share[size];
      weights[set | bit] += share[size];
    }
    through_hardening(weights, reliability, groups);
    all.push_back(std::move(weights));
  }
  return all;
}

}  // namespace deepfog
