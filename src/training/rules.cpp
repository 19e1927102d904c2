#include "training/rules.hpp"

#include "core/error.hpp"

namespace deepfog {

void check_training(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec) {
  if (spec.training != "standard" && spec.training != "failout") {
    throw UserError("training", "unknown '" + spec.training + "'", "standard, failout");
  }
  if (spec.training == "failout" && static_cast<int>(spec.failout_rates.size()) != topology.failing()) {
    throw UserError("failout_rates", std::to_string(spec.failout_rates.size()) + " rates",
                    "one for each of the " + std::to_string(topology.failing()) + " nodes that can fail");
  }
  if (dataset.train.size() == 0 || dataset.validation.size() == 0) {
    throw UserError(dataset.name, "no training or no validation samples in split '" + dataset.split + "'");
  }
  if (spec.batch_size < 1 || spec.epochs < 1) {
    throw UserError("training", "batch_size and epochs must be at least 1");
  }
}

std::vector<float> class_weights(const Dataset& dataset, const std::string& how) {
  if (how == "none") return {};
  if (how != "balanced") throw UserError("class_weights", "unknown '" + how + "'", "none, balanced");
  std::vector<double> count(dataset.classes(), 0.0);
  for (std::int64_t label : dataset.train.labels) count[label] += 1.0;
  std::vector<float> weights(count.size(), 0.0F);
  for (std::size_t c = 0; c < count.size(); ++c) {
    if (count[c] == 0) continue;
    weights[c] = static_cast<float>(double(dataset.train.size()) / (double(count.size()) * count[c]));
  }
  return weights;
}

std::vector<std::int64_t> training_subset(const TrainingSpec& spec, std::int64_t samples,
                                          std::uint64_t seed) {
  std::vector<std::int64_t> subset =
      RandomStream(derive_seed(seed, "", "", 0, "subset")).permutation(samples);
  if (spec.max_train_samples > 0 && spec.max_train_samples < samples) subset.resize(spec.max_train_samples);
  return subset;
}

Combination draw_combination(const TrainingSpec& spec, int n, RandomStream& stream) {
  Combination combination = all_alive(n) & ~spec.without;
  if (spec.training == "standard") return combination;
  for (int i = 0; i < n; ++i) {
    if (stream.uniform() < spec.failout_rates[i]) combination &= ~(Combination{1} << i);
  }
  return combination;
}

}  // namespace deepfog
