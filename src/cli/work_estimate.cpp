#include "cli/work_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "campaign/plan.hpp"
#include "resilience/diagram.hpp"
#include "resilience/flow.hpp"
#include "storage/dataset_file.hpp"
#include "topology/stage_cost.hpp"

namespace deepfog {

namespace {

/// Multiply-adds of one sample under all combinations: each combination separately, or each distinct
/// evaluation of the failure diagram once. NaN if the diagram exceeds its limit; the campaign then uses
/// bounds or sampling.
double sweep_multiply_adds(const CampaignSpec& spec, const Topology& topology) {
  double sum = 0;
  if (spec.engine == "reference") {
    for (Combination combination = 0; combination <= all_alive(topology.failing()); ++combination) {
      if (flows(topology, combination)) sum += multiply_adds(topology, combination);
    }
    return sum;
  }
  try {
    DiagramLimits limits;
    limits.classes = spec.class_limit;
    const Diagram diagram(topology, limits);
    for (std::size_t i = 0; i < topology.stages().size(); ++i) {
      sum += static_cast<double>(diagram.stages()[i].count) *
             cost_of(topology, topology.stages()[i]).multiply_adds;
    }
    return sum;
  } catch (const DiagramTooLarge&) {
    return std::nan("");
  }
}

}  // namespace

double multiply_adds(const Topology& topology, Combination combination) {
  const auto live = live_stages(topology, combination);
  double sum = 0;
  for (std::size_t i = 0; i < topology.stages().size(); ++i) {
    if (live[i] != 0) sum += cost_of(topology, topology.stages()[i]).multiply_adds;
  }
  return sum;
}

WorkEstimate estimate(const CampaignSpec& spec, const ModelSpec& model, const Dataset& dataset) {
  WorkEstimate work;
  const auto runs = static_cast<double>(spec.runs);
  const int n = model.topology.failing();
  const std::int64_t most = model.training.max_train_samples;
  const std::int64_t samples = most > 0 ? std::min(most, dataset.train.size()) : dataset.train.size();
  const bool trained = model.weights_of.empty();
  work.train_tasks = trained ? spec.runs : 0;
  work.sweep_tasks =
      spec.runs * static_cast<std::int64_t>(sweep_blocks(dataset.test.size(), spec.sweep_block).size());
  // Forward pass, gradient of the inputs, gradient of the weights: three products per layer.
  const double all = multiply_adds(model.topology, all_alive(n));
  const double validation = 2 * all * static_cast<double>(dataset.validation.size());
  if (trained) {
    work.train_operations = runs * static_cast<double>(model.training.epochs) *
                            (3 * 2 * all * static_cast<double>(samples) + validation);
  }
  work.sweep_operations =
      2 * sweep_multiply_adds(spec, model.topology) * runs * static_cast<double>(dataset.test.size());
  return work;
}

namespace {

std::string gigaflop(double operations) {
  if (std::isnan(operations)) return "failure diagram over its limit: bounds or samples instead";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g GFLOP", operations / 1e9);
  return text;
}

/// 2^n, which exceeds 64 bits at n = 64.
std::string combinations(int n) {
  return n < 63 ? std::to_string(std::int64_t{1} << n) : "2^" + std::to_string(n);
}

std::string describe(const Dataset& dataset) {
  return "data set " + dataset.name + " (" + (dataset.origin == "real" ? "real" : "SYNTHETIC") + "), split " +
         dataset.split + ", " + std::to_string(dataset.train.size()) + " train, " +
         std::to_string(dataset.validation.size()) + " validation, " + std::to_string(dataset.test.size()) +
         " test samples";
}

}  // namespace

std::string work_summary(const CampaignSpec& spec) {
  std::string text;
  std::int64_t tasks = 0;
  double operations = 0;
  for (const auto& experiment : spec.experiments) {
    const Dataset dataset = load_dataset(experiment.dataset_path, experiment.split);
    text += experiment.name + ": " + describe(dataset) + "\n";
    for (const auto& model : experiment.models) {
      match_sources(model.topology, dataset, model.topology_path);
      const WorkEstimate work = estimate(spec, model, dataset);
      tasks += work.train_tasks + work.sweep_tasks;
      operations += work.train_operations + (std::isnan(work.sweep_operations) ? 0 : work.sweep_operations);
      text += "  " + model.name + ": " + std::to_string(work.train_tasks) + " training tasks (" +
              gigaflop(work.train_operations) + "), " + std::to_string(work.sweep_tasks) + " sweep tasks (" +
              gigaflop(work.sweep_operations) + ", " + combinations(model.topology.failing()) +
              " combinations)\n";
    }
  }
  return text + "dry run: " + std::to_string(tasks) + " tasks, " + gigaflop(operations) +
         "; results would go to " + spec.output + "\n";
}

}  // namespace deepfog
