#pragma once

#include <functional>
#include <vector>

#include "partition/robust_partition.hpp"

namespace deepfog {

/// How good a partition is: e.g. its mean accuracy with k of its devices failed. Higher is better.
using AccuracyOf = std::function<double(const Partition&)>;

/// One choice of thresholds that was looked at.
struct SearchPoint {
  std::vector<double> thresholds;  ///< one a layer
  std::int64_t bytes = 0;          ///< of the largest device
  double accuracy = 0;             ///< NaN where it was not asked for
  bool on_front = false;           ///< no other point has as few bytes and as high an accuracy, or better
};

/// Everything that was looked at, in that order, for figures.
struct SearchResult {
  std::vector<SearchPoint> points;
  int best = -1;  ///< -1: nothing fits
};

/// The exploration that RobustDiCE leaves open (its section 4.2): thresholds for a memory budget of each
/// device or for an accuracy. Deterministic. Neither memory nor accuracy is monotone in the threshold, but
/// there are finitely many outcomes, one between each two neighbouring distances: where there are no more of
/// them than `evaluations`, all are looked at, and the best is the best there is. Otherwise a grid over their
/// quantiles with half of the evaluations, then bisection next to the best.
class ThresholdSearch {
 public:
  /// @param points  scores, normalised; throws Failure unless they are as many as the layers have neurons
  ThresholdSearch(Scores points, std::vector<CutLayer> layers, int devices);

  /// One figure t for all layers: as much replication as fits the budget of bytes.
  SearchResult for_memory(std::int64_t budget, int evaluations = 128) const;

  /// One figure t for all layers: the fewest bytes whose accuracy is `target` or more.
  SearchResult for_accuracy(double target, const AccuracyOf& accuracy, int evaluations = 64) const;

  /// A threshold for each layer: from full replication on, the layer is coarsened next that loses the least
  /// accuracy for a byte saved, `notches` steps from everything to the least in each, until the budget is
  /// met. Losses are taken as known until their turn comes (they change little while other layers are
  /// coarsened), and not asked again after `evaluations`, of which there are two a layer at least. Begins
  /// with for_memory()'s figure; best: the highest accuracy of all within the budget.
  SearchResult refined(std::int64_t budget, const AccuracyOf& accuracy, int evaluations = 256,
                       int notches = 6) const;

  /// The points of one figure t each, and which are on the Pareto front of bytes and accuracy.
  /// best: the one of highest accuracy, of equals with the fewest bytes.
  SearchResult front(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const;

  /// A threshold for every outcome of one figure t, ascending: 0, between each two neighbouring distances,
  /// and above the largest. Of more than `limit` distances so many quantiles, from pairs drawn once and for
  /// all. layer -1: of all layers together.
  std::vector<double> outcomes(int layer, int limit) const;

  Partition partition(const std::vector<double>& thresholds) const;
  SearchPoint point(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const;

 private:
  std::vector<double> everywhere(double threshold) const;
  std::vector<double> distances(int layer) const;
  std::vector<double> ladder(int layer, int notches) const;
  /// The greedy part of refined(); appends what it looks at.
  void coarsen(std::int64_t budget, const AccuracyOf& accuracy, int evaluations, int notches,
               std::vector<SearchPoint>& points) const;

  Scores points_;
  std::vector<CutLayer> layers_;
  int devices_;
};

/// Sets on_front of points whose accuracy is known.
void mark_front(std::vector<SearchPoint>& points);

}  // namespace deepfog
