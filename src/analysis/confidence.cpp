#include "analysis/confidence.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/linear_weights.hpp"

namespace deepfog {
namespace {

/// The weights of the combinations that belong to a query, for any model.
struct Weights {
  std::vector<double> average;
  std::vector<std::vector<double>> shapley, birnbaum;
};

Weights weights_of(const Query& query) {
  return {state_distribution(query.reliability, query.groups),
          shapley_weights(query.reliability, query.groups),
          birnbaum_weights(query.reliability, query.groups)};
}

Figure figure_of(std::size_t table, const SampleTable& of, const std::vector<double>& weights) {
  return {{{table, of.by_row(weights)}}};
}

Figure difference_of(Figure one, Figure other) {
  for (Figure::Term& term : other.terms) {
    for (double& weight : term.weights) weight = -weight;
    one.terms.push_back(std::move(term));
  }
  return one;
}

/// Limits the interval to the range of accuracies.
Estimate accuracy(Estimate of) {
  of.low = std::max(of.low, std::min(0.0, of.mean));  // keeps NaN
  of.high = std::min(of.high, std::max(1.0, of.mean));
  return of;
}

}  // namespace

std::vector<std::vector<Confidence>> certainties(const std::vector<SampleTable>& tables,
                                                 const std::vector<Query>& questions,
                                                 std::optional<std::size_t> against) {
  std::vector<Figure> figures;
  for (const Query& query : questions) {
    const Weights weights = weights_of(query);
    for (std::size_t t = 0; t < tables.size(); ++t) {
      figures.push_back(figure_of(t, tables[t], weights.average));
      for (const auto& node : weights.shapley) figures.push_back(figure_of(t, tables[t], node));
      for (const auto& node : weights.birnbaum) figures.push_back(figure_of(t, tables[t], node));
      if (against && *against != t) {
        figures.push_back(difference_of(figure_of(t, tables[t], weights.average),
                                        figure_of(*against, tables[*against], weights.average)));
      }
    }
  }
  Bootstrap bootstrap;
  bootstrap.draws = affordable_draws(tables);
  std::vector<Estimate> found = estimates(tables, figures, bootstrap);
  auto next = found.begin();
  std::vector<std::vector<Confidence>> all(tables.size());
  for (const Query& query : questions) {
    const auto nodes = static_cast<std::ptrdiff_t>(query.reliability.size());
    for (std::size_t t = 0; t < tables.size(); ++t) {
      Confidence one;
      one.samples = true;
      one.runs = tables[t].runs.size();
      one.test_samples = tables[t].samples;
      one.draws = bootstrap.draws;
      one.average = accuracy(std::move(*next++));
      one.shapley = {std::make_move_iterator(next), std::make_move_iterator(next + nodes)};
      next += nodes;
      one.birnbaum = {std::make_move_iterator(next), std::make_move_iterator(next + nodes)};
      next += nodes;
      one.first = first_shares(one.shapley);
      if (against && *against != t) {
        one.difference = std::move(*next++);
        one.difference_runs = one.runs;
        one.difference_samples = true;
      }
      all[t].push_back(std::move(one));
    }
  }
  return all;
}

Confidence confidence_of_runs(const StateTable& table, const Query& query, const StateTable* against) {
  const std::vector<double> chances = state_distribution(query.reliability, query.groups);
  const std::size_t nodes = query.reliability.size();
  std::vector<double> averages, differences;
  std::vector<std::vector<double>> shapley(nodes), birnbaum(nodes);
  for (std::size_t run = 0; run < table.runs.size(); ++run) {
    averages.push_back(expectation(table.runs[run], chances));
    if (against != nullptr)
      differences.push_back(averages.back() - expectation(against->runs.at(run), chances));
    const NodeImportance importance = node_importance(table.runs[run], query.reliability, query.groups);
    for (std::size_t node = 0; node < nodes; ++node) {
      shapley[node].push_back(importance.shapley[node]);
      birnbaum[node].push_back(importance.birnbaum[node]);
    }
  }
  Confidence one;
  one.runs = table.runs.size();
  one.average = accuracy(estimate_of_runs(averages));
  for (const auto& node : shapley) one.shapley.push_back(estimate_of_runs(node));
  for (const auto& node : birnbaum) one.birnbaum.push_back(estimate_of_runs(node));
  if (against == nullptr) return one;
  one.difference = estimate_of_runs(differences);
  one.difference_runs = one.runs;
  return one;
}

}  // namespace deepfog
