#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"

namespace deepfog {

/// The number of importance scores of a neuron (RobustDiCE, Algorithm 1, lines 7 to 9): s1, s2, s3.
constexpr int kScores = 3;
using Score = std::array<double, kScores>;

/// The scores of every neuron of a layer.
using LayerScores = std::vector<Score>;

/// How scores of very different magnitudes are made comparable before distances are computed, which the paper
/// does not say. Applied to each score over the neurons of one layer.
enum class ScoreNormalisation {
  zscore,  ///< subtracts the mean and divides by the standard deviation: the default
  minmax,  ///< scales to [0, 1]
  none
};

/// Parses zscore, minmax or none. Throws UserError, which names `where`, for other words.
ScoreNormalisation score_normalisation_of(const std::string& word, const std::string& where);

/// @param use  which of s1, s2, s3 enter the distance; the others become zero, as does, except without
///             normalisation, a score that is equal for all neurons
/// Throws Failure for a score that is not finite.
LayerScores normalised(const LayerScores& scores, ScoreNormalisation normalisation,
                       const std::array<bool, kScores>& use);

/// Euclidean distance, Algorithm 1, line 15.
double distance(const Score& one, const Score& other);

/// Neurons of similar importance, in the order in which they joined.
using Group = std::vector<std::int64_t>;

/// Step 2 of Algorithm 1, lines 10 to 20: every group in turn absorbs each other group, in order, if the
/// largest distance between their neurons is below the threshold.
///
/// A group that has had its turn is never absorbed later: a group that it refused has a member at a distance
/// of `threshold` or more, and groups only grow. A group that has not had its turn is a single neuron. Each
/// group therefore examines only the single neurons behind it, and every pair is compared at most once:
/// O(n^2) distances in total.
///
/// The number of groups is not monotone in the threshold: {0, 1, -0.5, 1.5} gives two groups at 0.6 and three
/// at 1.1. No distance is below 0, so a threshold of 0 gives only groups of one neuron, even for equal
/// neurons.
std::vector<Group> grouped(const LayerScores& points, double threshold);

/// Step 3 of Algorithm 1, lines 21 to 28: each group is filled up with replicas of its members to a multiple
/// of the number of devices and dealt out, the j-th member (from 1) to device j mod `devices`. A group that
/// is smaller than the gap repeats its members cyclically and so gets exactly one place on every device. A
/// larger group of g neurons has at most one replica of a member, g places after it, and g is not a multiple
/// of `devices`: no device gets a neuron twice.
/// @return [device], ascending, all of the same size
std::vector<Neurons> dealt(const std::vector<Group>& groups, int devices);

}  // namespace deepfog
