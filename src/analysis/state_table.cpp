#include "analysis/state_table.hpp"

#include <string>

#include "core/error.hpp"

namespace deepfog {
namespace {

[[noreturn]] void broken(const std::string& where) {
  throw UserError(where + "/diagram", "does not hold together", "deepfog verify tells more");
}

/// Class of every combination: [2^n]. Follows all paths of the diagram at once, one node at a time.
std::vector<std::int32_t> classes_of(const StoredDiagram& diagram, std::size_t nodes,
                                     const std::string& where) {
  const std::size_t size = std::size_t{1} << nodes;
  std::vector<std::int32_t> state(size, 0);
  std::size_t offset = 0;
  if (diagram.states.size() != diagram.position.size() || diagram.failed.size() != diagram.alive.size())
    broken(where);
  for (std::size_t step = 0; step < diagram.position.size(); ++step) {
    const std::int32_t position = diagram.position[step];
    const std::int64_t states = diagram.states[step];
    if (position >= static_cast<std::int32_t>(nodes) || states < 0 ||
        offset + static_cast<std::size_t>(states) > diagram.failed.size())
      broken(where);
    for (std::size_t combination = 0; combination < size; ++combination) {
      const std::int32_t at = state[combination];
      if (at < 0 || at >= states) broken(where);
      const bool up = position < 0 || ((combination >> position) & 1U) != 0;
      state[combination] = (up ? diagram.alive : diagram.failed)[offset + static_cast<std::size_t>(at)];
    }
    offset += static_cast<std::size_t>(states);
  }
  for (std::int32_t& at : state) {
    if (at < 0 || static_cast<std::size_t>(at) >= diagram.class_of_state.size()) broken(where);
    at = diagram.class_of_state[static_cast<std::size_t>(at)];
  }
  return state;
}

std::string place_of(const ExperimentResults& experiment, const ModelResults& model) {
  return "/experiments/" + experiment.name + "/models/" + model.name;
}

void check_nodes(const ExperimentResults& experiment, const std::string& where, int most_nodes) {
  if (experiment.nodes.size() > static_cast<std::size_t>(most_nodes))
    throw UserError(where, std::to_string(experiment.nodes.size()) + " nodes can fail",
                    "at most " + std::to_string(most_nodes));
}

/// The rows of a [runs, columns] table that belong to finished runs.
template <class Value>
std::vector<std::vector<Value>> done_rows(const std::vector<Value>& table, const ModelResults& model) {
  std::vector<std::vector<Value>> rows;
  if (model.done.empty()) return rows;
  const auto columns = static_cast<std::ptrdiff_t>(table.size() / model.done.size());
  for (std::size_t run = 0; run < model.done.size(); ++run) {
    const auto begin = table.begin() + static_cast<std::ptrdiff_t>(run) * columns;
    if (model.done[run] != 0) rows.emplace_back(begin, begin + columns);
  }
  return rows;
}

}  // namespace

std::vector<std::int32_t> class_of_combination(const ExperimentResults& experiment, const ModelResults& model,
                                               int most_nodes) {
  const std::string where = place_of(experiment, model);
  check_nodes(experiment, where, most_nodes);
  return classes_of(model.diagram, experiment.nodes.size(), where);
}

StateTable state_table(const ExperimentResults& experiment, const ModelResults& model, int most_nodes) {
  const std::string where = place_of(experiment, model), form = table_form(model);
  if (form == "bounds")
    throw UserError(where, "keeps bounds of its settings only", "a table of combinations or classes");
  check_nodes(experiment, where, most_nodes);
  StateTable table;
  if (form == "combinations") {
    table.runs = done_rows(model.accuracy, model);
    table.flow = model.flow;
    return table;
  }
  const std::vector<std::int32_t> classes = classes_of(model.diagram, experiment.nodes.size(), where);
  for (const std::vector<double>& row : done_rows(model.class_accuracy, model)) {
    table.runs.emplace_back();
    table.runs.back().reserve(classes.size());
    for (const std::int32_t number : classes) {
      if (number < 0 || static_cast<std::size_t>(number) >= row.size()) broken(where);
      table.runs.back().push_back(row[static_cast<std::size_t>(number)]);
    }
  }
  for (const std::int32_t number : classes) table.flow.push_back(number == 0 ? 0 : 1);
  return table;
}

}  // namespace deepfog
