#include "campaign/work.hpp"

#include <utility>

#include "campaign/campaign.hpp"
#include "core/seed.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "training/together.hpp"

namespace deepfog {

std::uint64_t unit_seed(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                        std::int64_t run) {
  return derive_seed(spec.seed, experiment.name, model.seed_name(), run, "train");
}

BeyondResult Work::bound(const Unit&, const Weights&) {
  throw Failure("bounds are asked for where nobody makes them");
}

void CampaignWork::begin() {
  set_threads(spec_.threads_per_rank);
}

const ExperimentSpec& CampaignWork::experiment(const Unit& unit) const {
  return spec_.experiments.at(static_cast<std::size_t>(unit.key.experiment));
}

const ModelSpec& CampaignWork::model(const Unit& unit) const {
  return experiment(unit).models.at(static_cast<std::size_t>(unit.key.model));
}

const ModelForm& CampaignWork::form(const ModelSpec& model) {
  const auto [entry, unknown] = forms_.try_emplace(model.topology.text());
  if (unknown) entry->second = form_of(spec_, model);
  return entry->second;
}

TrainedModel CampaignWork::train(const Unit& unit, const EpochCallback& after_epoch) {
  const ModelSpec& what = model(unit);
  const auto dataset = datasets_.get(unit.key.experiment, what.training.normalise);
  const std::uint64_t seed = unit_seed(spec_, experiment(unit), what, unit.key.run);
  TrainedModel model;
  if (spec_.trainer != "fused") {
    model = deepfog::train(what.topology, *dataset, what.training, seed, after_epoch, device_);
  } else {
    // A run depends on its seed alone, so runs that are claimed one by one are what they would be together.
    const auto after = [&](std::size_t, std::int64_t epoch, double loss, double validation) {
      return after_epoch(epoch, loss, validation);
    };
    model = std::move(train_together(what.topology, *dataset, what.training, {seed}, after).front());
  }
  model.normalisation = datasets_.normalisation(unit.key.experiment, what.training.normalise);
  return model;
}

SweepCounts CampaignWork::sweep(const Unit& unit, const Weights& weights) {
  const ModelSpec& what = model(unit);
  const auto dataset = datasets_.get(unit.key.experiment, what.training.normalise);
  if (unit.begin < 0 || unit.end > dataset->test.size() || unit.begin >= unit.end) {
    throw Failure("test samples " + std::to_string(unit.begin) + " to " + std::to_string(unit.end) +
                  " are asked for, this rank's data set has " + std::to_string(dataset->test.size()));
  }
  const auto columns = match_sources(what.topology, *dataset, what.topology_path);
  const bool right = keeps_right(spec_, form(what), dataset->test.size());
  SweepCounts counts;
  datasets_.for_test_samples(unit.key.experiment, what.training.normalise, unit.begin, unit.end,
                             [&](const SampleView& samples) {
                               deepfog::add(counts, sweep_samples(what, columns, weights, samples, right));
                             });
  return counts;
}

SweepCounts CampaignWork::sweep_samples(const ModelSpec& model, const std::vector<Columns>& columns,
                                        const Weights& weights, const SampleView& samples, bool right) {
  const SweepDetail detail(spec_.confusion, right);
  if (!model.topology.is_dense() && spec_.engine != "reference")
    return sweep_stages(model.topology, columns, weights, samples, detail, spec_.memory_bytes, device_);
  if (model.topology.failing() > spec_.table_nodes)
    return sweep_classes(model, columns, weights, samples, right);
  return spec_.engine == "reference"
             ? sweep_reference(model.topology, columns, weights, samples, detail, device_)
             : sweep_diagram(model.topology, columns, weights, samples, detail, spec_.memory_bytes);
}

SweepCounts CampaignWork::sweep_classes(const ModelSpec& model, const std::vector<Columns>& columns,
                                        const Weights& weights, const SampleView& samples, bool right) {
  const ModelForm& table = form(model);
  if (!table.diagram) {
    throw Failure(model.topology_path + ": a sweep was asked for, but its diagram is too large");
  }
  DiagramSweep sweep(model.topology, columns, weights, table.diagram->stages(), {false, right},
                     spec_.memory_bytes);
  sweep.add(samples);
  SweepCounts counts;
  counts.correct = sweep.counts().correct;
  counts.right = sweep.counts().right;
  counts.samples = samples.size;
  return counts;
}

BeyondResult CampaignWork::bound(const Unit& unit, const Weights& weights) {
  const ModelSpec& what = model(unit);
  const auto dataset = datasets_.get(unit.key.experiment, what.training.normalise);
  const auto [entry, unknown] = close_.try_emplace({unit.key.experiment, unit.key.model});
  if (unknown) entry->second = settings_that_close(spec_, experiment(unit), what);
  const TestSamples all = [&](const std::function<void(const SampleView&)>& use) {
    datasets_.for_test_samples(unit.key.experiment, what.training.normalise, 0, dataset->test.size(), use);
  };
  return look_beyond(spec_, experiment(unit), what, *dataset, all, weights, entry->second, unit.key.run);
}

}  // namespace deepfog
