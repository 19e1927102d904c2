#include "campaign/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "campaign/borrowed_weights.hpp"
#include "topology/stage_cost.hpp"

namespace deepfog {
namespace {

/// Of one sample through all stages.
double multiply_adds(const Topology& topology) {
  double sum = 0;
  for (const Stage& stage : topology.stages()) sum += cost_of(topology, stage).multiply_adds;
  return sum;
}

double training_cost(const ModelSpec& model, std::int64_t train_samples) {
  const TrainingSpec& training = model.training;
  const std::int64_t samples =
      training.max_train_samples > 0 ? std::min(training.max_train_samples, train_samples) : train_samples;
  // Forward, gradient of the inputs, gradient of the weights; a multiplication and an addition a parameter.
  return 6.0 * multiply_adds(model.topology) * static_cast<double>(samples) *
         static_cast<double>(training.epochs);
}

double sweep_cost(const CampaignSpec& spec, const ModelSpec& model, const ModelForm& form,
                  std::int64_t samples) {
  const double once = 2.0 * static_cast<double>(samples);
  if (form.diagram && spec.engine == "diagram") return once * diagram_cost(model.topology, *form.diagram);
  return once * multiply_adds(model.topology) * std::ldexp(1.0, std::min(model.topology.failing(), 30));
}

/// A guess: how many classes it takes is known when they have been taken.
double bounds_cost(const ModelSpec& model, std::int64_t samples) {
  constexpr double networks = 1000;
  return 2.0 * multiply_adds(model.topology) * static_cast<double>(samples) * networks;
}

using Blocks = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// What is to be done of one run once it is trained, or `trained` in its place.
void add_sweeps(Plan& plan, const CampaignSpec& spec, const RunKey& key, std::int32_t trained,
                const Blocks& blocks) {
  const ModelSpec& model =
      spec.experiments[static_cast<std::size_t>(key.experiment)].models[static_cast<std::size_t>(key.model)];
  const ModelForm& form = plan.form_of(key);
  if (form.form == TableForm::bounds) {
    plan.tasks.push_back({TaskKind::bounds, key, 0, 0, bounds_cost(model, blocks.back().second), trained});
    return;
  }
  for (const auto& [begin, end] : blocks) {
    plan.tasks.push_back(
        {TaskKind::sweep, key, begin, end, sweep_cost(spec, model, form, end - begin), trained});
  }
}

}  // namespace

int Plan::training_of(int task) const {
  int training = task;
  while (tasks[static_cast<std::size_t>(training)].kind != TaskKind::training) --training;
  return training;
}

/// A sweep needs its training and takes its weights; a sweep that fails makes the others of its run useless.
std::vector<ScheduledTask> Plan::graph() const {
  std::vector<ScheduledTask> graph;
  std::map<RunKey, int> groups;
  for (const Task& task : tasks) {
    ScheduledTask scheduled;
    scheduled.cost = task.cost;
    if (task.kind != TaskKind::training) {
      scheduled.input = training_of(static_cast<int>(graph.size()));
      scheduled.needs = {scheduled.input};
      scheduled.group = groups.try_emplace(task.key, static_cast<int>(groups.size())).first->second;
    }
    graph.push_back(std::move(scheduled));
  }
  return graph;
}

std::vector<std::pair<std::int64_t, std::int64_t>> sweep_blocks(std::int64_t samples, std::int64_t block) {
  constexpr std::int64_t shortest_tail = 64;
  std::vector<std::pair<std::int64_t, std::int64_t>> blocks;
  for (std::int64_t begin = 0; begin < samples; begin += block) {
    const std::int64_t end = std::min(begin + block, samples);
    if (!blocks.empty() && end - begin < shortest_tail) {
      blocks.back().second = end;
    } else {
      blocks.emplace_back(begin, end);
    }
  }
  return blocks;
}

std::int64_t parameter_count(const Topology& topology) {
  std::int64_t count = 0;
  for (const Stage& stage : topology.stages()) count += cost_of(topology, stage).parameters;
  return count;
}

std::int64_t value_count(const Topology& topology) {
  std::int64_t count = parameter_count(topology);
  for (const Stage& stage : topology.stages()) count += cost_of(topology, stage).kept;
  return count;
}

double diagram_cost(const Topology& topology, const Diagram& diagram) {
  double cost = 0;
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    cost += cost_of(topology, topology.stages()[s]).multiply_adds *
            static_cast<double>(diagram.stages()[s].count);
  }
  return cost;
}

const ModelForm& Plan::form_of(const RunKey& key) const {
  return forms.at(static_cast<std::size_t>(key.experiment)).at(static_cast<std::size_t>(key.model));
}

Plan make_plan(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets) {
  return make_plan(spec, datasets, forms_of(spec));
}

Plan make_plan(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets, ModelForms forms) {
  Plan plan;
  plan.forms = std::move(forms);
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    const auto blocks = sweep_blocks(datasets[e].test_samples, spec.sweep_block);
    for (std::size_t m = 0; m < spec.experiments[e].models.size(); ++m) {
      const ModelSpec& model = spec.experiments[e].models[m];
      if (!model.weights_of.empty()) continue;
      const std::vector<std::int32_t> swept = models_on_weights_of(spec.experiments[e], model.name);
      for (std::int64_t run = 0; run < spec.runs; ++run) {
        const RunKey key{static_cast<std::int32_t>(e), static_cast<std::int32_t>(m), run};
        plan.tasks.push_back(
            {TaskKind::training, key, 0, 0, training_cost(model, datasets[e].train_samples)});
        add_sweeps(plan, spec, key, -1, blocks);
        for (const std::int32_t other : swept)
          add_sweeps(plan, spec, {key.experiment, other, run}, key.model, blocks);
      }
    }
  }
  return plan;
}

std::string describe(const CampaignSpec& spec, const Task& task) {
  const ExperimentSpec& experiment = spec.experiments[static_cast<std::size_t>(task.key.experiment)];
  const std::string what =
      task.kind == TaskKind::training ? "training"
      : task.kind == TaskKind::bounds
          ? "bounds over all test samples"
          : "sweep of test samples " + std::to_string(task.begin) + " to " + std::to_string(task.end - 1);
  return "experiment " + experiment.name + ", model " +
         experiment.models[static_cast<std::size_t>(task.key.model)].name + ", run " +
         std::to_string(task.key.run) + ", " + what;
}

}  // namespace deepfog
