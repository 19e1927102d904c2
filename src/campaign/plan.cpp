#include "campaign/plan.hpp"

#include <algorithm>
#include <cmath>

namespace deepfog {
namespace {

double training_cost(const ModelSpec& model, std::int64_t train_samples) {
  const TrainingSpec& training = model.training;
  const std::int64_t samples =
      training.max_train_samples > 0 ? std::min(training.max_train_samples, train_samples) : train_samples;
  // Forward, gradient of the inputs, gradient of the weights; a multiplication and an addition a parameter.
  return 6.0 * static_cast<double>(parameter_count(model.topology)) * static_cast<double>(samples) *
         static_cast<double>(training.epochs);
}

double sweep_cost(const ModelSpec& model, std::int64_t samples) {
  return 2.0 * static_cast<double>(parameter_count(model.topology)) * static_cast<double>(samples) *
         std::ldexp(1.0, model.topology.failing());
}

}  // namespace

int Plan::training_of(int unit) const {
  int training = unit;
  while (units[static_cast<std::size_t>(training)].kind != UnitKind::training) --training;
  return training;
}

std::vector<std::pair<std::int64_t, std::int64_t>> sweep_blocks(std::int64_t samples, std::int64_t block) {
  constexpr std::int64_t shortest_tail = 64;
  std::vector<std::pair<std::int64_t, std::int64_t>> blocks;
  for (std::int64_t begin = 0; begin < samples; begin += block) {
    const std::int64_t end = std::min(begin + block, samples);
    if (!blocks.empty() && end - begin < shortest_tail) {
      blocks.back().second = end;
    } else {
      blocks.emplace_back(begin, end);
    }
  }
  return blocks;
}

std::int64_t parameter_count(const Topology& topology) {
  std::int64_t count = 0;
  for (const Stage& stage : topology.stages()) {
    std::int64_t width = stage.expansion_width;
    for (const Layer& layer : stage.layers) {
      count += (width + 1) * layer.width;
      width = layer.width;
    }
    for (const int link : stage.incoming) {
      const Hyperconnection& hyperconnection = topology.hyperconnections()[static_cast<std::size_t>(link)];
      if (hyperconnection.expansion == Expansion::linear)
        count += hyperconnection.width * stage.expansion_width;
    }
  }
  return count;
}

Plan make_plan(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets) {
  Plan plan;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    const auto blocks = sweep_blocks(datasets[e].test_samples, spec.sweep_block);
    for (std::size_t m = 0; m < spec.experiments[e].models.size(); ++m) {
      const ModelSpec& model = spec.experiments[e].models[m];
      for (std::int64_t run = 0; run < spec.runs; ++run) {
        const RunKey key{static_cast<std::int32_t>(e), static_cast<std::int32_t>(m), run};
        plan.units.push_back(
            {UnitKind::training, key, 0, 0, training_cost(model, datasets[e].train_samples)});
        for (const auto& [begin, end] : blocks) {
          plan.units.push_back({UnitKind::sweep, key, begin, end, sweep_cost(model, end - begin)});
        }
      }
    }
  }
  return plan;
}

std::string describe(const CampaignSpec& spec, const Unit& unit) {
  const ExperimentSpec& experiment = spec.experiments[static_cast<std::size_t>(unit.key.experiment)];
  return "experiment " + experiment.name + ", model " +
         experiment.models[static_cast<std::size_t>(unit.key.model)].name + ", run " +
         std::to_string(unit.key.run) + ", " +
         (unit.kind == UnitKind::training ? "training"
                                          : "sweep of test samples " + std::to_string(unit.begin) + " to " +
                                                std::to_string(unit.end - 1));
}

}  // namespace deepfog
