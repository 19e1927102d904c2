#include "cutting/tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "campaign/assembler.hpp"
#include "campaign/dataset_summary.hpp"
#include "comm/environment.hpp"
#include "cutting/device_weights.hpp"
#include "resilience/combination.hpp"
#include "resilience/flow.hpp"
#include "results/failed_runs.hpp"
#include "results/verify.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

std::string words_of(const std::array<bool, kScores>& use) {
  std::string text;
  for (int s = 0; s < kScores; ++s) {
    if (use[static_cast<std::size_t>(s)]) text += (text.empty() ? "s" : " s") + std::to_string(s + 1);
  }
  return text;
}

const char* word(ScoreNormalisation normalisation) {
  switch (normalisation) {
    case ScoreNormalisation::zscore:
      return "zscore";
    case ScoreNormalisation::minmax:
      return "minmax";
    case ScoreNormalisation::none:
      return "none";
  }
  return "";
}

Results frame(const CuttingJob& job, const StudyFacts& facts) {
  const NumericsInfo numerics = numerics_info();
  Results results = finished_frame({facts.created, job.spec.command_line, facts.hosts, mpi_library(),
                                    numerics.torch_version, numerics.blas_library, facts.ranks, facts.cores},
                                   job.spec.config_text, job.spec.threads);
  results.integers["memory_bytes"] = job.spec.memory_bytes;
  return results;
}

/// The data set with the labels of the test images in use.
DatasetSummary summary_of(const CuttingJob& job) {
  Dataset used = job.data;
  used.test.labels.clear();
  for (std::int64_t row = 0; row < job.test_samples; ++row)
    used.test.labels.push_back(job.data.test.labels[static_cast<std::size_t>(row * job.test_stride)]);
  DatasetSummary summary = summarise(used, job.spec.guess);
  // A set to test on has no training images; the file's form wants to know what the network saw.
  summary.train_samples = std::max<std::int64_t>(summary.train_samples, 1);
  return summary;
}

ExperimentResults empty_experiment(const CuttingJob& job, const CutExperimentSpec& spec,
                                   const DatasetSummary& data) {
  ExperimentResults results;
  results.name = spec.name;
  results.dataset = data.name;
  results.data_origin = data.origin;
  results.data_sha256 = data.content_sha256;
  results.split = data.split;
  results.guess = job.spec.guess;
  results.classes = data.classes;
  results.train_samples = data.train_samples;
  results.validation_samples = data.validation_samples;
  results.test_samples = data.test_samples;
  results.runs = job.spec.runs;
  results.guess_accuracy = data.guess_accuracy;
  results.test_class_counts = data.test_class_counts;
  results.guess_probabilities = data.guess_probabilities;
  for (int d = 0; d < spec.devices; ++d) results.nodes.push_back("d" + std::to_string(d + 1));
  results.reliability = spec.reliability;
  return results;
}

/// One model of one experiment, over all runs.
class ModelFiller {
 public:
  ModelFiller(const CuttingJob& job, const CutExperimentSpec& experiment, const CutModelSpec& spec,
              const ExperimentResults& results)
      : job_(job), experiment_(experiment), spec_(spec), e_(results) {}

  ModelResults describe(const Partition& first) const {
    const ImageTrainingSpec& training = job_.spec.training;
    const bool trains = job_.spec.weights == "train";
    std::int64_t parameters = 0;
    for (const CnnTensor& tensor : state_dict(plan_cnn(job_.cnn))) {
      std::int64_t size = 1;
      for (const std::int64_t extent : tensor.shape) size *= extent;
      parameters += size;
    }
    const bool robust = spec_.method == "robustdice";
    ModelResults model;
    model.name = spec_.name;
    model.text = {{"topology", experiment_.name + "-" + spec_.name},
                  {"training", "standard"},
                  {"optimiser", trains ? training.optimiser : "none"},
                  {"class_weights", "none"},
                  {"normalise", trains ? "channels" : "weights file"},
                  {"augmentation", trains ? training.augmentation : "none"},
                  {"table", "combinations"},
                  {"method", spec_.method},
                  {"network", job_.spec.network},
                  {"weights", job_.spec.weights},
                  {"scores", robust ? words_of(spec_.use) : ""},
                  {"score_normalisation", robust ? word(spec_.normalisation) : ""},
                  {"calibration_part", robust ? calibration_part(job_.data) : ""}};
    model.integers = {{"epochs", trains ? training.epochs : 0},
                      {"batch_size", trains ? training.batch_size : 0},
                      {"max_train_samples", trains ? training.max_train_samples : 0},
                      {"seed", static_cast<std::int64_t>(job_.spec.seed)},
                      {"parameters", parameters},
                      {"devices", experiment_.devices},
                      {"calibration_images", robust ? job_.spec.calibration : 0},
                      {"network_bytes", replicated_bytes(job_.layers)}};
    model.numbers = {{"learning_rate", trains ? training.learning_rate : 0},
                     {"weight_decay", trains ? training.weight_decay : 0}};
    model.failout_rates.assign(static_cast<std::size_t>(experiment_.devices), 0);
    model.topology_text = topology_text(job_, experiment_, spec_, first);
    model.flow = flow_table(parse_topology(model.topology_text, spec_.name));
    for (const CutLayer& layer : job_.layers) {
      model.partition.layers.push_back(layer.name);
      model.partition.neurons.push_back(layer.neurons);
    }
    return model;
  }

  void add_run(const ChosenPartition& chosen, const SweptModel& swept, const StoredNetwork& network,
               ModelResults& model) const {
    std::vector<double> accuracy;
    for (std::size_t c = 0; c < swept.correct.size(); ++c) {
      accuracy.push_back(model.flow[c] != 0
                             ? static_cast<double>(swept.correct[c]) / static_cast<double>(e_.test_samples)
                             : e_.guess_accuracy);
    }
    model.correct.insert(model.correct.end(), swept.correct.begin(), swept.correct.end());
    model.accuracy.insert(model.accuracy.end(), accuracy.begin(), accuracy.end());
    for (const auto& [setting, reliability] : e_.reliability)
      model.average_accuracy[setting].push_back(average(accuracy, reliability));
    model.validation_accuracy.push_back(network.validation_accuracy);
    model.train_seconds.push_back(network.train_seconds);
    model.sweep_seconds.push_back(swept.seconds);
    model.best_epoch.push_back(network.best_epoch);
    model.done.push_back(1);
    PartitionTables& tables = model.partition;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(tables.held, neurons_held(chosen.partition));
    append(tables.device_bytes, bytes_held(chosen.partition, job_.layers));
    append(tables.thresholds, chosen.thresholds);
  }

  /// The place of a run that has none of this.
  void add_failed_run(std::int64_t run, const ChosenPartition& chosen, ModelResults& model) const {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const std::size_t combinations = model.flow.size(), layers = job_.layers.size();
    model.correct.insert(model.correct.end(), combinations, 0);
    model.accuracy.insert(model.accuracy.end(), combinations, none);
    for (const auto& [setting, reliability] : e_.reliability) model.average_accuracy[setting].push_back(none);
    for (auto* list : {&model.validation_accuracy, &model.train_seconds, &model.sweep_seconds})
      list->push_back(none);
    model.best_epoch.push_back(0);
    model.done.push_back(0);
    const int spare = spec_.method == "cdc" ? 1 : 0;
    PartitionTables& tables = model.partition;
    tables.held.insert(tables.held.end(), layers, 0);
    tables.device_bytes.insert(tables.device_bytes.end(),
                               static_cast<std::size_t>(experiment_.devices + spare), 0);
    if (spec_.method == "robustdice") tables.thresholds.insert(tables.thresholds.end(), layers, none);
    note_failed_run(model, run, chosen.failure);
  }

  /// A partition that says what the topology is like where no run has one: no method asks the network.
  Partition stand_in() const {
    CutModelSpec plain = spec_;
    if (plain.method == "robustdice" || plain.method == "random") plain.method = "lop";
    plain.memory_share = plain.accuracy = 0;
    plain.memory_bytes = 0;
    plain.front = 0;
    plain.refined = false;
    return choose_partition(plain, experiment_.devices, job_.layers, {}, 0, {}, spec_.name).partition;
  }

  void add_front(const std::vector<SearchPoint>& points, ModelResults& model) const {
    for (const SearchPoint& point : points) {
      const std::set<double> different(point.thresholds.begin(), point.thresholds.end());
      model.partition.front.thresholds.push_back(
          different.size() == 1 ? *different.begin() : std::numeric_limits<double>::quiet_NaN());
      model.partition.front.bytes.push_back(point.bytes);
      model.partition.front.accuracy.push_back(point.accuracy);
      model.partition.front.on_front.push_back(point.on_front ? 1 : 0);
    }
    if (!points.empty()) model.partition.front.failed = spec_.front_failed();
  }

 private:
  const CuttingJob& job_;
  const CutExperimentSpec& experiment_;
  const CutModelSpec& spec_;
  const ExperimentResults& e_;
};

void judge(Results& results) {
  const bool failed = !failed_run_lines(results).empty();
  if (failed) results.text["status"] = failed_runs_status;
  results.valid = !failed;  // verify() sees the file as it will be
  const std::vector<std::string> reasons = verify(results);
  results.valid = reasons.empty() && !failed;
  if (failed) results.invalid_reasons = failed_runs_reason(results);
  for (const std::string& reason : reasons)
    results.invalid_reasons += (results.invalid_reasons.empty() ? "" : "; ") + reason;
}

}  // namespace

void SweptCounts::resize(const CuttingJob& job) {
  models.clear();
  first_.assign(1, 0);
  for (std::int64_t run = 0; run < job.spec.runs; ++run) {
    for (const CutExperimentSpec& experiment : job.spec.experiments) {
      for (std::size_t m = 0; m < experiment.models.size(); ++m)
        models.push_back({std::vector<std::int64_t>(std::size_t{1} << experiment.devices, 0), 0});
      if (run == 0) first_.push_back(models.size());
    }
  }
}

SweptModel& SweptCounts::at(std::int64_t run, std::size_t experiment, std::size_t model) {
  return models.at(static_cast<std::size_t>(run) * first_.back() + first_.at(experiment) + model);
}

std::vector<std::int64_t> neurons_held(const Partition& partition) {
  std::vector<std::int64_t> held;
  for (const std::vector<Neurons>& parts : partition.neurons) {
    held.push_back(0);
    for (const Neurons& part : parts) held.back() += static_cast<std::int64_t>(part.size());
  }
  return held;
}

std::vector<std::int64_t> bytes_held(const Partition& partition, const std::vector<CutLayer>& layers) {
  std::vector<std::int64_t> bytes;
  for (int d = 0; d < partition.devices; ++d) bytes.push_back(device_bytes(partition, layers, d));
  return bytes;
}

Results cutting_results(const CuttingJob& job,
                        const std::vector<std::vector<std::vector<ChosenPartition>>>& chosen,
                        SweptCounts& counts, const StudyFacts& facts) {
  Results results = frame(job, facts);
  const DatasetSummary data = summary_of(job);
  for (std::size_t e = 0; e < job.spec.experiments.size(); ++e) {
    const CutExperimentSpec& experiment = job.spec.experiments[e];
    results.experiments.push_back(empty_experiment(job, experiment, data));
    ExperimentResults& into = results.experiments.back();
    for (std::size_t m = 0; m < experiment.models.size(); ++m) {
      const ModelFiller filler(job, experiment, experiment.models[m], into);
      const auto good =
          std::find_if(chosen.begin(), chosen.end(), [&](const auto& run) { return run[e][m].good(); });
      const bool any = good != chosen.end();
      ModelResults model = filler.describe(any ? (*good)[e][m].partition : filler.stand_in());
      for (std::int64_t run = 0; run < job.spec.runs; ++run) {
        const auto row = static_cast<std::size_t>(run);
        if (chosen[row][e][m].good()) {
          filler.add_run(chosen[row][e][m], counts.at(run, e, m), counts.networks[row], model);
        } else {
          filler.add_failed_run(run, chosen[row][e][m], model);
        }
      }
      if (any) filler.add_front((*good)[e][m].front, model);
      into.models.push_back(std::move(model));
    }
  }
  judge(results);
  return results;
}

}  // namespace deepfog
