#include "cli/partition_tables.hpp"

#include <algorithm>

#include "cli/text_table.hpp"
#include "core/statistics.hpp"
#include "cutting/tables.hpp"
#include "models/cut_network_layers.hpp"
#include "resilience/enumeration.hpp"

namespace deepfog {
namespace {

/// Accuracy with k failed devices, each value averaged over the runs.
struct ByFailed {
  double best = 0, mean = 0, worst = 0;
};

ByFailed by_failed(const ModelResults& model, int devices, std::int64_t runs, int failed) {
  const std::size_t combinations = std::size_t{1} << devices;
  std::vector<double> best, means, worst;
  for (std::int64_t run = 0; run < runs; ++run) {
    if (model.done[static_cast<std::size_t>(run)] == 0) continue;  // it has failed
    std::vector<double> found;
    for (const Combination c : combinations_with(devices, failed))
      found.push_back(model.accuracy[static_cast<std::size_t>(run) * combinations + c]);
    best.push_back(*std::max_element(found.begin(), found.end()));
    worst.push_back(*std::min_element(found.begin(), found.end()));
    means.push_back(mean(found));
  }
  return {mean(best), mean(means), mean(worst)};
}

/// Bytes of the device that holds most, averaged over the runs.
double largest_bytes(const CuttingJob& job, const CuttingOutcome& outcome, std::size_t e, std::size_t m) {
  std::vector<double> bytes;
  for (const ChosenPartitions& chosen : outcome.chosen) {
    if (chosen[e][m].good())
      bytes.push_back(static_cast<double>(largest_device_bytes(chosen[e][m].partition, job.layers)));
  }
  return mean(bytes);
}

/// The partition of the first run that has one; null: all have failed.
const ChosenPartition* first_good(const CuttingOutcome& outcome, std::size_t e, std::size_t m) {
  for (const ChosenPartitions& chosen : outcome.chosen) {
    if (chosen[e][m].good()) return &chosen[e][m];
  }
  return nullptr;
}

std::string threshold_word(const ChosenPartition& chosen) {
  if (chosen.thresholds.empty()) return "-";
  const auto [least, most] = std::minmax_element(chosen.thresholds.begin(), chosen.thresholds.end());
  if (*least == *most) return fixed(*least, 4);
  return fixed(*least, 4) + ".." + fixed(*most, 4);
}

std::string heading(const CuttingJob& job, const CuttingOutcome& outcome, std::size_t e) {
  const CutExperimentSpec& experiment = job.spec.experiments[e];
  const double whole = static_cast<double>(replicated_bytes(job.layers));
  std::string text = experiment.name + ": " + job.spec.network + " (" + std::to_string(job.layers.size()) +
                     " layers, " + fixed(whole / 1e6, 2) + " MB) over " + std::to_string(experiment.devices) +
                     " devices";
  if (job.spec.random()) return text + ", RANDOM weights: accuracy is not looked at\n";
  const ExperimentResults& results = outcome.results.experiments[e];
  return text + "; top-1 accuracy in % with k devices failed: mean (worst..best) of all C(" +
         std::to_string(experiment.devices) + ",k), mean over " + std::to_string(job.spec.runs) +
         (job.spec.runs == 1 ? " run" : " runs") + "\n  " +
         (results.data_origin == "real" ? "real" : "SYNTHETIC") + " data " + results.dataset + ", split " +
         results.split + ", " + std::to_string(results.test_samples) + " test images, " +
         std::to_string(results.classes) + " classes\n";
}

std::string table(const CuttingJob& job, const CuttingOutcome& outcome, std::size_t e) {
  const CutExperimentSpec& experiment = job.spec.experiments[e];
  const double whole = static_cast<double>(replicated_bytes(job.layers));
  std::vector<std::vector<std::string>> rows{{"partition", "t", "MB/device", "saved %"}};
  if (!job.spec.random()) {
    for (int k = 0; k < experiment.devices; ++k) rows[0].push_back("k=" + std::to_string(k));
  }
  for (std::size_t m = 0; m < experiment.models.size(); ++m) {
    const ChosenPartition* chosen = first_good(outcome, e, m);
    if (chosen == nullptr) {
      rows.push_back({experiment.models[m].name, "failed"});
      rows.back().resize(rows.front().size(), "-");
      continue;
    }
    const double bytes = largest_bytes(job, outcome, e, m);
    rows.push_back({experiment.models[m].name, threshold_word(*chosen), fixed(bytes / 1e6, 3),
                    fixed(100 * (1 - bytes / whole), 1)});
    if (job.spec.random()) continue;
    const ModelResults& model = outcome.results.experiments[e].models[m];
    for (int k = 0; k < experiment.devices; ++k) {
      const ByFailed found = by_failed(model, experiment.devices, job.spec.runs, k);
      rows.back().push_back(k == 0 ? fixed(100 * found.mean, 2)
                                   : fixed(100 * found.mean, 2) + " (" + fixed(100 * found.worst, 1) + ".." +
                                         fixed(100 * found.best, 1) + ")");
    }
  }
  return aligned(rows);
}

}  // namespace

std::string partition_tables(const CuttingJob& job, const CuttingOutcome& outcome) {
  std::string text;
  for (std::size_t e = 0; e < job.spec.experiments.size(); ++e)
    text += heading(job, outcome, e) + table(job, outcome, e) + "\n";
  return text;
}

std::string partition_lines(const CuttingJob& job, const CuttingOutcome& outcome) {
  std::string text;
  for (std::size_t e = 0; e < job.spec.experiments.size(); ++e) {
    const CutExperimentSpec& experiment = job.spec.experiments[e];
    for (std::size_t m = 0; m < experiment.models.size(); ++m) {
      if (first_good(outcome, e, m) == nullptr) continue;
      const double bytes = largest_bytes(job, outcome, e, m);
      text += "RESULT experiment=" + experiment.name + " partition=" + experiment.models[m].name +
              " method=" + experiment.models[m].method + " devices=" + std::to_string(experiment.devices) +
              " device_bytes=" + fixed(bytes, 0) + " saved_percent=" +
              fixed(100 * (1 - bytes / static_cast<double>(replicated_bytes(job.layers))), 2);
      for (int k = 0; !job.spec.random() && k < experiment.devices; ++k) {
        const ByFailed found =
            by_failed(outcome.results.experiments[e].models[m], experiment.devices, job.spec.runs, k);
        const std::string key = " failed" + std::to_string(k);
        text += key + "=" + fixed(found.mean, 6);
        if (k > 0) text += key + "_worst=" + fixed(found.worst, 6) + key + "_best=" + fixed(found.best, 6);
      }
      text += "\n";
    }
  }
  return text;
}

std::string partition_plan(const CuttingJob& job) {
  std::string text = job.spec.network + ": " + std::to_string(job.layers.size()) + " layers, " +
                     fixed(static_cast<double>(replicated_bytes(job.layers)) / 1e6, 2) + " MB, " +
                     fixed(static_cast<double>(multiplications(plan_cnn(job.cnn))) / 1e6, 1) +
                     " million multiplications an image\n";
  for (const CutExperimentSpec& experiment : job.spec.experiments) {
    text += "  " + experiment.name + ": " + std::to_string(experiment.devices) + " devices, " +
            std::to_string(std::int64_t{1} << experiment.devices) + " combinations, " +
            std::to_string(experiment.models.size()) +
            (experiment.models.size() == 1 ? " partition" : " partitions") + "\n";
  }
  return text + "  " + std::to_string(job.spec.runs) + (job.spec.runs == 1 ? " run" : " runs") + ", " +
         (job.spec.random() ? "no sweep: random weights"
                            : std::to_string(job.test_samples) + " test images") +
         "\n";
}

}  // namespace deepfog
