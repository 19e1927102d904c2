#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cutting/spec.hpp"
#include "partition/search.hpp"

namespace deepfog {

/// A partition as it was chosen, with what the choice looked at.
struct ChosenPartition {
  Partition partition;
  std::vector<double> thresholds;  ///< [layers]; robustdice only
  std::vector<SearchPoint> front;  ///< points of CutModelSpec::front
  std::string failure{};           ///< why there is none: nothing else is filled then; empty: there is one
  bool good() const { return failure.empty(); }
};

/// What a device may hold, in bytes; 0: the model has no budget.
std::int64_t budget_bytes(const CutModelSpec& model, const std::vector<CutLayer>& layers);

/// Before any work: no partition takes less than that without copies. Throws UserError naming `where`.
void check_budget(const CutModelSpec& model, int devices, const std::vector<CutLayer>& layers,
                  const std::string& where);

/// How good partitions are with so many devices failed.
using AccuracyWith = std::function<AccuracyOf(int failed)>;

/// @param scores    of the network; needed for robustdice only
/// @param seed      of the random control
/// @param accuracy  of (failed devices): what searches go by, see CutModelSpec::failed; called only where
///                  model.searches()
/// Throws UserError naming `where` when nothing fits the budget or reaches the accuracy.
ChosenPartition choose_partition(const CutModelSpec& model, int devices, const std::vector<CutLayer>& layers,
                                 const Scores& scores, std::uint64_t seed, const AccuracyWith& accuracy,
                                 const std::string& where);

}  // namespace deepfog
