#include "topology/samples.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {

SampleView view(const SampleSet& set) {
  return view(set, 0, set.size());
}

SampleView view(const SampleSet& set, std::int64_t begin, std::int64_t end) {
  if (begin < 0 || begin > end || end > set.size())
    throw std::out_of_range("view: rows outside the sample set");
  if (static_cast<std::int64_t>(set.values.size()) != set.size() * set.features) {
    throw std::invalid_argument("view: a sample set whose values are not samples x features");
  }
  return {set.values.data() + begin * set.features, set.labels.data() + begin, end - begin, set.features};
}

std::string describe(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

namespace {

std::string shape_words(const Source& source) {
  return describe(source.shape) + (source.channels_last ? " channels-last" : "");
}

/// The shape of a source must match the stored one, because the same values in another order are another
/// image. A data set that does not state its shape may use any order; a source is then accepted only if it is
/// channels-last, which states that its order is unusual.
void expect_shape(const Source& meant, const Source& stored, const std::string& dataset,
                  const std::string& where) {
  if (meant.shape.empty()) return;  // read as plain numbers
  if (stored.shape.empty() ? meant.channels_last
                           : meant.shape == stored.shape && meant.channels_last == stored.channels_last) {
    return;
  }
  throw UserError(where, "source " + quoted(meant.name) + " is an image of " + shape_words(meant),
                  (stored.shape.empty() ? std::to_string(stored.width) + " plain values, no image,"
                                        : shape_words(stored)) +
                      " in data set " + quoted(dataset));
}

}  // namespace

std::vector<Columns> match_sources(const Topology& topology, const Dataset& dataset,
                                   const std::string& where) {
  std::vector<std::string> names;
  std::vector<Columns> delivered;
  std::int64_t column = 0;
  for (const Source& source : dataset.sources) {
    names.push_back(source.name);
    delivered.push_back({column, column + source.width});
    column += source.width;
  }
  std::vector<Columns> matched;
  for (const Source& source : topology.sources()) {
    const auto found = std::find(names.begin(), names.end(), source.name);
    if (found == names.end()) {
      throw UserError(where,
                      "data set " + quoted(dataset.name) + " has no source " + quoted(source.name) +
                          suggestion(source.name, names),
                      "its sources: " + listing(names));
    }
    const Columns columns = delivered[static_cast<std::size_t>(found - names.begin())];
    if (columns.end - columns.begin != source.width) {
      throw UserError(where,
                      "source " + quoted(source.name) + " is " + std::to_string(source.width) + " wide",
                      std::to_string(columns.end - columns.begin) + " in data set " + quoted(dataset.name));
    }
    expect_shape(source, dataset.sources[static_cast<std::size_t>(found - names.begin())], dataset.name,
                 where);
    matched.push_back(columns);
  }
  if (topology.classes() != dataset.classes()) {
    throw UserError(where,
                    "last stage " + quoted(topology.stages().back().name) + " gives " +
                        std::to_string(topology.classes()) + " classes",
                    std::to_string(dataset.classes()) + " in data set " + quoted(dataset.name));
  }
  return matched;
}

}  // namespace deepfog
