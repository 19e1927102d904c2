#include <type_traits>

#include "core/error.hpp"
#include "results/inference_columns.hpp"
#include "results/inference_file.hpp"
#include "results/results_maps.hpp"

namespace deepfog::inference_file {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Shape;

constexpr std::int64_t most_nodes = 64, most_links = 100000, most_phases = 10000000;

class GroupReader {
 public:
  GroupReader(const Reader& file, const std::string& name) : file_(file), base_("/inference/" + name) {
    result_.name = name;
  }

  InferenceResults read() {
    file_.children(base_);  // throws unless it is a group
    read_maps(file_, base_, {}, result_.text, result_.integers, &result_.numbers);
    read_topology();
    inference_columns::each_table(
        result_, [&](const std::string& name, auto& table) { read_table(base_ + "/" + name, table); });
    read_rounds();
    return std::move(result_);
  }

 private:
  void read_topology() {
    const std::string topology = base_ + "/topology";
    result_.topology_text = Reader::read_strings(file_.open(topology + "/text"), {}).front();
    result_.links = names(topology + "/links", most_links);
    result_.failing = names(topology + "/failing", most_nodes);
    result_.script_text = Reader::read_strings(file_.open(base_ + "/script"), {}).front();
    result_.labels = file_.table<std::int64_t>(base_ + "/labels", {-1});
  }

  std::vector<std::string> names(const std::string& object, std::int64_t most) const {
    const Entry entry = file_.open(object);
    Reader::expect(entry, hdf5::Type::string, {-1});
    if (entry.shape[0] > most) {
      throw UserError(entry.where, std::to_string(entry.shape[0]) + " names",
                      "at most " + std::to_string(most));
    }
    return Reader::read_strings(entry, {-1});
  }

  /// The first column says how many rows all others must have.
  template <class Table>
  void read_table(const std::string& base, Table& table) const {
    std::int64_t rows = -1;
    inference_columns::each_column(table, [&](const auto& one) {
      read_column(base + "/" + one.name, rows, table.*one.values);
      if (rows < 0) rows = static_cast<std::int64_t>((table.*one.values).size());
    });
    const bool phases = std::is_same_v<Table, InferencePhases>;
    if (phases && rows > most_phases) {
      throw UserError(file_.where(base), std::to_string(rows) + " phases",
                      "at most " + std::to_string(most_phases));
    }
  }

  template <class Value>
  void read_column(const std::string& object, std::int64_t rows, std::vector<Value>& values) const {
    if constexpr (std::is_same_v<Value, std::string>) {
      values = Reader::read_strings(file_.open(object), {rows});
    } else {
      values = file_.table<Value>(object, {rows});
    }
  }

  void read_rounds() {
    InferenceRounds& rounds = result_.rounds;
    const Shape shape{static_cast<std::int64_t>(rounds.group.size()),
                      static_cast<std::int64_t>(result_.links.size())};
    rounds.used = file_.table<std::uint8_t>(base_ + "/rounds/used", shape);
    rounds.timed_out = file_.table<std::uint8_t>(base_ + "/rounds/timed_out", shape);
    rounds.prediction = file_.table<std::int64_t>(base_ + "/rounds/prediction", {samples()});
    if (!file_.has(base_ + "/rounds/exit")) return;
    rounds.exit = file_.table<std::int64_t>(base_ + "/rounds/exit", {samples()});
  }

  /// Predictions that the rounds have between them; no frame is larger than the labels.
  std::int64_t samples() const {
    const auto most = static_cast<std::int64_t>(result_.labels.size());
    const InferenceRounds& rounds = result_.rounds;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < rounds.samples.size(); ++i) {
      const std::int64_t first = rounds.first_sample[i], count = rounds.samples[i];
      if (first < 0 || first > most) refuse("first_sample", i, first, most);
      if (count < 1 || count > most - first) refuse("samples", i, count, most - first, 1);
      if (__builtin_add_overflow(sum, count, &sum)) refuse("samples", i, count, most, 1);
    }
    return sum;
  }

  [[noreturn]] void refuse(const std::string& column, std::size_t row, std::int64_t value, std::int64_t most,
                           std::int64_t least = 0) const {
    throw UserError(file_.where(base_ + "/rounds/" + column),
                    "row " + std::to_string(row) + ": " + std::to_string(value),
                    std::to_string(least) + " to " + std::to_string(most) + " of the labels");
  }

  const Reader& file_;
  std::string base_;
  InferenceResults result_;
};

}  // namespace

InferenceResults read(const Reader& file, const std::string& name) {
  return GroupReader(file, name).read();
}

}  // namespace deepfog::inference_file
