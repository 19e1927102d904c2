#include "campaign/work.hpp"

#include "campaign/campaign.hpp"
#include "core/seed.hpp"

namespace deepfog {

std::uint64_t unit_seed(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                        std::int64_t run) {
  return derive_seed(spec.seed, experiment.name, model.name, run, "train");
}

void CampaignWork::begin() {
  set_threads(spec_.threads_per_rank);
}

TrainedModel CampaignWork::train(const Unit& unit, const EpochCallback& after_epoch) {
  const ExperimentSpec& experiment = spec_.experiments.at(static_cast<std::size_t>(unit.key.experiment));
  const ModelSpec& model = experiment.models.at(static_cast<std::size_t>(unit.key.model));
  const auto dataset = datasets_.get(unit.key.experiment, model.training.normalise);
  return deepfog::train(model.topology, *dataset, model.training,
                        unit_seed(spec_, experiment, model, unit.key.run), after_epoch);
}

SweepCounts CampaignWork::sweep(const Unit& unit, const Weights& weights) {
  const ModelSpec& model = spec_.experiments.at(static_cast<std::size_t>(unit.key.experiment))
                               .models.at(static_cast<std::size_t>(unit.key.model));
  const auto dataset = datasets_.get(unit.key.experiment, model.training.normalise);
  if (unit.begin < 0 || unit.end > dataset->test.size() || unit.begin >= unit.end) {
    throw Failure("test samples " + std::to_string(unit.begin) + " to " + std::to_string(unit.end) +
                  " are asked for, this rank's data set has " + std::to_string(dataset->test.size()));
  }
  const auto columns = match_sources(model.topology, *dataset, model.topology_path);
  const SampleView samples = view(dataset->test, unit.begin, unit.end);
  return spec_.engine == "reference"
             ? sweep_reference(model.topology, columns, weights, samples, spec_.confusion)
             : sweep_diagram(model.topology, columns, weights, samples, spec_.confusion, spec_.memory_bytes);
}

}  // namespace deepfog
