#pragma once

#include <string>
#include <vector>

#include "partition/grouping.hpp"
#include "partition/partition.hpp"

namespace deepfog {

/// The scores of every neuron of every cut layer.
using Scores = std::vector<LayerScores>;

/// How Algorithm 1 of RobustDiCE compares and distributes neurons.
struct RobustSpec {
  int devices = 0;
  std::vector<double>
      thresholds;  ///< t of each layer, or one value for all; in units of the normalised scores
  ScoreNormalisation normalisation = ScoreNormalisation::zscore;
  std::array<bool, kScores> use{true, true, true};  ///< any non-empty subset of s1, s2, s3
};

/// Normalises the scores of each layer over the layer. Throws Failure for a score that is not finite.
Scores normalised(const Scores& scores, ScoreNormalisation normalisation,
                  const std::array<bool, kScores>& use);

/// Algorithm 1. A threshold of 0 puts every neuron on every device. A threshold above the largest distance
/// leaves at most devices - 1 replicas per layer, and no device holds more than with LOP's contiguous parts.
/// Throws UserError, which names `where`, if thresholds are negative, not numbers, or neither one nor one per
/// layer, if no scores are used, or if the number of devices is out of range; Failure for a score that is not
/// finite.
Partition robust_partition(const Scores& scores, const RobustSpec& spec, const std::string& where);

/// Steps 2 and 3 on scores that are already normalised.
/// @param thresholds  one per layer
Partition partition_of_points(const Scores& points, const std::vector<double>& thresholds, int devices);

}  // namespace deepfog
