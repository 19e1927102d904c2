#include "analysis/accuracy_risk.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "analysis/state_distribution.hpp"

namespace deepfog {
namespace {

constexpr double hair = 1e-12;

}  // namespace

AccuracyRisk::AccuracyRisk(const std::vector<double>& values, const std::vector<double>& distribution) {
  if (values.empty() || values.size() != distribution.size())
    throw std::invalid_argument("a value for every probability");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (distribution[i] > 0) steps_.push_back({values[i], distribution[i]});
  }
  std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.value < b.value; });
}

double AccuracyRisk::quantile(double share) const {
  double sum = 0;
  for (const Step& step : steps_) {
    sum += step.chance;
    if (sum >= share - hair) return step.value;
  }
  return steps_.back().value;
}

double AccuracyRisk::worst_mean(double share) const {
  double left = share, sum = 0;
  for (const Step& step : steps_) {
    const double taken = std::min(left, step.chance);
    sum += taken * step.value;
    left -= taken;
    if (left <= 0) break;
  }
  return sum / (share - std::max(left, 0.0));
}

double AccuracyRisk::at_least(double x) const {
  double sum = 0;
  for (const Step& step : steps_) sum += step.value >= x - hair ? step.chance : 0;
  return std::min(sum, 1.0);
}

double AccuracyRisk::deviation() const {
  double mean = 0, square = 0;
  for (const Step& step : steps_) mean += step.chance * step.value;
  for (const Step& step : steps_) square += step.chance * (step.value - mean) * (step.value - mean);
  return std::sqrt(square);
}

std::vector<FailuresRow> by_failures(const std::vector<double>& values,
                                     const std::vector<double>& distribution) {
  if (values.size() != distribution.size()) throw std::invalid_argument("a value for every probability");
  const int nodes = node_count(values.size());
  std::vector<FailuresRow> rows(static_cast<std::size_t>(nodes) + 1);
  // From all nodes alive downwards: the first of equal combinations has the nodes of the highest bits alive.
  for (std::size_t state = values.size(); state-- > 0;) {
    const int failed = failed_count(state, nodes);
    FailuresRow& row = rows[static_cast<std::size_t>(failed)];
    const double value = values[state];
    if (row.combinations == 0 || value > row.best) {
      row.best = value;
      row.best_at = state;
    }
    if (row.combinations == 0 || value < row.worst) {
      row.worst = value;
      row.worst_at = state;
    }
    row.failed = failed;
    ++row.combinations;
    row.chance += distribution[state];
    row.mean += value;
  }
  for (FailuresRow& row : rows) row.mean /= static_cast<double>(row.combinations);
  return rows;
}

}  // namespace deepfog
