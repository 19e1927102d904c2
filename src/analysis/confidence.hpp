#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/summary.hpp"
#include "analysis/uncertainty.hpp"

namespace deepfog {

/// How certain the answers to one query are.
struct Confidence {
  bool samples = false;  ///< true: runs and samples were drawn; false: the runs alone were used
  std::size_t runs = 0;
  std::int64_t test_samples = 0;
  int draws = 0;
  Estimate average;
  std::vector<Estimate> shapley, birnbaum;  ///< [n]
  std::vector<double> first;  ///< [n] share of draws in which the node's Shapley value is the largest; empty
                              ///< without samples
  std::optional<Estimate> difference;  ///< average accuracy minus that of the other model, paired by run
  std::size_t difference_runs = 0;     ///< number of runs that both models have finished
  bool difference_samples = false;     ///< same meaning as `samples`
};

/// Makes one pass over the draws for all tables and queries. Returns [tables][questions].
/// @param tables   of the same runs and of one experiment
/// @param against  index of the table that the others are compared with; nullopt: no differences
std::vector<std::vector<Confidence>> certainties(const std::vector<SampleTable>& tables,
                                                 const std::vector<Query>& questions,
                                                 std::optional<std::size_t> against = std::nullopt);

/// Used if the file has no sample hits.
/// @param against  of the same runs; null: no difference
Confidence confidence_of_runs(const StateTable& table, const Query& query, const StateTable* against);

}  // namespace deepfog
