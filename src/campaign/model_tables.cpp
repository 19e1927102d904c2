#include "campaign/model_tables.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "evaluation/sweep.hpp"
#include "resilience/combination.hpp"
#include "resilience/flow.hpp"

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

}  // namespace

ModelResults empty_tables(const CampaignSpec& spec, const ExperimentSpec& experiment,
                          const ModelSpec& model) {
  const TrainingSpec& training = model.training;
  const auto runs = static_cast<std::size_t>(spec.runs);
  ModelResults tables;
  tables.name = model.name;
  tables.text = {{"topology", std::filesystem::path(model.topology_path).filename().string()},
                 {"training", training.training},
                 {"optimiser", training.optimiser},
                 {"class_weights", training.class_weights},
                 {"normalise", training.normalise}};
  tables.integers = {{"epochs", training.epochs},
                     {"batch_size", training.batch_size},
                     {"max_train_samples", training.max_train_samples},
                     {"seed", static_cast<std::int64_t>(spec.seed)},
                     {"parameters", parameter_count(model.topology)}};
  tables.numbers = {{"learning_rate", training.learning_rate}, {"weight_decay", training.weight_decay}};
  tables.failout_rates = training.failout_rates;
  tables.failout_rates.resize(static_cast<std::size_t>(model.topology.failing()));  // 0 for standard training
  tables.topology_text = model.topology.text();
  tables.flow = flow_table(model.topology);
  const std::size_t combinations = tables.flow.size();
  const auto classes = static_cast<std::size_t>(model.topology.classes());
  tables.correct.assign(runs * combinations, 0);
  tables.accuracy.assign(runs * combinations, not_yet);
  if (spec.confusion) tables.confusion.assign(runs * combinations * classes * classes, 0);
  for (const auto& [setting, reliability] : experiment.reliability) {
    tables.average_accuracy[setting].assign(runs, not_yet);
    if (!spec.confusion) continue;
    tables.average_precision[setting].assign(runs, not_yet);
    tables.average_recall[setting].assign(runs, not_yet);
  }
  for (auto* list : {&tables.validation_accuracy, &tables.train_seconds, &tables.sweep_seconds}) {
    list->assign(runs, not_yet);
  }
  tables.best_epoch.assign(runs, 0);
  tables.done.assign(runs, 0);
  return tables;
}

void fill_run(ModelResults& model, const ExperimentResults& experiment, std::int64_t run,
              const RunRecord& record) {
  const auto row = static_cast<std::size_t>(run);
  const std::size_t combinations = model.flow.size();
  std::vector<double> accuracy;
  for (std::size_t i = 0; i < combinations; ++i) {
    accuracy.push_back(model.flow[i] != 0 ? static_cast<double>(record.correct[i]) /
                                                static_cast<double>(experiment.test_samples)
                                          : experiment.guess_accuracy);
  }
  const auto copy = [row](const auto& from, auto& to) {
    std::copy(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(row * from.size()));
  };
  copy(record.correct, model.correct);
  copy(accuracy, model.accuracy);
  copy(record.confusion, model.confusion);
  for (const auto& [setting, reliability] : experiment.reliability) {
    model.average_accuracy[setting][row] = average(accuracy, reliability);
  }
  if (!model.confusion.empty()) {
    const Measures all = measures(model, experiment, record);
    for (const auto& [setting, reliability] : experiment.reliability) {
      model.average_precision[setting][row] = average(all.precision, reliability);
      model.average_recall[setting][row] = average(all.recall, reliability);
    }
  }
  model.validation_accuracy[row] = record.training.validation_accuracy;
  model.best_epoch[row] = record.training.best_epoch;
  model.train_seconds[row] = record.training.seconds;
  model.sweep_seconds[row] = record.sweep_seconds;
  model.done[row] = 1;
}

}  // namespace deepfog
