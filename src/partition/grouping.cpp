#include "partition/grouping.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace deepfog {
namespace {

/// The values that are subtracted and divided by.
struct Scale {
  double origin = 0, unit = 1;
};

Scale scale_of(const LayerScores& scores, std::size_t which, ScoreNormalisation normalisation) {
  if (normalisation == ScoreNormalisation::none || scores.empty()) return {};
  double low = scores[0][which], high = low, sum = 0;
  for (const Score& score : scores) {
    low = std::min(low, score[which]);
    high = std::max(high, score[which]);
    sum += score[which];
  }
  // All neurons are equal, or their range is subnormal: normalising would only magnify rounding errors.
  if (low == high || std::fpclassify(high - low) == FP_SUBNORMAL) return {low, 1};
  if (normalisation == ScoreNormalisation::minmax) return {low, high - low};
  const double mean = sum / double(scores.size());
  double squares = 0;
  for (const Score& score : scores) squares += (score[which] - mean) * (score[which] - mean);
  if (std::isnormal(squares)) return {mean, std::sqrt(squares / double(scores.size()))};
  // The squares of very small or very large scores do not fit into a double, so they are taken relative to
  // the range.
  squares = 0;
  for (const Score& score : scores) {
    const double part = (score[which] - mean) / (high - low);
    squares += part * part;
  }
  return {mean, (high - low) * std::sqrt(squares / double(scores.size()))};
}

}  // namespace

ScoreNormalisation score_normalisation_of(const std::string& word, const std::string& where) {
  if (word == "zscore") return ScoreNormalisation::zscore;
  if (word == "minmax") return ScoreNormalisation::minmax;
  if (word == "none") return ScoreNormalisation::none;
  throw UserError(where, "'" + word + "' is no normalisation", "zscore, minmax, none");
}

LayerScores normalised(const LayerScores& scores, ScoreNormalisation normalisation,
                       const std::array<bool, kScores>& use) {
  LayerScores points(scores.size(), Score{});
  for (std::size_t a = 0; a < kScores; ++a) {
    if (!use[a]) continue;
    for (std::size_t n = 0; n < scores.size(); ++n) {
      if (!std::isfinite(scores[n][a])) {
        throw Failure("score s" + std::to_string(a + 1) + " of neuron " + std::to_string(n) +
                      " is not finite");
      }
    }
    const Scale scale = scale_of(scores, a, normalisation);
    for (std::size_t n = 0; n < scores.size(); ++n) {
      points[n][a] = (scores[n][a] - scale.origin) / scale.unit;
    }
  }
  return points;
}

double distance(const Score& one, const Score& other) {
  double squares = 0;
  for (std::size_t a = 0; a < kScores; ++a) squares += (one[a] - other[a]) * (one[a] - other[a]);
  if (std::isinf(squares)) return std::hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
  return std::sqrt(squares);
}

std::vector<Group> grouped(const LayerScores& points, double threshold) {
  std::vector<Group> groups;
  Neurons single(points.size()), apart;
  std::iota(single.begin(), single.end(), 0);
  const auto near = [&](std::int64_t one, std::int64_t other) {
    return distance(points[static_cast<std::size_t>(one)], points[static_cast<std::size_t>(other)]) <
           threshold;
  };
  while (!single.empty()) {
    Group group{single.front()};
    apart.clear();
    for (std::size_t i = 1; i < single.size(); ++i) {
      const bool joins = std::all_of(group.begin(), group.end(),
                                     [&](std::int64_t member) { return near(member, single[i]); });
      (joins ? group : apart).push_back(single[i]);
    }
    groups.push_back(std::move(group));
    single.swap(apart);
  }
  return groups;
}

std::vector<Neurons> dealt(const std::vector<Group>& groups, int devices) {
  std::vector<Neurons> parts(static_cast<std::size_t>(devices));
  for (const Group& group : groups) {
    const std::size_t places = (group.size() + parts.size() - 1) / parts.size() * parts.size();
    for (std::size_t i = 0; i < places; ++i) {
      parts[(i + 1) % parts.size()].push_back(group[i % group.size()]);
    }
  }
  for (Neurons& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

}  // namespace deepfog
