#include "analysis/sample_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "analysis/state_table.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

void demand(bool good, const std::string& where) {
  if (!good) throw UserError(where + "/right", "does not hold together", "deepfog verify tells more");
}

}  // namespace

std::vector<double> SampleTable::by_row(const std::vector<double>& weights) const {
  if (weights.size() != row_of.size()) throw std::invalid_argument("a weight for every combination");
  std::vector<double> sums(static_cast<std::size_t>(rows) + 1);
  for (std::size_t k = 0; k < weights.size(); ++k) sums[static_cast<std::size_t>(row_of[k])] += weights[k];
  return sums;
}

std::optional<SampleTable> sample_table(const ExperimentResults& experiment, const ModelResults& model,
                                        int most_nodes) {
  const std::string where = "/experiments/" + experiment.name + "/models/" + model.name;
  SampleTable table;
  for (std::size_t run = 0; run < model.done.size(); ++run) {
    if (model.done[run] != 0) table.runs.push_back(static_cast<std::int64_t>(run));
  }
  if (model.right.empty() || table.runs.empty()) return std::nullopt;
  table.samples = experiment.test_samples;
  const std::size_t all = model.done.size() * static_cast<std::size_t>(table.stride());
  demand(table.samples > 0 && model.right.size() % all == 0, where);
  table.rows = static_cast<std::int64_t>(model.right.size() / all);
  const std::ptrdiff_t run_bytes = table.rows * table.stride();
  for (const std::int64_t run : table.runs)
    table.bits.insert(table.bits.end(), model.right.begin() + run * run_bytes,
                      model.right.begin() + (run + 1) * run_bytes);
  table.row_of =
      table_form(model) == "classes" ? class_of_combination(experiment, model, most_nodes) : model.right_row;
  for (const std::int32_t row : table.row_of) demand(row >= 0 && row <= table.rows, where);
  table.guess_accuracy = experiment.guess_accuracy;
  const auto& chances = experiment.guess_probabilities;
  if (std::adjacent_find(chances.begin(), chances.end(), std::not_equal_to<>()) == chances.end())
    return table;
  demand(experiment.test_labels.size() == static_cast<std::size_t>(table.samples), where);
  for (const std::int32_t label : experiment.test_labels)
    table.guess.push_back(chances.at(static_cast<std::size_t>(label)));
  return table;
}

SampleTable with_runs(const SampleTable& table, const std::vector<std::int64_t>& runs) {
  SampleTable some = table;
  some.runs = runs;
  some.bits.clear();
  const std::ptrdiff_t run_bytes = table.rows * table.stride();
  for (const std::int64_t run : runs) {
    const auto at = std::find(table.runs.begin(), table.runs.end(), run) - table.runs.begin();
    if (at == static_cast<std::ptrdiff_t>(table.runs.size()))
      throw std::invalid_argument("run " + std::to_string(run) + " is not in the table");
    some.bits.insert(some.bits.end(), table.bits.begin() + at * run_bytes,
                     table.bits.begin() + (at + 1) * run_bytes);
  }
  return some;
}

}  // namespace deepfog
