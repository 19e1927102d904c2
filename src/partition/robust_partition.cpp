#include "partition/robust_partition.hpp"

#include "core/error.hpp"

namespace deepfog {
namespace {

void check(const Scores& scores, const RobustSpec& spec, const std::string& where) {
  if (spec.devices < 1 || spec.devices > 64) {
    throw UserError(where, std::to_string(spec.devices) + " devices", "1 to 64");
  }
  if (spec.thresholds.size() != 1 && spec.thresholds.size() != scores.size()) {
    throw UserError(where, std::to_string(spec.thresholds.size()) + " thresholds",
                    "one, or one for each of " + std::to_string(scores.size()) + " layers");
  }
  for (const double threshold : spec.thresholds) {
    if (!(threshold >= 0)) {
      throw UserError(where, "threshold " + std::to_string(threshold), "0 or more");
    }
  }
  if (!spec.use[0] && !spec.use[1] && !spec.use[2]) {
    throw UserError(where, "no importance score is used", "at least one of s1, s2, s3");
  }
}

}  // namespace

Scores normalised(const Scores& scores, ScoreNormalisation normalisation,
                  const std::array<bool, kScores>& use) {
  Scores points;
  for (const LayerScores& layer : scores) points.push_back(normalised(layer, normalisation, use));
  return points;
}

Partition robust_partition(const Scores& scores, const RobustSpec& spec, const std::string& where) {
  check(scores, spec, where);
  std::vector<double> thresholds = spec.thresholds;
  thresholds.resize(scores.size(), thresholds.front());
  return partition_of_points(normalised(scores, spec.normalisation, spec.use), thresholds, spec.devices);
}

Partition partition_of_points(const Scores& points, const std::vector<double>& thresholds, int devices) {
  Partition partition{"robustdice", devices, -1, {}};
  for (std::size_t l = 0; l < points.size(); ++l) {
    partition.neurons.push_back(dealt(grouped(points[l], thresholds.at(l)), devices));
  }
  return partition;
}

}  // namespace deepfog
