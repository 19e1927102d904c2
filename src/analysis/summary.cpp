#include "analysis/summary.hpp"

#include <stdexcept>

#include "analysis/cut_sets.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

Spread spread(const std::vector<double>& values) {
  return {mean(values), confidence_95(values)};
}

/// Spread of each column of [run][column].
std::vector<Spread> spreads(const std::vector<std::vector<double>>& rows) {
  std::vector<Spread> result;
  for (std::size_t place = 0; place < rows.front().size(); ++place) {
    std::vector<double> column;
    for (const auto& row : rows) column.push_back(row[place]);
    result.push_back(spread(column));
  }
  return result;
}

std::vector<double> mean_of(const std::vector<std::vector<double>>& runs) {
  std::vector<double> sum = runs.front();
  for (std::size_t run = 1; run < runs.size(); ++run) {
    for (std::size_t state = 0; state < sum.size(); ++state) sum[state] += runs[run][state];
  }
  for (double& value : sum) value /= static_cast<double>(runs.size());
  return sum;
}

}  // namespace

Summary summarise(const StateTable& table, const Query& query) {
  if (table.runs.empty()) throw std::invalid_argument("no run is finished");
  const std::vector<double> chances = state_distribution(query.reliability, query.groups);
  std::vector<double> average, deviation, low, median, high, worst, good;
  std::vector<std::vector<double>> birnbaum, improvement, loss, shapley, pairs;
  for (const std::vector<double>& values : table.runs) {
    average.push_back(expectation(values, chances));
    const AccuracyRisk risk(values, chances);
    deviation.push_back(risk.deviation());
    low.push_back(risk.quantile(query.tail));
    median.push_back(risk.quantile(0.5));
    high.push_back(risk.quantile(1 - query.tail));
    worst.push_back(risk.worst_mean(query.tail));
    good.push_back(risk.at_least(query.threshold));
    const NodeImportance importance = node_importance(values, query.reliability, query.groups);
    birnbaum.push_back(importance.birnbaum);
    improvement.push_back(importance.improvement);
    loss.push_back(importance.loss);
    shapley.push_back(importance.shapley);
    pairs.push_back(pair_interactions(importance.hardened));
  }
  Summary summary;
  summary.runs = static_cast<int>(table.runs.size());
  summary.average = spread(average);
  summary.deviation = spread(deviation);
  summary.low_quantile = spread(low);
  summary.median = spread(median);
  summary.high_quantile = spread(high);
  summary.worst_mean = spread(worst);
  summary.good_enough = spread(good);
  for (std::size_t state = 0; state < chances.size(); ++state)
    summary.nothing_flows += table.flow.at(state) == 0 ? chances[state] : 0;
  summary.cut_sets = minimal_cut_sets(table.flow);
  summary.by_failures = by_failures(mean_of(table.runs), chances);
  summary.birnbaum = spreads(birnbaum);
  summary.improvement = spreads(improvement);
  summary.loss = spreads(loss);
  summary.shapley = spreads(shapley);
  summary.interactions = spreads(pairs);
  return summary;
}

}  // namespace deepfog
