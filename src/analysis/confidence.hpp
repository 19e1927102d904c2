#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/summary.hpp"
#include "analysis/uncertainty.hpp"

namespace deepfog {

/// How sure the answers to one query are.
struct Confidence {
  bool samples = false;  ///< runs and samples are drawn; false: what the runs alone say
  std::size_t runs = 0;
  std::int64_t test_samples = 0;
  int draws = 0;
  Estimate average;
  std::vector<Estimate> shapley, birnbaum;  ///< [n]
  std::vector<double> first;  ///< [n] share of draws in which the node's Shapley value is the largest; empty
                              ///< without samples
  std::optional<Estimate> difference;  ///< average accuracy less that of the other model, run by run
  std::size_t difference_runs = 0;     ///< that both have finished
  bool difference_samples = false;     ///< as `samples`
};

/// One pass over the draws for all tables and questions, [tables][questions].
/// @param tables   of the same runs, of one experiment
/// @param against  table that the others are held against; nothing: no differences
std::vector<std::vector<Confidence>> certainties(const std::vector<SampleTable>& tables,
                                                 const std::vector<Query>& questions,
                                                 std::optional<std::size_t> against = std::nullopt);

/// Where the file keeps no bits of the samples.
/// @param against  of the same runs; null: no difference
Confidence confidence_of_runs(const StateTable& table, const Query& query, const StateTable* against);

}  // namespace deepfog
