#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/model_form.hpp"
#include "campaign/spec.hpp"
#include "campaign/task.hpp"
#include "scheduler/task_graph.hpp"

namespace deepfog {

/// All tasks of a campaign, in an order that follows from the spec and the data alone: experiment, trained
/// model, run; the training first, then its sweeps, then those of the models with its weights.
struct Plan {
  std::vector<Task> tasks;
  ModelForms forms{};
  const ModelForm& form_of(const RunKey& key) const;
  int training_of(int task) const;  ///< index of the training that a sweep waits for (itself for a training)
  std::vector<ScheduledTask> graph() const;  ///< as the scheduler sees them
};
/// A model whose diagram is too large has one task of bounds a run instead of its sweeps.
Plan make_plan(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets, ModelForms forms);
Plan make_plan(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets);

/// [begin, end) of each block of test samples. Rows of small batches round differently, so a tail shorter
/// than 64 samples joins the block before it.
std::vector<std::pair<std::int64_t, std::int64_t>> sweep_blocks(std::int64_t samples, std::int64_t block);

/// Parameters that the network of a topology learns.
std::int64_t parameter_count(const Topology& topology);

/// Values in its weights: the parameters and what is kept with them.
std::int64_t value_count(const Topology& topology);

/// Multiply-adds of one sample through all classes of all stages.
double diagram_cost(const Topology& topology, const Diagram& diagram);

/// "experiment health, model vanilla, run 2, training" (runs counted from 0, as in the results file)
std::string describe(const CampaignSpec& spec, const Task& task);

}  // namespace deepfog
