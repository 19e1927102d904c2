#pragma once

#include <functional>
#include <vector>

#include "partition/robust_partition.hpp"

namespace deepfog {

/// How good a partition is, e.g. its average accuracy with k failed devices. Higher is better.
using AccuracyOf = std::function<double(const Partition&)>;

/// One evaluated choice of thresholds.
struct SearchPoint {
  std::vector<double> thresholds;  ///< one per layer
  std::int64_t bytes = 0;          ///< of the device that holds most
  double accuracy = 0;             ///< NaN if it was not evaluated
  bool on_front = false;  ///< no other point is at least as good in both bytes and accuracy and better in one
};

/// All evaluated points, in order of evaluation, for figures.
struct SearchResult {
  std::vector<SearchPoint> points;
  int best = -1;  ///< index into points; -1: no point fits
};

/// The exploration that RobustDiCE leaves open (its section 4.2): finds thresholds for a memory budget per
/// device or for an accuracy. It is deterministic. Neither memory nor accuracy is monotone in the threshold,
/// but there are finitely many outcomes, one between each two neighbouring distances. If there are at most
/// `evaluations` of them, all are evaluated, and the best is optimal. Otherwise half of the evaluations form
/// a grid over their quantiles, and bisection next to the best point follows.
class ThresholdSearch {
 public:
  /// @param points  normalised scores; throws Failure unless there is one per neuron of the layers
  ThresholdSearch(Scores points, std::vector<CutLayer> layers, int devices);

  /// One threshold t for all layers: the most replication that fits the budget of bytes.
  SearchResult for_memory(std::int64_t budget, int evaluations = 128) const;

  /// One threshold t for all layers: the fewest bytes with an accuracy of at least `target`.
  SearchResult for_accuracy(double target, const AccuracyOf& accuracy, int evaluations = 64) const;

  /// One threshold per layer. Starting from full replication, the search repeatedly coarsens the layer that
  /// loses the least accuracy per byte saved, in `notches` steps per layer from full replication to the
  /// least, until the budget is met. A known loss is used until the layer is next in line (losses change
  /// little while other layers are coarsened), and no losses are evaluated after `evaluations`, which are at
  /// least two per layer. The search includes the threshold of for_memory(); the best point has the highest
  /// accuracy within the budget.
  SearchResult refined(std::int64_t budget, const AccuracyOf& accuracy, int evaluations = 256,
                       int notches = 6) const;

  /// The points of single thresholds t, and which of them are on the Pareto front of bytes and accuracy. The
  /// best point has the highest accuracy and, among equals, the fewest bytes.
  SearchResult front(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const;

  /// A threshold for every outcome of one threshold t, ascending: 0, one between each two neighbouring
  /// distances, and one above the largest. If there are more than `limit`, returns that many quantiles; for
  /// large layers, the distances are those of a fixed sample of pairs. layer -1 stands for all layers
  /// together.
  std::vector<double> outcomes(int layer, int limit) const;

  Partition partition(const std::vector<double>& thresholds) const;
  SearchPoint point(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const;

 private:
  std::vector<double> everywhere(double threshold) const;
  std::vector<double> distances(int layer) const;
  std::vector<double> ladder(int layer, int notches) const;
  /// The greedy part of refined(); appends the points that it evaluates.
  void coarsen(std::int64_t budget, const AccuracyOf& accuracy, int evaluations, int notches,
               std::vector<SearchPoint>& points) const;

  Scores points_;
  std::vector<CutLayer> layers_;
  int devices_;
};

/// Sets on_front for all points whose accuracy is known.
void mark_front(std::vector<SearchPoint>& points);

}  // namespace deepfog
