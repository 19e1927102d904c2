#include <algorithm>
#include <cmath>
#include <queue>

#include "partition/search.hpp"

namespace deepfog {
namespace {

/// A step that makes one layer one notch coarser.
struct Move {
  double loss_per_byte;
  std::size_t layer;
  std::size_t round;                         ///< number of moves made before the loss was computed
  int point;                                 ///< the point that gave the loss; -1: it was not evaluated
  bool operator<(const Move& other) const {  // the top of the queue is the largest
    return loss_per_byte > other.loss_per_byte ||
           (loss_per_byte == other.loss_per_byte && layer > other.layer);
  }
};

}  // namespace

/// Thresholds with ever fewer neurons per device, spread about evenly from all neurons to the least.
std::vector<double> ThresholdSearch::ladder(int layer, int notches) const {
  const LayerScores& points = points_[static_cast<std::size_t>(layer)];
  const auto held = [&](double threshold) {
    return static_cast<std::int64_t>(dealt(grouped(points, threshold), devices_).front().size());
  };
  const std::vector<double> candidates = outcomes(layer, 16 * std::max(notches, 1));
  const std::int64_t most = held(candidates.front()), least = held(candidates.back());
  std::vector<double> chosen{candidates.front()};
  std::int64_t last = most;
  int notch = 1;
  for (const double candidate : candidates) {
    const std::int64_t now = held(candidate);
    const double wanted = double(most) - double(most - least) * notch / std::max(notches, 1);
    if (now >= last || (double(now) > wanted && now != least)) continue;
    chosen.push_back(candidate);
    last = now;
    while (notch < notches && double(now) <= double(most) - double(most - least) * notch / notches) ++notch;
  }
  return chosen;
}

SearchResult ThresholdSearch::refined(std::int64_t budget, const AccuracyOf& accuracy, int evaluations,
                                      int notches) const {
  const SearchResult single = for_memory(budget);
  if (single.best < 0) return single;  // not even the smallest partition fits
  SearchResult result;
  result.points.push_back(point(single.points[static_cast<std::size_t>(single.best)].thresholds, accuracy));
  coarsen(budget, accuracy, std::max(evaluations, 2 * static_cast<int>(layers_.size()) + 2), notches,
          result.points);
  mark_front(result.points);
  for (std::size_t i = 0; i < result.points.size(); ++i) {
    const SearchPoint& at = result.points[i];
    if (at.bytes > budget) continue;
    const bool better =
        result.best < 0 || at.accuracy > result.points[static_cast<std::size_t>(result.best)].accuracy;
    if (better) result.best = static_cast<int>(i);
  }
  return result;
}

void ThresholdSearch::coarsen(std::int64_t budget, const AccuracyOf& accuracy, int evaluations, int notches,
                              std::vector<SearchPoint>& points) const {
  std::vector<std::vector<double>> ladders;
  for (int l = 0; l < static_cast<int>(layers_.size()); ++l) ladders.push_back(ladder(l, notches));
  std::vector<std::size_t> notch(layers_.size(), 0);
  std::size_t round = 0;
  SearchPoint now = point(everywhere(0), accuracy);
  points.push_back(now);
  std::priority_queue<Move> moves;
  const auto asks = [&] { return static_cast<int>(points.size()) < evaluations; };
  const auto coarser = [&](std::size_t layer) {
    std::vector<double> thresholds = now.thresholds;
    thresholds[layer] = ladders[layer][notch[layer] + 1];
    return thresholds;
  };
  const auto consider = [&](std::size_t layer, double known) {
    if (notch[layer] + 1 == ladders[layer].size()) return;
    Move move{known, layer, round, -1};
    if (asks()) {
      const SearchPoint then = point(coarser(layer), accuracy);
      move.loss_per_byte =
          (now.accuracy - then.accuracy) / double(std::max<std::int64_t>(now.bytes - then.bytes, 1));
      move.point = static_cast<int>(points.size());
      points.push_back(then);
    }
    moves.push(move);
  };
  for (std::size_t l = 0; l < layers_.size(); ++l) consider(l, 0);
  while (now.bytes > budget && !moves.empty()) {
    const Move move = moves.top();
    moves.pop();
    const bool fresh = move.round == round && move.point >= 0;
    if (!fresh && asks()) {
      consider(move.layer, move.loss_per_byte);
      continue;
    }
    now = fresh ? points[static_cast<std::size_t>(move.point)] : point(coarser(move.layer), {});
    ++notch[move.layer];
    ++round;
    consider(move.layer, move.loss_per_byte);
  }
  if (std::isnan(now.accuracy)) points.push_back(point(now.thresholds, accuracy));
}

}  // namespace deepfog
