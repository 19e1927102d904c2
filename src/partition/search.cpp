#include "partition/search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kPairs = 1 << 17;  ///< sample size for a layer with more pairs

/// Whether the first point is preferable; at least one of them fits.
using Better = std::function<bool(const SearchPoint&, const SearchPoint&)>;

int best_of(const std::vector<SearchPoint>& points, const std::function<bool(const SearchPoint&)>& fits,
            const Better& better) {
  int best = -1;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!fits(points[i])) continue;
    if (best < 0 || better(points[i], points[static_cast<std::size_t>(best)])) best = static_cast<int>(i);
  }
  return best;
}

/// Evaluates outcomes, by index, until more evaluations cannot help.
struct LineSearch {
  std::vector<double> outcomes;
  std::function<SearchPoint(double)> look;
  std::function<bool(const SearchPoint&)> fits;
  Better better;
  std::map<std::size_t, std::size_t> looked;  ///< index of an outcome -> index of a point
  SearchResult result;

  void see(std::size_t outcome) {
    if (looked.count(outcome) > 0) return;
    looked[outcome] = result.points.size();
    result.points.push_back(look(outcomes[outcome]));
  }

  /// The middle of the gap next to the best point, on the side where points do not fit; outcomes.size() if
  /// there is none.
  std::size_t next(bool towards_higher) {
    const int best = best_of(result.points, fits, better);
    if (best < 0) return outcomes.size();
    auto at = std::find_if(looked.begin(), looked.end(),
                           [&](const auto& entry) { return entry.second == static_cast<std::size_t>(best); });
    const std::size_t from = at->first;
    if (towards_higher ? ++at == looked.end() : at == looked.begin()) return outcomes.size();
    const std::size_t to = towards_higher ? at->first : std::prev(at)->first;
    const std::size_t gap = from > to ? from - to : to - from;
    return gap < 2 ? outcomes.size() : (from + to) / 2;
  }

  SearchResult run(int evaluations, bool towards_higher) {
    const auto most = static_cast<std::size_t>(std::max(evaluations, 4));
    const std::size_t count = outcomes.size(), grid = count <= most ? count : most / 2;
    for (std::size_t i = 0; i < grid; ++i) see(grid == 1 ? 0 : i * (count - 1) / (grid - 1));
    while (looked.size() < most) {
      const std::size_t outcome = next(towards_higher);
      if (outcome == count) break;
      see(outcome);
    }
    result.best = best_of(result.points, fits, better);
    return result;
  }
};

}  // namespace

ThresholdSearch::ThresholdSearch(Scores points, std::vector<CutLayer> layers, int devices)
    : points_(std::move(points)), layers_(std::move(layers)), devices_(devices) {
  bool good = points_.size() == layers_.size() && devices >= 1 && devices <= 64;
  for (std::size_t l = 0; good && l < layers_.size(); ++l) {
    good = static_cast<std::int64_t>(points_[l].size()) == layers_[l].neurons;
  }
  if (!good) throw Failure("threshold search: not one score for each neuron, or devices out of range");
}

std::vector<double> ThresholdSearch::everywhere(double threshold) const {
  return std::vector<double>(layers_.size(), threshold);
}

Partition ThresholdSearch::partition(const std::vector<double>& thresholds) const {
  return partition_of_points(points_, thresholds, devices_);
}

SearchPoint ThresholdSearch::point(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const {
  const Partition at = partition(thresholds);
  return {thresholds, largest_device_bytes(at, layers_), accuracy ? accuracy(at) : kUnknown, false};
}

std::vector<double> ThresholdSearch::distances(int layer) const {
  const LayerScores& of = points_[static_cast<std::size_t>(layer)];
  const std::uint64_t size = of.size();
  std::vector<double> all;
  if (size < 2) return all;
  if (size * (size - 1) / 2 <= kPairs) {
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < i; ++j) all.push_back(distance(of[i], of[j]));
    }
    return all;
  }
  RandomStream stream(size);  // fixed seed: always the same pairs
  for (std::uint64_t pair = 0; pair < kPairs; ++pair) {
    const std::uint64_t i = stream.below(size), j = (i + 1 + stream.below(size - 1)) % size;
    all.push_back(distance(of[i], of[j]));
  }
  return all;
}

std::vector<double> ThresholdSearch::outcomes(int layer, int limit) const {
  std::vector<double> all;
  double above = 1;  // exceeds all distances: the diagonal of the bounding box, plus one
  for (int l = 0; l < static_cast<int>(layers_.size()); ++l) {
    if (layer >= 0 && l != layer) continue;
    const std::vector<double> of = distances(l);
    all.insert(all.end(), of.begin(), of.end());
    Score low{}, high{};
    for (const Score& point : points_[static_cast<std::size_t>(l)]) {
      for (std::size_t a = 0; a < kScores; ++a) {
        low[a] = std::min(low[a], point[a]);
        high[a] = std::max(high[a], point[a]);
      }
    }
    above = std::max(above, 1 + distance(low, high));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<double> thresholds{0};
  const std::size_t gaps = all.empty() ? 0 : all.size() - 1;
  const std::size_t steps = std::min(gaps, static_cast<std::size_t>(std::max(limit, 3)) - 2);
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t at = steps == gaps ? i : i * (gaps - 1) / (steps - 1 > 0 ? steps - 1 : 1);
    thresholds.push_back((all[at] + all[at + 1]) / 2);
  }
  thresholds.push_back(above);
  return thresholds;
}

SearchResult ThresholdSearch::for_memory(std::int64_t budget, int evaluations) const {
  LineSearch search{outcomes(-1, 1 << 20),
                    [&](double threshold) { return point(everywhere(threshold), {}); },
                    [&](const SearchPoint& at) { return at.bytes <= budget; },
                    [](const SearchPoint& a, const SearchPoint& b) { return a.bytes > b.bytes; },
                    {},
                    {}};
  return search.run(evaluations, false);
}

SearchResult ThresholdSearch::for_accuracy(double target, const AccuracyOf& accuracy, int evaluations) const {
  LineSearch search{outcomes(-1, 1 << 20),
                    [&](double threshold) { return point(everywhere(threshold), accuracy); },
                    [&](const SearchPoint& at) { return at.accuracy >= target; },
                    [](const SearchPoint& a, const SearchPoint& b) {
                      return a.bytes < b.bytes || (a.bytes == b.bytes && a.accuracy > b.accuracy);
                    },
                    {},
                    {}};
  SearchResult result = search.run(evaluations, true);
  mark_front(result.points);
  return result;
}

SearchResult ThresholdSearch::front(const std::vector<double>& thresholds, const AccuracyOf& accuracy) const {
  SearchResult result;
  for (const double threshold : thresholds) result.points.push_back(point(everywhere(threshold), accuracy));
  mark_front(result.points);
  result.best = best_of(
      result.points, [](const SearchPoint&) { return true; },
      [](const SearchPoint& a, const SearchPoint& b) {
        return a.accuracy > b.accuracy || (a.accuracy == b.accuracy && a.bytes < b.bytes);
      });
  return result;
}

void mark_front(std::vector<SearchPoint>& points) {
  const auto beats = [](const SearchPoint& a, const SearchPoint& b) {
    return a.bytes <= b.bytes && a.accuracy >= b.accuracy && (a.bytes < b.bytes || a.accuracy > b.accuracy);
  };
  for (SearchPoint& point : points) {
    const bool beaten = std::any_of(points.begin(), points.end(),
                                    [&](const SearchPoint& other) { return beats(other, point); });
    point.on_front = !std::isnan(point.accuracy) && !beaten;
  }
}

}  // namespace deepfog
