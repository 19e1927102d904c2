#include "cli/analysis_confidence.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace deepfog {
namespace {

using Runs = std::vector<std::int64_t>;

Runs finished(const ModelResults& model) {
  Runs runs;
  for (std::size_t run = 0; run < model.done.size(); ++run) {
    if (model.done[run] != 0) runs.push_back(static_cast<std::int64_t>(run));
  }
  return runs;
}

Runs in_both(const Runs& one, const Runs& other) {
  Runs common;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(common));
  return common;
}

/// The rows of some of a model's finished runs.
StateTable with_runs(const ModelInQuestion& model, const Runs& runs) {
  const Runs all = finished(*model.model);
  StateTable some = model.table;
  some.runs.clear();
  for (const std::int64_t run : runs)
    some.runs.push_back(
        model.table.runs.at(static_cast<std::size_t>(std::find(all.begin(), all.end(), run) - all.begin())));
  return some;
}

void take_difference(const Confidence& from, Confidence& to) {
  to.difference = from.difference;
  to.difference_runs = from.difference_runs;
  to.difference_samples = from.difference_samples;
}

/// Adds the difference over the runs that both have finished, for tables that are not of the same runs.
void add_difference(const ModelInQuestion& model, const ModelInQuestion& other,
                    const std::vector<Query>& questions, std::vector<Confidence>& sure) {
  if (model.model == other.model) return;
  const Runs runs = in_both(finished(*model.model), finished(*other.model));
  if (runs.empty()) return;
  const auto one = sample_table(*model.experiment, *model.model),
             two = sample_table(*other.experiment, *other.model);
  if (one && two) {
    const auto both = certainties({with_runs(*one, runs), with_runs(*two, runs)}, questions, 1);
    for (std::size_t q = 0; q < questions.size(); ++q) take_difference(both[0][q], sure[q]);
    return;
  }
  const StateTable mine = with_runs(model, runs), others = with_runs(other, runs);
  for (std::size_t q = 0; q < questions.size(); ++q)
    take_difference(confidence_of_runs(mine, questions[q], &others), sure[q]);
}

}  // namespace

std::vector<std::vector<Confidence>> certainties_of(const std::vector<ModelInQuestion>& models,
                                                    const ModelInQuestion* other,
                                                    const std::vector<Query>& questions) {
  std::vector<std::vector<Confidence>> all(models.size());
  std::vector<SampleTable> tables;  // of the same runs, to be drawn together
  std::vector<std::size_t> drawn;   // their indices
  const auto other_table = other != nullptr ? sample_table(*other->experiment, *other->model) : std::nullopt;
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (models[m].table.runs.empty()) continue;
    auto table = sample_table(*models[m].experiment, *models[m].model);
    const bool alike = table && (tables.empty() || table->runs == tables.front().runs);
    if (alike) {
      tables.push_back(std::move(*table));
      drawn.push_back(m);
    } else if (table) {
      all[m] = certainties({*table}, questions).front();
    } else {
      for (const Query& query : questions)
        all[m].push_back(confidence_of_runs(models[m].table, query, nullptr));
    }
  }
  std::optional<std::size_t> against;
  if (!tables.empty()) {
    if (other_table && other_table->runs == tables.front().runs) {
      for (std::size_t t = 0; t < drawn.size(); ++t) {
        if (models[drawn[t]].model == other->model) against = t;
      }
      if (!against) {
        against = tables.size();
        tables.push_back(*other_table);
      }
    }
    auto found = certainties(tables, questions, against);
    for (std::size_t t = 0; t < drawn.size(); ++t) all[drawn[t]] = std::move(found[t]);
  }
  for (std::size_t m = 0; other != nullptr && m < models.size(); ++m) {
    if (!all[m].empty() && !all[m].front().difference) add_difference(models[m], *other, questions, all[m]);
  }
  return all;
}

}  // namespace deepfog
