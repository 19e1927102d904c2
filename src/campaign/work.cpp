#include "campaign/work.hpp"

#include <utility>

#include "campaign/campaign.hpp"
#include "core/seed.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "training/fused_trainer.hpp"

namespace deepfog {

std::uint64_t task_seed(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                        std::int64_t run) {
  return derive_seed(spec.seed, experiment.name, model.seed_name(), run, "train");
}

LargeDiagramResult Work::bound(const Task&, const Weights&) {
  throw Failure("bounds are asked for where nobody makes them");
}

void CampaignWork::begin() {
  set_threads(spec_.threads_per_rank);
}

const ExperimentSpec& CampaignWork::experiment(const Task& task) const {
  return spec_.experiments.at(static_cast<std::size_t>(task.key.experiment));
}

const ModelSpec& CampaignWork::model(const Task& task) const {
  return experiment(task).models.at(static_cast<std::size_t>(task.key.model));
}

const ModelForm& CampaignWork::form(const ModelSpec& model) {
  const auto [entry, unknown] = forms_.try_emplace(model.topology.text());
  if (unknown) entry->second = form_of(spec_, model);
  return entry->second;
}

TrainedModel CampaignWork::train(const Task& task, const EpochCallback& after_epoch) {
  const ModelSpec& what = model(task);
  const auto dataset = datasets_.get(task.key.experiment, what.training.normalise);
  const std::uint64_t seed = task_seed(spec_, experiment(task), what, task.key.run);
  TrainedModel model;
  if (spec_.trainer != "fused") {
    model = deepfog::train(what.topology, *dataset, what.training, seed, after_epoch, device_);
  } else {
    // A run depends on its seed alone, so runs that are claimed one by one are what they would be together.
    const auto after = [&](std::size_t, std::int64_t epoch, double loss, double validation) {
      return after_epoch(epoch, loss, validation);
    };
    model = std::move(train_fused(what.topology, *dataset, what.training, {seed}, after).front());
  }
  model.normalisation = datasets_.normalisation(task.key.experiment, what.training.normalise);
  return model;
}

SweepCounts CampaignWork::sweep(const Task& task, const Weights& weights) {
  const ModelSpec& what = model(task);
  const auto dataset = datasets_.get(task.key.experiment, what.training.normalise);
  if (task.begin < 0 || task.end > dataset->test.size() || task.begin >= task.end) {
    throw Failure("test samples " + std::to_string(task.begin) + " to " + std::to_string(task.end) +
                  " are asked for, this rank's data set has " + std::to_string(dataset->test.size()));
  }
  const auto columns = match_sources(what.topology, *dataset, what.topology_path);
  const bool right = keeps_sample_hits(spec_, form(what), dataset->test.size());
  SweepCounts counts;
  datasets_.for_test_samples(task.key.experiment, what.training.normalise, task.begin, task.end,
                             [&](const SampleView& samples) {
                               deepfog::add(counts, sweep_samples(what, columns, weights, samples, right));
                             });
  return counts;
}

SweepCounts CampaignWork::sweep_samples(const ModelSpec& model, const std::vector<Columns>& columns,
                                        const Weights& weights, const SampleView& samples, bool right) {
  const ModelForm& table = form(model);
  const bool listed = table.form == TableForm::combinations;
  const SweepDetail detail(spec_.confusion && listed, right);
  if (spec_.engine == "reference" && listed)
    return sweep_reference(model.topology, columns, weights, samples, detail, device_);
  if (!table.diagram)
    throw Failure(model.topology_path + ": a sweep was asked for, but its diagram is too large");
  DiagramSweep sweep(model.topology, columns, weights, table.diagram->stages(), detail, spec_.memory_bytes,
                     device_);
  sweep.add(samples);
  if (!listed) return sweep.counts();
  return by_combination(sweep.counts(), table.diagram->class_of_combination(), *table.outcome_rows);
}

LargeDiagramResult CampaignWork::bound(const Task& task, const Weights& weights) {
  const ModelSpec& what = model(task);
  const auto dataset = datasets_.get(task.key.experiment, what.training.normalise);
  const auto [entry, unknown] = close_.try_emplace({task.key.experiment, task.key.model});
  if (unknown) entry->second = settings_that_close(spec_, experiment(task), what);
  const TestSamples all = [&](const std::function<void(const SampleView&)>& use) {
    datasets_.for_test_samples(task.key.experiment, what.training.normalise, 0, dataset->test.size(), use);
  };
  return look_large_diagram(spec_, experiment(task), what, *dataset, all, weights, entry->second,
                            task.key.run, device_);
}

}  // namespace deepfog
