#pragma once

#include <string>
#include <vector>

#include "analysis/accuracy_risk.hpp"
#include "analysis/importance.hpp"
#include "analysis/state_table.hpp"

namespace deepfog {

/// One reliability setting, from a file or entered by a user.
struct Query {
  std::string setting;
  Reliability reliability;
  std::vector<FailureGroup> groups;
  double threshold = 0.8;  ///< P(accuracy >= threshold) is reported
  double tail = 0.05;      ///< share of the probability that counts as the worst cases
};

/// A figure over the finished runs.
struct Spread {
  double mean = 0;
  double ci95 = 0;  ///< half width of the 95 % confidence interval over the runs; NaN for one run
};

/// What a model's table says about one setting. Accuracies are in 0 to 1; [n] per node, [n, n] per pair.
struct Summary {
  int runs = 0;
  Spread average, deviation, low_quantile, median, high_quantile, worst_mean, good_enough;
  double nothing_flows = 0;              ///< P(nothing flows); the same for all runs
  std::vector<Combination> cut_sets;     ///< of "nothing flows", smallest first
  std::vector<FailuresRow> by_failures;  ///< of the mean over the runs
  std::vector<Spread> birnbaum, improvement, loss, shapley;
  std::vector<Spread> interactions;
};

/// The low and high quantiles are those of `tail` and 1 - `tail`. Throws std::invalid_argument if the sizes
/// differ or no run is finished.
Summary summarise(const StateTable& table, const Query& query);

}  // namespace deepfog
