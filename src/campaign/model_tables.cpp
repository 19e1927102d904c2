#include "campaign/model_tables.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>
#include <utility>

#include "evaluation/sweep.hpp"
#include "models/exit_outcome.hpp"
#include "resilience/combination.hpp"
#include "resilience/flow.hpp"
#include "topology/stage_cost.hpp"

namespace deepfog {
namespace {

constexpr double not_yet = std::numeric_limits<double>::quiet_NaN();

/// Macro precision and recall under every combination; guessing where nothing flows.
struct Measures {
  std::vector<double> precision, recall;
};

Measures measures(const ModelResults& model, const ExperimentResults& experiment, const RunRecord& record) {
  const PrecisionRecall guessed =
      guessed_precision_recall(experiment.test_class_counts, experiment.guess_probabilities);
  const std::int64_t table = experiment.classes * experiment.classes;
  Measures all;
  for (std::size_t i = 0; i < model.flow.size(); ++i) {
    const PrecisionRecall one =
        model.flow[i] != 0 ? precision_recall(record.confusion.data() + static_cast<std::int64_t>(i) * table,
                                              experiment.classes)
                           : guessed;
    all.precision.push_back(one.precision);
    all.recall.push_back(one.recall);
  }
  return all;
}

void empty_combinations(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                        ModelResults& tables) {
  const auto runs = static_cast<std::size_t>(spec.runs),
             classes = static_cast<std::size_t>(model.topology.classes());
  tables.flow = flow_table(model.topology);
  const std::size_t combinations = tables.flow.size();
  tables.correct.assign(runs * combinations, 0);
  tables.accuracy.assign(runs * combinations, not_yet);
  if (!spec.confusion) return;
  tables.confusion.assign(runs * combinations * classes * classes, 0);
  for (const auto& [setting, reliability] : experiment.reliability) {
    tables.average_precision[setting].assign(runs, not_yet);
    tables.average_recall[setting].assign(runs, not_yet);
  }
}

/// @param table  rows: combinations, or classes and class 0
void empty_exits(std::size_t runs, std::size_t table, const Topology& topology, ModelResults& model) {
  if (!topology.has_exits()) return;
  ExitTables& tables = model.exits;
  for (const int stage : topology.exits()) tables.exits.push_back(topology.stages()[stage].name);
  for (const int stage : topology.heads()) tables.heads.push_back(topology.stages()[stage].name);
  tables.grid = threshold_grid();
  const std::size_t exits = tables.exits.size(), rows = runs * table;
  tables.thresholds.assign(runs * exits, not_yet);
  tables.answered.assign(rows * exits, 0);
  tables.correct = tables.answered;
  tables.curve_answered.assign(rows * tables.grid.size() * exits, 0);
  tables.curve_correct = tables.curve_answered;
  tables.alone.assign(rows * tables.heads.size(), 0);
  for (const LinkCost& cost : link_costs(topology)) {
    const Hyperconnection& link = topology.hyperconnections()[cost.link];
    tables.links.push_back(topology.vertex_name(link.from) + "->" + topology.vertex_name(link.to));
    tables.link_kinds.push_back(cost.kind);
    tables.senders.push_back(topology.nodes()[topology.stages()[topology.stage_of(link.from)].node].name);
    tables.bits.push_back(cost.bits);
    tables.exits_passed.push_back(cost.exits_passed);
  }
}

void empty_classes(std::size_t runs, const Diagram& diagram, ModelResults& tables) {
  const auto classes = static_cast<std::size_t>(diagram.last_classes()) + 1;
  tables.class_correct.assign(runs * classes, 0);
  tables.class_accuracy.assign(runs * classes, not_yet);
  DiagramMap map = diagram.map();
  tables.diagram = {std::move(map.position), std::move(map.states), std::move(map.failed),
                    std::move(map.alive), std::move(map.class_of_state)};
}

void empty_sample_hits(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples,
                       ModelResults& tables) {
  if (keeps_sample_hits(spec, form, test_samples)) {
    tables.right.assign(static_cast<std::size_t>(sample_hits_bytes(spec, form, test_samples)), 0);
    if (form.form == TableForm::combinations) tables.right_row = *form.outcome_rows;
  }
  const std::string why = sample_hits_left_out(spec, form, test_samples);
  if (!why.empty() && test_samples > 0) tables.text["right_left_out"] = why;
}

void empty_bounds(std::size_t runs, const ExperimentSpec& experiment, ModelResults& tables) {
  for (const auto& [setting, reliability] : experiment.reliability) {
    tables.bounds[setting].assign(2 * runs, not_yet);
    tables.explored_mass[setting].assign(runs, not_yet);
    tables.methods[setting] = "not done yet";
  }
  tables.explored.assign(runs, 0);
}

template <class From, class To>
void copy_row(const From& from, std::size_t row, To& to) {
  std::copy(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(row * from.size()));
}

double accuracy_of(std::int64_t correct, const ExperimentResults& experiment) {
  return static_cast<double>(correct) / static_cast<double>(experiment.test_samples);
}

void fill_exits(ExitTables& tables, std::size_t row, const ExitCounts& counts) {
  if (tables.empty()) return;
  copy_row(counts.thresholds, row, tables.thresholds);
  copy_row(counts.answered, row, tables.answered);
  copy_row(counts.correct, row, tables.correct);
  copy_row(counts.curve_answered, row, tables.curve_answered);
  copy_row(counts.curve_correct, row, tables.curve_correct);
  copy_row(counts.alone, row, tables.alone);
}

void fill_combinations(ModelResults& model, const ExperimentResults& experiment, std::size_t row,
                       const RunRecord& record) {
  std::vector<double> accuracy;
  for (std::size_t i = 0; i < model.flow.size(); ++i) {
    accuracy.push_back(model.flow[i] != 0 ? accuracy_of(record.correct[i], experiment)
                                          : experiment.guess_accuracy);
  }
  copy_row(record.correct, row, model.correct);
  copy_row(accuracy, row, model.accuracy);
  copy_row(record.confusion, row, model.confusion);
  fill_exits(model.exits, row, record.exits);
  for (const auto& [setting, reliability] : experiment.reliability) {
    model.average_accuracy[setting][row] = average(accuracy, reliability);
  }
  if (model.confusion.empty()) return;
  const Measures all = measures(model, experiment, record);
  for (const auto& [setting, reliability] : experiment.reliability) {
    model.average_precision[setting][row] = average(all.precision, reliability);
    model.average_recall[setting][row] = average(all.recall, reliability);
  }
}

void fill_classes(ModelResults& model, const Diagram& diagram, const ExperimentResults& experiment,
                  std::size_t row, const RunRecord& record) {
  std::vector<double> accuracy{experiment.guess_accuracy};
  for (std::size_t c = 1; c < record.correct.size(); ++c)
    accuracy.push_back(accuracy_of(record.correct[c], experiment));
  copy_row(record.correct, row, model.class_correct);
  copy_row(accuracy, row, model.class_accuracy);
  fill_exits(model.exits, row, record.exits);
  for (const auto& [setting, reliability] : experiment.reliability) {
    const std::vector<double> probability = diagram.class_probabilities(reliability);
    model.average_accuracy[setting][row] =
        std::inner_product(accuracy.begin(), accuracy.end(), probability.begin(), 0.0);
  }
}

void fill_bounds(ModelResults& model, const ExperimentResults& experiment, std::size_t row,
                 const RunRecord& record) {
  for (std::size_t i = 0; i < experiment.reliability.size(); ++i) {
    const std::string& setting = experiment.reliability[i].first;
    const LargeDiagramResult::Setting& found = record.large_diagram.settings[i];
    model.bounds[setting][2 * row] = found.lower;
    model.bounds[setting][2 * row + 1] = found.upper;
    model.average_accuracy[setting][row] = found.average;
    model.explored_mass[setting][row] = found.explored;
    model.methods[setting] = found.method;
  }
  model.explored[row] = record.large_diagram.combinations;
}

/// How a network with exits was trained, beside what every network has.
void describe_exits(const ModelSpec& model, ModelResults& tables) {
  const ThresholdRule& rule = model.training.threshold;
  tables.text["exit_threshold"] = rule.how;
  if (rule.how == "fixed" || rule.how == "share") tables.numbers["exit_threshold_value"] = rule.value;
}

/// "d2 d3"
std::string trained_without(const ModelSpec& model) {
  std::string without;
  for (int i = 0; i < model.topology.failing(); ++i) {
    if (alive(model.training.without, i))
      without += (without.empty() ? "" : " ") + model.topology.failing_names()[i];
  }
  return without;
}

}  // namespace

ModelResults empty_tables(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                          const ModelForm& form, std::int64_t test_samples) {
  const TrainingSpec& training = model.training;
  const auto runs = static_cast<std::size_t>(spec.runs);
  ModelResults tables;
  tables.name = model.name;
  tables.text = {{"topology", std::filesystem::path(model.topology_path).filename().string()},
                 {"training", training.training},
                 {"optimiser", training.optimiser},
                 {"class_weights", training.class_weights},
                 {"normalise", training.normalise},
                 {"table", name_of(form.form)}};
  tables.integers = {{"epochs", training.epochs},
                     {"batch_size", training.batch_size},
                     {"max_train_samples", training.max_train_samples},
                     {"seed", static_cast<std::int64_t>(spec.seed)},
                     {"parameters", parameter_count(model.topology)}};
  tables.numbers = {{"learning_rate", training.learning_rate}, {"weight_decay", training.weight_decay}};
  if (model.topology.has_exits()) describe_exits(model, tables);
  if (model.topology.has_exits() || training.without != 0)
    tables.text["trained_without"] = trained_without(model);
  if (!model.weights_of.empty()) tables.text["weights_of"] = model.weights_of;
  if (!model.seeds_of.empty()) tables.text["seeds_of"] = model.seeds_of;
  tables.failout_rates = training.failout_rates;
  tables.failout_rates.resize(static_cast<std::size_t>(model.topology.failing()));  // 0 for standard training
  tables.topology_text = model.topology.text();
  for (const auto& [setting, reliability] : experiment.reliability) {
    tables.average_accuracy[setting].assign(runs, not_yet);
  }
  if (form.form == TableForm::combinations) {
    empty_combinations(spec, experiment, model, tables);
    empty_exits(runs, tables.flow.size(), model.topology, tables);
  }
  if (form.form == TableForm::classes) {
    empty_classes(runs, *form.diagram, tables);
    empty_exits(runs, static_cast<std::size_t>(form.diagram->last_classes()) + 1, model.topology, tables);
  }
  if (form.form == TableForm::bounds) empty_bounds(runs, experiment, tables);
  empty_sample_hits(spec, form, test_samples, tables);
  for (auto* list : {&tables.validation_accuracy, &tables.train_seconds, &tables.sweep_seconds}) {
    list->assign(runs, not_yet);
  }
  tables.best_epoch.assign(runs, 0);
  tables.done.assign(runs, 0);
  return tables;
}

void fill_run(ModelResults& model, const ModelForm& form, const ExperimentResults& experiment,
              std::int64_t run, const RunRecord& record) {
  const auto row = static_cast<std::size_t>(run);
  if (form.form == TableForm::combinations) fill_combinations(model, experiment, row, record);
  if (form.form == TableForm::classes) fill_classes(model, *form.diagram, experiment, row, record);
  if (form.form == TableForm::bounds) fill_bounds(model, experiment, row, record);
  if (!model.right.empty()) copy_row(record.right.bytes(), row, model.right);
  model.validation_accuracy[row] = record.training.validation_accuracy;
  model.best_epoch[row] = record.training.best_epoch;
  model.train_seconds[row] = record.training.seconds;
  model.sweep_seconds[row] = record.sweep_seconds;
  model.done[row] = 1;
}

}  // namespace deepfog
