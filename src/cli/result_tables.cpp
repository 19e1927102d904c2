#include "cli/result_tables.hpp"

#include <cmath>
#include <vector>

#include "cli/text_table.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

std::string gain_text(double points) {
  return (points < 0 ? "" : "+") + fixed(points, 2);
}

/// Average accuracies of the finished runs.
std::vector<double> done_values(const ModelResults& model, const std::string& setting) {
  std::vector<double> values;
  const auto at = model.average_accuracy.find(setting);
  if (at == model.average_accuracy.end()) return values;
  for (std::size_t run = 0; run < at->second.size() && run < model.done.size(); ++run) {
    if (model.done[run] != 0) values.push_back(at->second[run]);
  }
  return values;
}

/// Difference of the means, in points; NaN if one of them has no finished run.
double gain(const ExperimentResults& experiment, const ModelResults& model, const std::string& setting) {
  const auto mine = done_values(model, setting);
  const auto first = done_values(experiment.models.front(), setting);
  if (mine.empty() || first.empty()) return std::nan("");
  return 100 * (mean(mine) - mean(first));
}

std::string cell(const ExperimentResults& experiment, const ModelResults& model, const std::string& setting) {
  const auto values = done_values(model, setting);
  if (values.empty()) return "-";
  std::string text = fixed(100 * mean(values), 2);
  if (values.size() > 1) text += " ± " + fixed(100 * confidence_95(values), 2);
  const double points = gain(experiment, model, setting);
  if (&model != &experiment.models.front() && !std::isnan(points)) text += " (" + gain_text(points) + ")";
  return text;
}

std::string heading(const ExperimentResults& experiment) {
  const bool real = experiment.data_origin == "real";
  return experiment.name + ": average accuracy in %, mean ± 95 % interval over " +
         std::to_string(experiment.runs) + (experiment.runs == 1 ? " run" : " runs") + " (gain over " +
         experiment.models.front().name + " in points)\n" + "  " + (real ? "real" : "SYNTHETIC") + " data " +
         experiment.dataset + ", split " + experiment.split + ", " + std::to_string(experiment.test_samples) +
         " test samples, " + std::to_string(experiment.classes) + " classes, guess " + experiment.guess +
         " (" + fixed(100 * experiment.guess_accuracy, 2) + ")\n";
}

}  // namespace

std::string result_tables(const Results& results) {
  std::string text;
  for (const auto& experiment : results.experiments) {
    if (experiment.models.empty()) continue;
    std::vector<std::vector<std::string>> rows(1, {"model"});
    for (const auto& setting : experiment.reliability) rows.front().push_back(setting.first);
    for (const auto& model : experiment.models) {
      // Trained as if some nodes did not exist: an average with these nodes alive is meaningless.
      const auto without = model.text.find("trained_without");
      if (without != model.text.end() && !without->second.empty()) continue;
      rows.push_back({model.name});
      for (const auto& setting : experiment.reliability)
        rows.back().push_back(cell(experiment, model, setting.first));
    }
    text += heading(experiment) + aligned(rows) + "\n";
  }
  return text;
}

std::string result_lines(const Results& results) {
  std::string text;
  for (const auto& experiment : results.experiments) {
    for (const auto& model : experiment.models) {
      for (const auto& setting : experiment.reliability) {
        const auto values = done_values(model, setting.first);
        if (values.empty()) continue;
        text += "RESULT experiment=" + experiment.name + " model=" + model.name +
                " setting=" + setting.first + " average_accuracy=" + fixed(mean(values), 6) +
                " ci95=" + fixed(confidence_95(values), 6) + " runs=" + std::to_string(values.size()) +
                " gain_points=" + fixed(gain(experiment, model, setting.first), 2) +
                " data=" + experiment.data_origin + " split=" + experiment.split + "\n";
      }
    }
  }
  return text;
}

}  // namespace deepfog
