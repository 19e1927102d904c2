#pragma once

#include <vector>

#include "analysis/state_distribution.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// What each node contributes to the average accuracy A under one reliability setting; all [n].
struct NodeImportance {
  /// Birnbaum (1969): A with the node certainly alive minus A with it failed, which is the derivative of A by
  /// its reliability.
  std::vector<double> birnbaum;
  /// Gain in A if the node were perfect: (1 - r) times Birnbaum.
  std::vector<double> improvement;
  /// Loss in A if the node failed for good: r times Birnbaum.
  std::vector<double> loss;
  /// Shapley value of hardening: distributes the gain of making all nodes perfect, A(1) - A(r), over the
  /// nodes. The values sum to that gain.
  std::vector<double> shapley;
  std::vector<double> hardened;  ///< [2^n] the game that the Shapley values belong to: hardened_averages()
};

/// @param values  [2^n] accuracy of every failure combination
/// The groups stay unchanged when a node is hardened. O(n 2^n). Throws std::invalid_argument if the sizes
/// differ.
NodeImportance node_importance(const std::vector<double>& values, const Reliability& reliability,
                               const std::vector<FailureGroup>& groups);

/// A for every set of nodes made perfect, [2^n], bit i: node i is perfect. This is the game of the Shapley
/// value.
std::vector<double> hardened_averages(const std::vector<double>& values, const Reliability& reliability,
                                      const std::vector<FailureGroup>& groups);

/// weight[s] = s! (n - s - used)! / (n - used + 1)!: the weight of a set of size s, for marginals that
/// involve `used` nodes.
std::vector<double> marginal_weights(int nodes, int used);

/// Shapley value of a game [2^n]; sums to game[all] - game[none]. O(n 2^n)
std::vector<double> shapley_values(const std::vector<double>& game);

/// Shapley interaction index (Grabisch and Roubens, 1999) of every pair, [n, n], symmetric, 0 on the
/// diagonal. It is positive if hardening both gains more than the sum of hardening each. O(n^2 2^n)
std::vector<double> pair_interactions(const std::vector<double>& game);

}  // namespace deepfog
