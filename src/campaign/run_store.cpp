#include "campaign/run_store.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "campaign/borrowed_weights.hpp"
#include "campaign/dataset_cache.hpp"
#include "campaign/paths.hpp"
#include "core/error.hpp"
#include "models/exit_outcome.hpp"

namespace deepfog {
namespace {

void accumulate(std::vector<std::int64_t>& sum, const std::vector<std::int64_t>& part) {
  if (sum.empty()) sum.resize(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

}  // namespace

RunStore::RunStore(const CampaignSpec& spec, const Plan& plan, std::vector<DatasetSummary> datasets,
                   RecordLog& journal)
    : spec_(spec), plan_(plan), datasets_(std::move(datasets)), journal_(journal) {
  for (const Task& task : plan.tasks) {
    RunRecord& run = runs_[task.key];
    if (task.kind != TaskKind::training) ++run.sweeps_left;
  }
}

const ModelSpec& RunStore::model(const RunKey& key) const {
  return spec_.experiments.at(static_cast<std::size_t>(key.experiment))
      .models.at(static_cast<std::size_t>(key.model));
}

void RunStore::check(const Task& task, const TrainedModel& result) const {
  const std::string where = describe(spec_, task);
  std::int64_t values = 0;
  for (const NamedTensor& tensor : result.weights) values += static_cast<std::int64_t>(tensor.values.size());
  if (task.kind != TaskKind::training) throw Failure(where + ": a training's result came for a sweep");
  if (values != value_count(model(task.key).topology)) {
    throw Failure(where + ": " + std::to_string(values) + " values came back, the topology has " +
                  std::to_string(value_count(model(task.key).topology)));
  }
  if (!(result.validation_accuracy >= 0 && result.validation_accuracy <= 1)) {
    throw Failure(where + ": validation accuracy " + std::to_string(result.validation_accuracy));
  }
  if (result.normalisation.empty() != (model(task.key).training.normalise == "none")) {
    throw Failure(where + ": normalise = " + model(task.key).training.normalise + ", but " +
                  std::to_string(result.normalisation.centre.size()) + " features came back normalised");
  }
}

WeightsOrigin RunStore::origin(const RunKey& key, const TrainedModel& result) const {
  const auto e = static_cast<std::size_t>(key.experiment);
  const DatasetSummary& data = datasets_.at(e);
  WeightsOrigin origin;
  origin.experiment = spec_.experiments.at(e).name;
  origin.model = model(key).name;
  origin.topology_text = model(key).topology.text();
  origin.run = key.run;
  origin.dataset = data.name;
  origin.data_origin = data.origin;
  origin.data_sha256 = data.content_sha256;
  origin.split = data.split;
  origin.guess = spec_.experiments.at(e).guess;
  origin.guess_probabilities = data.guess_probabilities;
  origin.normalisation = result.normalisation;
  return origin;
}

void RunStore::check(const Task& task, const SweepCounts& counts) const {
  const std::string where = describe(spec_, task);
  const Topology& topology = model(task.key).topology;
  const ModelForm& form = plan_.form_of(task.key);
  const bool by_class = form.form == TableForm::classes;
  const auto rows = by_class ? static_cast<std::size_t>(form.diagram->last_classes()) + 1
                             : std::size_t{1} << topology.failing();
  const bool confusion = spec_.confusion && !by_class;
  const auto classes = static_cast<std::size_t>(topology.classes());
  if (task.kind != TaskKind::sweep) throw Failure(where + ": a sweep's result came for a training");
  if (counts.samples != task.end - task.begin || counts.correct.size() != rows ||
      counts.confusion.size() != (confusion ? rows * classes * classes : 0)) {
    throw Failure(where + ": counts of the wrong size");
  }
  const bool right = keeps_sample_hits(task.key);
  if (counts.right.rows() != (right ? form.outcomes : 0) ||
      counts.right.samples() != (right ? counts.samples : 0)) {
    throw Failure(where + ": bits of the samples of the wrong size");
  }
  const std::size_t exits = topology.exits().size(), heads = exits == 0 ? 0 : topology.heads().size(),
                    grid = threshold_grid().size();
  const auto& lists = lists_of(counts.exits);
  const std::array<std::size_t, 5> sizes{rows * exits, rows * exits, rows * grid * exits, rows * grid * exits,
                                         rows * heads};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (lists[i]->size() != sizes[i] || counts.exits.thresholds.size() != exits)
      throw Failure(where + ": counts of exits of the wrong size");
  }
  std::vector<const std::vector<std::int64_t>*> all{&counts.correct, &counts.confusion};
  all.insert(all.end(), lists.begin(), lists.end());
  for (const auto* list : all) {
    for (const std::int64_t count : *list) {
      if (count < 0 || count > counts.samples)
        throw Failure(where + ": impossible count " + std::to_string(count));
    }
  }
}

bool RunStore::keeps_sample_hits(const RunKey& key) const {
  return deepfog::keeps_sample_hits(spec_, plan_.form_of(key),
                                    datasets_.at(static_cast<std::size_t>(key.experiment)).test_samples);
}

void RunStore::check(const Task& task, const LargeDiagramResult& result) const {
  const std::string where = describe(spec_, task);
  const auto& reliability = spec_.experiments.at(static_cast<std::size_t>(task.key.experiment)).reliability;
  if (task.kind != TaskKind::bounds) throw Failure(where + ": bounds came for another kind of task");
  if (result.settings.size() != reliability.size()) throw Failure(where + ": bounds of the wrong size");
  for (const LargeDiagramResult::Setting& setting : result.settings) {
    const bool ordered = 0 <= setting.lower && setting.lower <= setting.average &&
                         setting.average <= setting.upper && setting.upper <= 1;
    if (!ordered || !(setting.explored >= 0 && setting.explored <= 1)) {
      throw Failure(where + ": impossible bounds " + std::to_string(setting.lower) + " to " +
                    std::to_string(setting.upper));
    }
  }
}

const RunRecord& RunStore::run(const RunKey& key) const {
  static const RunRecord none;
  const auto entry = runs_.find(key);
  return entry == runs_.end() ? none : entry->second;
}

void RunStore::take(const record::Training& training) {
  RunRecord& run = runs_.at(training.key);
  run.trained = true;
  run.training = training;
  const ExperimentSpec& experiment = spec_.experiments.at(static_cast<std::size_t>(training.key.experiment));
  for (const std::int32_t other : models_on_weights_of(experiment, model(training.key).name)) {
    RunRecord& borrower = runs_.at({training.key.experiment, other, training.key.run});
    borrower.trained = true;
    borrower.training = training;
    borrower.training.seconds = 0;  // nobody's time is counted twice
  }
}

void RunStore::take(const record::Sweep& sweep) {
  RunRecord& run = runs_.at(sweep.key);
  accumulate(run.correct, sweep.counts.correct);
  accumulate(run.confusion, sweep.counts.confusion);
  run.exits.thresholds = sweep.counts.exits.thresholds;
  const auto to = lists_of(run.exits);
  const auto from = lists_of(sweep.counts.exits);
  for (std::size_t i = 0; i < to.size(); ++i) accumulate(*to[i], *from[i]);
  if (!sweep.counts.right.empty()) {
    if (run.right.empty())
      run.right = SampleHits(sweep.counts.right.rows(),
                             datasets_.at(static_cast<std::size_t>(sweep.key.experiment)).test_samples);
    run.right.place(sweep.counts.right, sweep.begin);
  }
  run.sweep_seconds += sweep.seconds;
  --run.sweeps_left;
}

void RunStore::take(const record::Bounds& bounds) {
  RunRecord& run = runs_.at(bounds.key);
  run.large_diagram = bounds.result;
  run.sweep_seconds += bounds.seconds;
  --run.sweeps_left;
}

void RunStore::take(const record::FailedTask& failed) {
  const char* const what = failed.kind == TaskKind::training ? "training: "
                           : failed.kind == TaskKind::sweep  ? "sweep: "
                                                             : "bounds: ";
  const auto note = [&](const RunKey& key, const std::string& whose) {
    std::string& failure = runs_.at(key).failure;
    if (failure.empty()) failure = whose + what + failed.reason;
  };
  note(failed.key, "");
  if (failed.kind != TaskKind::training) return;
  const ExperimentSpec& experiment = spec_.experiments.at(static_cast<std::size_t>(failed.key.experiment));
  const std::string& owner = model(failed.key).name;
  for (const std::int32_t other : models_on_weights_of(experiment, owner))
    note({failed.key.experiment, other, failed.key.run}, "model " + owner + ", whose weights it takes: ");
}

void RunStore::add_failure(int task, const std::string& reason, TaskFailure kind) {
  const Task& what = plan_.tasks.at(static_cast<std::size_t>(task));
  const record::FailedTask failed{what.key, what.kind, what.begin, what.end, kind, reason};
  journal_.append(record::encode(failed));
  take(failed);
}

void RunStore::add_training(int task, const TrainedModel& result) {
  const Task& what = plan_.tasks.at(static_cast<std::size_t>(task));
  check(what, result);
  record::Training training;
  training.key = what.key;
  training.validation_accuracy = result.validation_accuracy;
  training.best_epoch = result.best_epoch;
  training.null_batches = result.null_batches;
  training.seconds = result.seconds;
  {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    training.weights_sha256 =
        save_weights(weights_path(spec_, what.key), result.weights, origin(what.key, result));
  }
  journal_.append(record::encode(training));
  take(training);
}

void RunStore::add_sweep(int task, SweepCounts counts, double seconds) {
  const Task& what = plan_.tasks.at(static_cast<std::size_t>(task));
  check(what, counts);
  const record::Sweep sweep{what.key,          what.begin, what.end, run(what.key).training.weights_sha256,
                            std::move(counts), seconds};
  journal_.append(record::encode(sweep));
  take(sweep);
}

void RunStore::add_bounds(int task, LargeDiagramResult result, double seconds) {
  const Task& what = plan_.tasks.at(static_cast<std::size_t>(task));
  check(what, result);
  const record::Bounds bounds{what.key, run(what.key).training.weights_sha256, std::move(result), seconds};
  journal_.append(record::encode(bounds));
  take(bounds);
}

Weights RunStore::weights(const RunKey& key) const {
  const std::lock_guard<std::mutex> turn(storage_mutex());
  Weights weights = load_weights(weights_path(spec_, key));
  if (checksum(weights) != run(key).training.weights_sha256) {
    throw Failure(weights_path(spec_, key) + ": changed while the campaign runs");
  }
  return weights;
}

}  // namespace deepfog
