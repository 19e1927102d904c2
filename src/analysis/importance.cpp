#include "analysis/importance.hpp"

#include <stdexcept>
#include <utility>

namespace deepfog {
namespace {

/// Accuracy of every set of nodes that are up individually, averaged over the groups: a group that is down
/// makes its members fail.
std::vector<double> without_groups(std::vector<double> values, const std::vector<FailureGroup>& groups) {
  for (const FailureGroup& group : groups) {
    for (std::size_t state = values.size(); state-- > 0;) {
      const std::size_t without = state & ~static_cast<std::size_t>(group.members);
      values[state] = group.availability * values[state] + (1 - group.availability) * values[without];
    }
  }
  return values;
}

}  // namespace

std::vector<double> marginal_weights(int nodes, int used) {
  const int most = nodes - used;
  std::vector<double> weights(static_cast<std::size_t>(most) + 1, 1.0 / (most + 1));
  double binomial = 1;  // binomial coefficient of most over s
  for (int s = 1; s <= most; ++s) {
    binomial = binomial * (most - s + 1) / s;
    weights[static_cast<std::size_t>(s)] = 1.0 / (most + 1) / binomial;
  }
  return weights;
}

std::vector<double> hardened_averages(const std::vector<double>& values, const Reliability& reliability,
                                      const std::vector<FailureGroup>& groups) {
  const int nodes = node_count(values.size());
  if (static_cast<std::size_t>(nodes) != reliability.size())
    throw std::invalid_argument("a reliability for every node");
  std::vector<double> game = without_groups(values, groups);
  for (int node = 0; node < nodes; ++node) {
    const std::size_t bit = std::size_t{1} << node;
    const double r = reliability[static_cast<std::size_t>(node)];
    for (std::size_t state = 0; state < game.size(); ++state) {
      // From (failed, alive) to (unchanged, hardened).
      if ((state & bit) == 0) game[state] = (1 - r) * game[state] + r * game[state | bit];
    }
  }
  return game;
}

std::vector<double> shapley_values(const std::vector<double>& game) {
  const int nodes = node_count(game.size());
  std::vector<double> result(static_cast<std::size_t>(nodes));
  if (nodes == 0) return result;
  const std::vector<double> weights = marginal_weights(nodes, 1);
  for (std::size_t set = 0; set < game.size(); ++set) {
    const int size = nodes - failed_count(set, nodes);
    for (int node = 0; node < nodes; ++node) {
      const std::size_t bit = std::size_t{1} << node;
      if ((set & bit) == 0)
        result[static_cast<std::size_t>(node)] +=
            weights[static_cast<std::size_t>(size)] * (game[set | bit] - game[set]);
    }
  }
  return result;
}

std::vector<double> pair_interactions(const std::vector<double>& game) {
  const int nodes = node_count(game.size());
  const auto n = static_cast<std::size_t>(nodes);
  std::vector<double> result(n * n);
  if (nodes < 2) return result;
  const std::vector<double> weights = marginal_weights(nodes, 2);
  for (std::size_t set = 0; set < game.size(); ++set) {
    const int size = nodes - failed_count(set, nodes);
    if (size > nodes - 2) continue;
    const double weight = weights[static_cast<std::size_t>(size)];
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t a = std::size_t{1} << i;
      if ((set & a) != 0) continue;
      const double without = game[set | a] - game[set];
      for (std::size_t j = i + 1; j < n; ++j) {
        const std::size_t b = std::size_t{1} << j;
        if ((set & b) == 0) result[i * n + j] += weight * (game[set | a | b] - game[set | b] - without);
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) result[i * n + j] = result[j * n + i];
  }
  return result;
}

NodeImportance node_importance(const std::vector<double>& values, const Reliability& reliability,
                               const std::vector<FailureGroup>& groups) {
  std::vector<double> game = hardened_averages(values, reliability, groups);
  const std::size_t n = reliability.size();
  NodeImportance importance;
  importance.shapley = shapley_values(game);
  const std::vector<double> alone = without_groups(values, groups);
  for (std::size_t node = 0; node < n; ++node) {
    Reliability other = reliability;
    other[node] = 0;
    const double failed = average(alone, other), hardened = game[std::size_t{1} << node];
    importance.birnbaum.push_back(hardened - failed);
    importance.improvement.push_back(hardened - game[0]);
    importance.loss.push_back(game[0] - failed);
  }
  importance.hardened = std::move(game);
  return importance;
}

}  // namespace deepfog
