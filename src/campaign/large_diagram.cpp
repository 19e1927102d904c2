#include "campaign/large_diagram.hpp"

#include <algorithm>

#include "core/seed.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "evaluation/sweep.hpp"
#include "resilience/bounds.hpp"
#include "resilience/sampling.hpp"

namespace deepfog {
namespace {

BoundsTarget target_of(const LargeDiagramSpec& large_diagram) {
  BoundsTarget target;
  target.width = large_diagram.bound_width;
  target.combinations = target.classes = large_diagram.max_combinations;
  return target;
}

LargeDiagramResult::Setting bounded(const SettingBounds& bounds) {
  const double lower = std::max(0.0, bounds.lower), upper = std::min(1.0, std::max(lower, bounds.upper));
  return {lower, upper, (lower + upper) / 2, std::clamp(bounds.explored, 0.0, 1.0), method_bounds};
}

LargeDiagramResult::Setting sampled(const SampledAverage& average) {
  LargeDiagramResult::Setting result{average.lower, average.upper, average.estimate, 0, method_sampling};
  for (const Stratum& stratum : average.strata) {
    if (stratum.use == StratumUse::exact) result.explored += stratum.mass;
  }
  result.explored = std::min(1.0, result.explored);
  return result;
}

}  // namespace

std::vector<char> settings_that_close(const CampaignSpec& spec, const ExperimentSpec& experiment,
                                      const ModelSpec& model) {
  std::vector<char> close(experiment.reliability.size(), 0);
  if (spec.large_diagram.policy != "bounds") return close;
  // Which combinations are taken does not depend on accuracies: any will do.
  ClassAccuracies any(
      model.topology, 0, [](const std::vector<StageClasses>& stages, const std::vector<std::int64_t>& known) {
        return std::vector<double>(static_cast<std::size_t>(stages.back().count - known.back()));
      });
  const BoundsResult all = bound_averages(experiment.reliability, target_of(spec.large_diagram), any);
  for (std::size_t i = 0; i < close.size(); ++i) close[i] = all.settings[i].closed ? 1 : 0;
  return close;
}

LargeDiagramResult look_large_diagram(const CampaignSpec& spec, const ExperimentSpec& experiment,
                                      const ModelSpec& model, const Dataset& dataset, const TestSamples& test,
                                      const Weights& weights, const std::vector<char>& close,
                                      std::int64_t run, const Device& device) {
  const auto columns = match_sources(model.topology, dataset, model.topology_path);
  const double guess = guess_accuracy(dataset, guess_probabilities(dataset, experiment.guess));
  ClassAccuracies accuracies(
      model.topology, guess,
      [&](const std::vector<StageClasses>& stages, const std::vector<std::int64_t>& known) {
        std::vector<double> values(static_cast<std::size_t>(stages.back().count - known.back()), 0.0);
        test([&](const SampleView& samples) {
          const std::vector<std::int64_t> correct = sweep_new_classes(
              model.topology, columns, weights, samples, stages, known.back(), spec.memory_bytes, device);
          for (std::size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(correct[i]);
        });
        for (double& value : values) value /= static_cast<double>(dataset.test.size());
        return values;
      });
  NamedReliability settings;
  for (std::size_t i = 0; i < close.size(); ++i) {
    if (close[i] != 0) settings.push_back(experiment.reliability[i]);
  }
  LargeDiagramResult result;
  result.settings.resize(close.size());
  std::vector<char> open(close.size(), 1);
  if (!settings.empty()) {
    const BoundsResult bounds = bound_averages(settings, target_of(spec.large_diagram), accuracies);
    result.combinations += bounds.combinations;
    for (std::size_t i = 0, j = 0; i < close.size(); ++i) {
      if (close[i] == 0) continue;
      if (bounds.settings[j].closed) {
        result.settings[i] = bounded(bounds.settings[j]);
        open[i] = 0;
      }
      ++j;
    }
  }
  for (std::size_t i = 0; i < close.size(); ++i) {
    if (open[i] == 0) continue;
    SamplingSpec sampling;
    sampling.budget = spec.large_diagram.sampling_draws;
    sampling.seed = derive_seed(spec.seed, experiment.name, model.seed_name(), run,
                                "sampling " + experiment.reliability[i].first);
    const SampledAverage average =
        sample_average(experiment.reliability[i].second, sampling,
                       [&](const std::vector<Combination>& asked) { return accuracies.of(asked); });
    result.combinations += average.combinations;
    result.settings[i] = sampled(average);
  }
  return result;
}

}  // namespace deepfog
