#pragma once

#include <string>
#include <vector>

#include "analysis/accuracy_risk.hpp"
#include "analysis/importance.hpp"
#include "analysis/state_table.hpp"

namespace deepfog {

/// One reliability setting, as a file has it or a user has typed it.
struct Query {
  std::string setting;
  Reliability reliability;
  std::vector<FailureGroup> groups;
  double threshold = 0.8;  ///< what counts as good enough, of P(accuracy >= threshold)
  double tail = 0.05;      ///< share of the probability that counts as the worst
};

/// A figure over the finished runs.
struct Spread {
  double mean = 0;
  double ci95 = 0;  ///< half width over the runs; NaN for one run
};

/// What a model's table says about one setting. Accuracies in 0 to 1, [n] by node, [n, n] by pair.
struct Summary {
  int runs = 0;
  Spread average, deviation, low_quantile, median, high_quantile, worst_mean, good_enough;
  double nothing_flows = 0;              ///< P(nothing flows); the same for all runs
  std::vector<Combination> cut_sets;     ///< of "nothing flows", smallest first
  std::vector<FailuresRow> by_failures;  ///< of the mean over the runs
  std::vector<Spread> birnbaum, improvement, loss, shapley;
  std::vector<Spread> interactions;
};

/// low and high quantile are those of `tail` and 1 - tail. Throws std::invalid_argument when sizes differ,
/// and when no run is finished.
Summary summarise(const StateTable& table, const Query& query);

}  // namespace deepfog
