#pragma once

#include <vector>

#include "analysis/state_distribution.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// What each node means to the average accuracy A under one reliability setting; all [n].
struct NodeImportance {
  /// Birnbaum (1969): A with the node alive for certain minus A with it failed, the slope of A over its
  /// reliability.
  std::vector<double> birnbaum;
  /// What making the node perfect would add: (1 - r) times Birnbaum.
  std::vector<double> improvement;
  /// What losing it for good would cost: r times Birnbaum.
  std::vector<double> loss;
  /// Shapley value of hardening: the gain of making all nodes perfect, A(1) - A(r), dealt out to them fairly.
  /// Sums to that gain.
  std::vector<double> shapley;
  std::vector<double> hardened;  ///< [2^n] the game that was played: hardened_averages()
};

/// @param values  [2^n] accuracy of every failure combination; the groups stay as they are when a node is
/// hardened. O(n 2^n). Throws std::invalid_argument when sizes differ.
NodeImportance node_importance(const std::vector<double>& values, const Reliability& reliability,
                               const std::vector<FailureGroup>& groups);

/// A with every set of nodes made perfect, [2^n], bit i: node i is. The game of the Shapley value.
std::vector<double> hardened_averages(const std::vector<double>& values, const Reliability& reliability,
                                      const std::vector<FailureGroup>& groups);

/// weight[s] = s! (n - s - used)! / (n - used + 1)!: of a set of size s, for marginals that use so many
/// nodes.
std::vector<double> marginal_weights(int nodes, int used);

/// Shapley value of a game [2^n]; sums to game[all] - game[none]. O(n 2^n)
std::vector<double> shapley_values(const std::vector<double>& game);

/// Shapley interaction index (Grabisch and Roubens, 1999) of every pair, [n, n], symmetric, 0 on the
/// diagonal: positive where hardening both is worth more than the sum of each. O(n^2 2^n)
std::vector<double> pair_interactions(const std::vector<double>& game);

}  // namespace deepfog
