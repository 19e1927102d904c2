#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"

namespace deepfog {

/// What makes a neuron important (RobustDiCE, Algorithm 1, lines 7 to 9): s1, s2, s3.
constexpr int kScores = 3;
using Score = std::array<double, kScores>;

/// Of every neuron of a layer.
using LayerScores = std::vector<Score>;

/// The paper does not say how scores of very different sizes are made comparable before they become a
/// distance. Over the neurons of one layer, score by score:
enum class ScoreNormalisation {
  zscore,  ///< less the mean, over the standard deviation: the default
  minmax,  ///< to [0, 1]
  none
};

/// zscore, minmax, none. Throws UserError naming `where`.
ScoreNormalisation score_normalisation_of(const std::string& word, const std::string& where);

/// @param use  which of s1, s2, s3 make the distance; the others become zero. So does a score that is the
///             same for all neurons, except without normalisation.
/// Throws Failure for a score that is not finite.
LayerScores normalised(const LayerScores& scores, ScoreNormalisation normalisation,
                       const std::array<bool, kScores>& use);

/// Euclidean, Algorithm 1, line 15.
double distance(const Score& one, const Score& other);

/// Neurons of similar importance, in the order in which they joined.
using Group = std::vector<std::int64_t>;

/// Step 2 of Algorithm 1, lines 10 to 20: every group in turn takes in each other group, in order, when the
/// largest distance between their neurons is below the threshold.
///
/// A group that has had its turn is never taken in later: what it refused is a member that is `threshold` or
/// more away, and groups only grow. One that has not is a single neuron. So each group looks at the single
/// neurons behind it alone, and all pairs are compared at most once: O(n^2) distances in all.
///
/// The number of groups is not monotone in the threshold: {0, 1, -0.5, 1.5} gives two at 0.6, three at 1.1.
/// Nothing is below 0: no groups then of more than one, even of equal neurons.
std::vector<Group> grouped(const LayerScores& points, double threshold);

/// Step 3 of Algorithm 1, lines 21 to 28: each group is filled up with replicas of its members to a multiple
/// of the devices and dealt out, the j-th (from 1) to device j mod `devices`. A group smaller than the gap
/// cycles through its members and so has exactly one place on every device. A larger one has at most one
/// replica of a member, g places behind it, and g is no multiple of `devices`: no device gets a neuron twice.
/// @return [device], ascending, all of the same size
std::vector<Neurons> dealt(const std::vector<Group>& groups, int devices);

}  // namespace deepfog
