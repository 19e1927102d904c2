#pragma once

#include <cstdint>
#include <string>

#include "campaign/spec.hpp"
#include "resilience/combination.hpp"
#include "topology/samples.hpp"

namespace deepfog {

/// The work that a model needs, estimated in advance.
struct WorkEstimate {
  std::int64_t train_tasks = 0, sweep_tasks = 0;
  double train_operations = 0;  ///< floating-point operations of the dense layers
  double sweep_operations = 0;  ///< likewise; NaN if the failure diagram exceeds its limit
};

/// Multiply-adds of one sample through the stages that emit something under `combination`, including
/// expansion layers.
double multiply_adds(const Topology& topology, Combination combination);

/// The work for all runs of one model on a data set.
WorkEstimate estimate(const CampaignSpec& spec, const ModelSpec& model, const Dataset& dataset);

/// Describes what a campaign would do, for --dry-run: data sets, tasks and operations of every model. Loads
/// the data sets and matches them with the topologies. Throws UserError.
std::string work_summary(const CampaignSpec& spec);

}  // namespace deepfog
