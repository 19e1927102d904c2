#include "cutting/choose.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "partition/baselines.hpp"

namespace deepfog {
namespace {

// Of a layer's way from everything to the least. With half as many, three scores together were no better than
// one alone on CIFAR-10; more take longer and find little more.
constexpr int kEvaluations = 256, kNotches = 12;

std::string megabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f MB", double(bytes) / 1e6);
  return text;
}

/// The least that any point takes, for the message.
std::string least(const SearchResult& result) {
  std::int64_t bytes = -1;
  for (const SearchPoint& point : result.points)
    bytes = bytes < 0 ? point.bytes : std::min(bytes, point.bytes);
  return "at least " + megabytes(bytes);
}

std::string highest(const SearchResult& result) {
  double accuracy = 0;
  for (const SearchPoint& point : result.points) accuracy = std::max(accuracy, point.accuracy);
  char text[48];
  std::snprintf(text, sizeof text, "at most %.4f", accuracy);
  return text;
}

std::vector<double> thresholds_of(const CutModelSpec& model, const ThresholdSearch& search,
                                  const std::vector<CutLayer>& layers, const AccuracyWith& accuracy,
                                  const std::string& where) {
  if (!model.thresholds.empty()) {
    if (model.thresholds.size() == layers.size()) return model.thresholds;
    return std::vector<double>(layers.size(), model.thresholds.front());
  }
  if (model.accuracy > 0) {
    const SearchResult found = search.for_accuracy(model.accuracy, accuracy(model.failed));
    if (found.best < 0) throw UserError(where + " accuracy", "is not reached", highest(found));
    return found.points[static_cast<std::size_t>(found.best)].thresholds;
  }
  const std::int64_t budget = budget_bytes(model, layers);
  const SearchResult found = model.refined
                                 ? search.refined(budget, accuracy(model.failed), kEvaluations, kNotches)
                                 : search.for_memory(budget);
  if (found.best < 0)
    throw UserError(where + " memory", megabytes(budget) + " a device are too few", least(found));
  return found.points[static_cast<std::size_t>(found.best)].thresholds;
}

}  // namespace

std::int64_t budget_bytes(const CutModelSpec& model, const std::vector<CutLayer>& layers) {
  if (model.memory_share <= 0) return model.memory_bytes;
  return static_cast<std::int64_t>(
      std::floor(model.memory_share * static_cast<double>(replicated_bytes(layers))));
}

void check_budget(const CutModelSpec& model, int devices, const std::vector<CutLayer>& layers,
                  const std::string& where) {
  const std::int64_t budget = budget_bytes(model, layers);
  const std::int64_t least = largest_device_bytes(lop_partition(layers, devices), layers);
  if (budget == 0 || budget >= least) return;
  throw UserError(where + " memory", megabytes(budget) + " a device are too few",
                  "at least " + megabytes(least) + ", what lop takes");
}

ChosenPartition choose_partition(const CutModelSpec& model, int devices, const std::vector<CutLayer>& layers,
                                 const Scores& scores, std::uint64_t seed, const AccuracyWith& accuracy,
                                 const std::string& where) {
  ChosenPartition chosen;
  if (model.method == "lop") chosen.partition = lop_partition(layers, devices);
  if (model.method == "cdc") chosen.partition = cdc_partition(layers, devices);
  if (model.method == "replicated") chosen.partition = replicated_partition(layers, devices);
  if (model.method == "random") chosen.partition = random_partition(layers, devices, seed);
  if (model.method == "robustdice") {
    const ThresholdSearch search(normalised(scores, model.normalisation, model.use), layers, devices);
    chosen.thresholds = thresholds_of(model, search, layers, accuracy, where);
    chosen.partition = search.partition(chosen.thresholds);
    if (model.front > 0) {
      const AccuracyOf of_front = accuracy(model.front_failed());
      chosen.front = search.front(search.outcomes(-1, model.front), of_front).points;
      chosen.front.push_back(search.point(chosen.thresholds, of_front));
      mark_front(chosen.front);
    }
  }
  check_partition(chosen.partition, layers, where);
  return chosen;
}

}  // namespace deepfog
