#include "results/exit_file.hpp"

#include "core/error.hpp"

namespace deepfog::exit_file {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Shape;
using hdf5::Type;
using hdf5::Writer;

constexpr std::int64_t most_exits = 1000, most_heads = 10000, most_points = 10000, most_links = 1000000;

class ExitWriter {
 public:
  ExitWriter(Writer& file, std::string base, const Rows& rows, std::string scales)
      : file_(file), base_(std::move(base)), rows_(rows), scales_(std::move(scales)) {}

  void names(const std::string& table, const std::vector<std::string>& values, const std::string& long_name) {
    file_.strings(base_ + table, values);
    label(table, "1", long_name);
  }
  template <class T>
  void column(const std::string& table, const std::vector<T>& values, const std::string& units,
              const std::string& long_name) {
    file_.table(base_ + table, {count(values)}, values);
    label(table, units, long_name);
  }
  void by_run(const std::string& table, std::int64_t columns, const std::vector<double>& values,
              const std::string& long_name) {
    file_.table(base_ + table, {rows_.runs, columns}, values);
    label(table, "1", long_name);
    file_.attach(base_ + table, 0, scales_ + "/run");
  }
  void counts(const std::string& table, const Shape& behind, const std::vector<std::int64_t>& values,
              const std::string& long_name) {
    Shape shape{rows_.runs, rows_.rows};
    shape.insert(shape.end(), behind.begin(), behind.end());
    file_.table(base_ + table, shape, values);
    label(table, "samples", long_name);
    file_.attach(base_ + table, 0, scales_ + "/run");
    if (rows_.combinations) file_.attach(base_ + table, 1, scales_ + "/combination");
  }
  template <class T>
  static std::int64_t count(const std::vector<T>& values) {
    return static_cast<std::int64_t>(values.size());
  }

 private:
  void label(const std::string& table, const std::string& units, const std::string& long_name) {
    file_.text(base_ + table, "units", units);
    file_.text(base_ + table, "long_name", long_name);
  }

  Writer& file_;
  std::string base_;
  Rows rows_;
  std::string scales_;
};

void write_links(ExitWriter& to, const std::string& base, const ExitTables& t) {
  for (const std::size_t size :
       {t.link_kinds.size(), t.senders.size(), t.bits.size(), t.exits_passed.size()}) {
    if (size != t.links.size()) throw Failure(base + "/links: tables of unequal length");
  }
  to.names("/links/names", t.links, "hyperconnections that are messages");
  to.names("/links/kinds", t.link_kinds,
           "data; verdict: an exit tells who has left; answer: scores on their way to who collects answers");
  to.names("/links/senders", t.senders, "physical node that sends");
  to.column("/links/bits", t.bits, "bits", "of a sample that travels");
  to.column("/links/exits_passed", t.exits_passed, "1", "exits that a sample must have passed to travel");
}

/// Extent of a table of rank 1, checked before anything is read.
std::int64_t extent(const Entry& entry, Type type, std::int64_t least, std::int64_t most) {
  Reader::expect(entry, type, {-1});
  const std::int64_t found = entry.shape[0];
  if (found < least || found > most) {
    throw UserError(entry.where, std::to_string(found) + " values",
                    std::to_string(least) + " to " + std::to_string(most));
  }
  return found;
}

std::vector<std::string> read_names(const Reader& file, const std::string& object, std::int64_t least,
                                    std::int64_t most) {
  const Entry entry = file.open(object);
  const std::int64_t size = extent(entry, Type::string, least, most);
  return Reader::read_strings(entry, {size});
}

void read_links(const Reader& file, const std::string& base, ExitTables& to) {
  to.links = read_names(file, base + "/names", 0, most_links);
  const auto size = static_cast<std::int64_t>(to.links.size());
  to.link_kinds = Reader::read_strings(file.open(base + "/kinds"), {size});
  to.senders = Reader::read_strings(file.open(base + "/senders"), {size});
  to.bits = file.table<std::int64_t>(base + "/bits", {size});
  to.exits_passed = file.table<std::int64_t>(base + "/exits_passed", {size});
}

}  // namespace

void write(Writer& file, const std::string& model, const Rows& rows, const std::string& scales,
           const ExitTables& tables) {
  if (tables.empty()) return;
  const std::string base = model + "/exits";
  if (rows.rows == 0) throw Failure(base + ": beside a table of bounds");
  const std::int64_t exits = ExitWriter::count(tables.exits), heads = ExitWriter::count(tables.heads),
                     points = ExitWriter::count(tables.grid);
  file.group(base);
  file.group(base + "/links");
  ExitWriter to(file, base, rows, scales);
  to.names("/names", tables.exits, "exits in the order in which samples meet them; the last takes all");
  to.names("/heads", tables.heads, "exits and class summaries");
  to.by_run("/thresholds", exits, tables.thresholds, "a sample leaves below this normalised entropy");
  to.counts("/answered", {exits}, tables.answered, "test samples that leave at the exit");
  to.counts("/correct", {exits}, tables.correct, "those of them that are right");
  to.column("/grid", tables.grid, "1", "one threshold for all exits");
  to.counts("/curve_answered", {points, exits}, tables.curve_answered,
            "test samples that leave at the exit with the threshold of the grid");
  to.counts("/curve_correct", {points, exits}, tables.curve_correct, "those of them that are right");
  to.counts("/alone", {heads}, tables.alone,
            "right when the head answers all samples, 0 where nothing flows");
  write_links(to, base, tables);
}

ExitTables read(const Reader& file, const std::string& model, const Rows& rows) {
  ExitTables tables;
  const std::string base = model + "/exits";
  if (!file.has(base)) return tables;
  if (rows.rows == 0)
    throw UserError(file.where(base), "beside a table of bounds", "a table of combinations or classes");
  tables.exits = read_names(file, base + "/names", 1, most_exits);
  tables.heads = read_names(file, base + "/heads", 1, most_heads);
  const Entry grid = file.open(base + "/grid");
  const std::int64_t points = extent(grid, Type::float64, 1, most_points);
  tables.grid = Reader::read<double>(grid, {points});
  const auto exits = static_cast<std::int64_t>(tables.exits.size()),
             heads = static_cast<std::int64_t>(tables.heads.size());
  tables.thresholds = file.table<double>(base + "/thresholds", {rows.runs, exits});
  const Shape table{rows.runs, rows.rows, exits}, curve{rows.runs, rows.rows, points, exits};
  tables.answered = file.table<std::int64_t>(base + "/answered", table);
  tables.correct = file.table<std::int64_t>(base + "/correct", table);
  tables.curve_answered = file.table<std::int64_t>(base + "/curve_answered", curve);
  tables.curve_correct = file.table<std::int64_t>(base + "/curve_correct", curve);
  tables.alone = file.table<std::int64_t>(base + "/alone", {rows.runs, rows.rows, heads});
  read_links(file, base + "/links", tables);
  return tables;
}

std::vector<std::string> schema(const std::string& model) {
  std::vector<std::string> lines;
  for (const char* attribute :
       {"exit_threshold|attribute|string|0", "exit_threshold_value|attribute|float64|0",
        "trained_without|attribute|string|0"})
    lines.push_back(model + attribute + "|optional");
  for (const char* table :
       {"names|dataset|string|1", "heads|dataset|string|1", "thresholds|dataset|float64|2",
        "answered|dataset|int64|3", "correct|dataset|int64|3", "grid|dataset|float64|1",
        "curve_answered|dataset|int64|4", "curve_correct|dataset|int64|4", "alone|dataset|int64|3",
        "links/names|dataset|string|1", "links/kinds|dataset|string|1", "links/senders|dataset|string|1",
        "links/bits|dataset|int64|1", "links/exits_passed|dataset|int64|1"})
    lines.push_back(model + "exits/" + table + "|optional");
  return lines;
}

}  // namespace deepfog::exit_file
