#include "storage/dataset_file.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <type_traits>

#include "core/spelling.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/sha256.hpp"
#include "topology/syntax_tree_words.hpp"

// content_sha256 is defined over little-endian bytes and computed over the memory's.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "data-set checksums are little-endian");

namespace deepfog {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Type;

constexpr std::int64_t block_values = 1024 * 1024;               // values unpacked at a time
constexpr std::uint8_t parts = 3, test_part = 2, in_none = 255;  // split codes: 0 train, 1 validation, 2 test

constexpr double smallest_scale = 1e-30,
                 largest_scale = 1e30;  // within 32 bits, whatever bytes it multiplies
constexpr std::size_t longest_name = 64;

using Codes = std::vector<std::uint8_t>;

std::string at_row(std::int64_t row) {
  return " at row " + std::to_string(row);
}

/// Text as importers write it: whatever is not printable ASCII stands there as an escape.
std::string plain(const std::string& value, const std::string& where) {
  if (!std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    throw UserError(where, "text with a byte that cannot be printed", "printable ASCII");
  return value;
}

std::string text(const Reader& file, const std::string& key) {
  return plain(file.text("/", key), file.where("/@" + key));
}

/// Whether a word can name a data set, a source or a split.
bool is_name(const std::string& word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !word.empty() && word.size() <= longest_name && is_letter(word[0]) &&
         std::all_of(word.begin(), word.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

void expect_name(const std::string& word, const std::string& where) {
  if (!is_name(word))
    throw UserError(where, quoted(word) + " is no name", "up to 64 letters, digits, _ and -, a letter first");
}

/// Distinct, non-empty strings.
std::vector<std::string> names(const Reader& file, const std::string& object, std::int64_t count) {
  std::vector<std::string> values = Reader::read_strings(file.open(object), {count});
  std::set<std::string> seen;
  for (const std::string& value : values) {
    plain(value, file.where(object));
    if (value.empty()) throw UserError(file.where(object), "an empty name");
    if (!seen.insert(value).second) throw UserError(file.where(object), "'" + value + "' stands there twice");
  }
  return values;
}

/// Channels, height and width of every source that holds images; rows of zeros for the others.
void read_shapes(const Reader& file, std::vector<Source>& sources) {
  const std::string object = "/sources/shape";
  if (!file.has(object)) return;
  const auto extents = file.table<std::int64_t>(object, {static_cast<std::int64_t>(sources.size()), 3});
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto* const row = extents.data() + 3 * i;
    if (row[0] == 0 && row[1] == 0 && row[2] == 0) continue;
    std::int64_t left = sources[i].width;  // divided instead of multiplied: nothing can overflow
    for (int axis = 0; axis < 3; ++axis) left = row[axis] > 0 && left % row[axis] == 0 ? left / row[axis] : 0;
    if (left != 1) {
      const std::string shape =
          std::to_string(row[0]) + "x" + std::to_string(row[1]) + "x" + std::to_string(row[2]);
      throw UserError(
          file.where(object), shape + " of '" + sources[i].name + "'",
          "channels, height and width whose product is " + std::to_string(sources[i].width) + ", or zeros");
    }
    sources[i].shape.assign(row, row + 3);
  }
  const std::string order = "/sources/channels_last";
  if (!file.has(order)) return;
  const auto last = file.table<std::uint8_t>(order, {static_cast<std::int64_t>(sources.size())});
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (last[i] > 1 || (last[i] == 1 && sources[i].shape.empty())) {
      throw UserError(file.where(order), std::to_string(last[i]) + " of '" + sources[i].name + "'",
                      "0, or 1 for a source with a shape");
    }
    sources[i].channels_last = last[i] == 1;
  }
}

std::vector<Source> read_sources(const Reader& file, std::int64_t features) {
  const std::vector<std::string> found = names(file, "/sources/names", -1);
  const auto widths = file.table<std::int64_t>("/sources/width", {static_cast<std::int64_t>(found.size())});
  std::vector<Source> sources;
  std::int64_t left = features;
  for (std::size_t i = 0; i < found.size(); ++i) {
    expect_name(found[i], file.where("/sources/names"));
    if (widths[i] < 1 || widths[i] > left) {
      throw UserError(
          file.where("/sources/width"), "width " + std::to_string(widths[i]) + " of '" + found[i] + "'",
          "widths of at least 1 that sum to the " + std::to_string(features) + " columns of /samples");
    }
    left -= widths[i];
    sources.push_back({found[i], widths[i], {}});
  }
  if (left != 0) {
    throw UserError(file.where("/sources/width"), "the widths sum to " + std::to_string(features - left),
                    "the " + std::to_string(features) + " columns of /samples");
  }
  read_shapes(file, sources);
  return sources;
}

std::vector<std::int64_t> read_labels(const Reader& file, std::int64_t rows, std::int64_t classes) {
  auto labels = file.table<std::int64_t>("/labels", {rows});
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t label = labels[static_cast<std::size_t>(row)];
    if (label < 0 || label >= classes) {
      throw UserError(file.where("/labels"), "label " + std::to_string(label) + at_row(row),
                      "0 to " + std::to_string(classes - 1));
    }
  }
  return labels;
}

using Splits = std::map<std::string, Codes>;  // in name order, as the checksum takes them

/// Every split has samples of each part, or of test alone; the chosen one of all that is demanded.
void expect_parts(const Codes& codes, Parts demanded, const std::string& where) {
  const char* const part_names[parts] = {"train", "validation", "test"};
  const char* absent = nullptr;
  bool others = false;
  for (std::uint8_t part = 0; part < parts; ++part) {
    const bool there = std::find(codes.begin(), codes.end(), part) != codes.end();
    if (!there && (absent == nullptr || part == test_part)) absent = part_names[part];
    others = others || (there && part != test_part);
  }
  const bool test_alone = !others && absent != part_names[test_part] && demanded == Parts::test;
  if (absent != nullptr && !test_alone)
    throw UserError(where, std::string("no ") + absent + " samples", "at least one");
}

/// The codes of every split, all of them checked; the chosen one must be there and have samples for every
/// part that is demanded.
Splits read_splits(const Reader& file, const std::string& chosen, std::int64_t rows, Parts demanded) {
  Splits splits;
  for (const std::string& name : file.children("/splits")) {
    const std::string object = "/splits/" + name;
    expect_name(name, file.where("/splits"));
    Codes& codes = splits[name] = file.table<std::uint8_t>(object, {rows});
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::uint8_t code = codes[static_cast<std::size_t>(row)];
      if (code >= parts && code != in_none) {
        throw UserError(file.where(object), "code " + std::to_string(code) + at_row(row),
                        "0 train, 1 validation, 2 test, 255 none");
      }
    }
    expect_parts(codes, name == chosen ? demanded : Parts::test, file.where(object));
  }
  for (const std::string& wanted : {text(file, "default_split"), chosen}) {
    if (splits.count(wanted) != 0) continue;
    std::vector<std::string> all;
    for (const auto& [name, codes] : splits) all.push_back(name);
    throw UserError(file.where("/splits"), "no split '" + wanted + "'", listing(all));
  }
  return splits;
}

void check_optional(const Reader& file, std::int64_t rows, std::int64_t sources) {
  if (file.has("/missing")) {
    const auto missing = file.table<std::uint8_t>("/missing", {rows, sources});
    if (std::any_of(missing.begin(), missing.end(), [](std::uint8_t flag) { return flag > 1; }))
      throw UserError(file.where("/missing"), "a value above 1", "0 and 1");
  }
  if (file.has("/group")) Reader::expect(file.open("/group"), Type::int64, {rows});
}

template <class T>
void expect_finite(const T* row, std::int64_t features, float scale, const std::string& where,
                   std::int64_t index) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::all_of(row, row + features,
                     [scale](T value) { return std::isfinite(value) && std::isfinite(value * scale); })) {
      throw UserError(where, "a value that is not finite" + at_row(index),
                      "values that are finite, times scale too");
    }
  }
}

/// Rows unpacked at a time: whole chunks.
std::int64_t block_rows(const Entry& samples) {
  const std::int64_t chunk = Reader::chunk_rows(samples);
  return std::max<std::int64_t>(1, block_values / samples.shape[1] / chunk) * chunk;
}

template <class T>
void append_row(const T* row, std::int64_t features, float scale, std::vector<float>& out) {
  const std::size_t end = out.size();
  out.resize(end + static_cast<std::size_t>(features));
  std::transform(row, row + features, out.data() + end,
                 [scale](T x) { return static_cast<float>(x) * scale; });
}

/// Reads the samples in blocks, hashes them and deals the rows out to their parts; test rows stay in the file
/// unless `with_test`.
template <class T>
void deal_samples(const Entry& samples, const Codes& codes, float scale, bool with_test, Dataset& dataset,
                  Sha256& sum) {
  const std::int64_t rows = samples.shape[0], features = samples.shape[1], block = block_rows(samples);
  SampleSet* const sets[parts] = {&dataset.train, &dataset.validation, &dataset.test};
  std::vector<T> values(static_cast<std::size_t>(std::min(block, rows) * features));
  for (std::int64_t begin = 0; begin < rows; begin += block) {
    const std::int64_t count = std::min(block, rows - begin);
    Reader::read_rows(samples, begin, count, values.data());
    sum.add(values.data(), static_cast<std::size_t>(count * features) * sizeof(T));
    for (std::int64_t i = 0; i < count; ++i) {
      const T* row = values.data() + i * features;
      expect_finite(row, features, scale, samples.where, begin + i);
      const std::uint8_t code = codes[static_cast<std::size_t>(begin + i)];
      if (code == in_none || (code == test_part && !with_test)) continue;
      append_row(row, features, scale, sets[code]->values);
    }
  }
}

/// The rows of `wanted`, ascending, of a table that was checked when its file was loaded.
template <class T>
void pick_samples(const Entry& samples, const std::vector<std::int64_t>& wanted, float scale,
                  std::vector<float>& out) {
  const std::int64_t features = samples.shape[1], block = block_rows(samples);
  std::vector<T> values;
  for (std::size_t next = 0; next < wanted.size();) {
    const std::int64_t begin = wanted[next] / block * block;
    const std::int64_t count = std::min(block, samples.shape[0] - begin);
    values.resize(static_cast<std::size_t>(count * features));
    Reader::read_rows(samples, begin, count, values.data());
    for (; next < wanted.size() && wanted[next] < begin + count; ++next) {
      const T* row = values.data() + (wanted[next] - begin) * features;
      expect_finite(row, features, scale, samples.where, wanted[next]);
      append_row(row, features, scale, out);
    }
  }
}

void reserve_parts(Dataset& dataset, const Codes& codes, std::int64_t features,
                   const std::vector<std::int64_t>& labels, bool with_test) {
  SampleSet* const sets[parts] = {&dataset.train, &dataset.validation, &dataset.test};
  for (std::uint8_t part = 0; part < parts; ++part) {
    const auto rows = static_cast<std::size_t>(std::count(codes.begin(), codes.end(), part));
    sets[part]->features = features;
    sets[part]->labels.reserve(rows);
    if (part == test_part && !with_test) continue;
    sets[part]->values.reserve(rows * static_cast<std::size_t>(features));
  }
  for (std::size_t row = 0; row < codes.size(); ++row) {
    if (codes[row] != in_none) sets[codes[row]]->labels.push_back(labels[row]);
  }
}

/// The root attributes that need no table.
Dataset read_description(const Reader& file, const std::string& split) {
  Dataset dataset;
  dataset.name = text(file, "name");
  expect_name(dataset.name, file.where("/@name"));
  dataset.title = text(file, "title");
  dataset.origin = text(file, "origin");
  if (dataset.origin != "real" && dataset.origin != "synthetic") {
    throw UserError(file.where("/@origin"), "'" + dataset.origin + "'", "real, synthetic");
  }
  dataset.content_sha256 = text(file, "content_sha256");
  for (const char* const key : {"source", "source_sha256", "importer", "citation"}) text(file, key);
  const std::string by_default = text(file, "default_split");
  dataset.split = split.empty() ? by_default : split;
  return dataset;
}

std::int64_t read_classes(const Reader& file) {
  const auto classes = file.value<std::int64_t>("/", "classes");
  if (classes < 2) throw UserError(file.where("/@classes"), std::to_string(classes), "at least 2");
  return classes;
}

float read_scale(const Reader& file) {
  const auto scale = file.value<double>("/", "scale");
  if (!(scale >= smallest_scale && scale <= largest_scale))
    throw UserError(file.where("/@scale"), std::to_string(scale), "1e-30 to 1e30");
  return static_cast<float>(scale);
}

/// The table of samples, its type and shape checked, its values unread.
Entry open_samples(const Reader& file) {
  Entry samples = file.open("/samples");
  const Type type = hdf5::type_of(samples.type.id());
  if (type != Type::uint8 && type != Type::float32) {
    throw UserError(samples.where, "type " + hdf5::type_name(samples.type.id()), "uint8 or float32");
  }
  Reader::expect(samples, type, {-1, -1});
  if (samples.shape[0] < 1 || samples.shape[1] < 1) {
    throw UserError(samples.where, "shape " + hdf5::format_shape(samples.shape),
                    "at least one row and one column");
  }
  return samples;
}

}  // namespace

Dataset load_dataset(const std::string& path, const std::string& split, std::int64_t most_test_bytes,
                     Parts demanded) {
  const Reader file(path, "deepfog-dataset", 1);
  Dataset dataset = read_description(file, split);
  const std::int64_t classes = read_classes(file);
  const float scale = read_scale(file);
  const Entry samples = open_samples(file);
  const std::int64_t rows = samples.shape[0], features = samples.shape[1];
  dataset.class_names = names(file, "/class_names", classes);
  dataset.sources = read_sources(file, features);
  check_optional(file, rows, static_cast<std::int64_t>(dataset.sources.size()));
  const std::vector<std::int64_t> labels = read_labels(file, rows, classes);
  const Splits splits = read_splits(file, dataset.split, rows, demanded);
  const Codes& codes = splits.at(dataset.split);

  const std::int64_t test_rows = std::count(codes.begin(), codes.end(), test_part);
  const bool with_test = test_rows <= most_test_bytes / static_cast<std::int64_t>(sizeof(float)) / features;

  Sha256 sum;
  reserve_parts(dataset, codes, features, labels, with_test);
  if (hdf5::type_of(samples.type.id()) == Type::uint8) {
    deal_samples<std::uint8_t>(samples, codes, scale, with_test, dataset, sum);
  } else {
    deal_samples<float>(samples, codes, scale, with_test, dataset, sum);
  }
  sum.add(labels.data(), labels.size() * sizeof(std::int64_t));
  for (const auto& [name, others] : splits) sum.add(others.data(), others.size());
  const std::string content = sum.hex();
  if (content != dataset.content_sha256) {
    throw UserError(file.where("/@content_sha256"), "the content has another sum, " + content,
                    "prepare the file anew");
  }
  return dataset;
}

SampleSet load_test_rows(const std::string& path, const std::string& split, std::int64_t begin,
                         std::int64_t end) {
  const Reader file(path, "deepfog-dataset", 1);
  const float scale = read_scale(file);
  const Entry samples = open_samples(file);
  const std::int64_t rows = samples.shape[0];
  const std::vector<std::int64_t> labels = read_labels(file, rows, read_classes(file));
  const std::string chosen = split.empty() ? file.text("/", "default_split") : split;
  const Splits splits = read_splits(file, chosen, rows, Parts::test);
  const Codes& codes = splits.at(chosen);
  SampleSet set;
  set.features = samples.shape[1];
  std::vector<std::int64_t> wanted;
  std::int64_t position = 0;
  for (std::int64_t row = 0; row < rows && position < end; ++row) {
    if (codes[static_cast<std::size_t>(row)] != test_part) continue;
    if (position++ < begin) continue;
    wanted.push_back(row);
    set.labels.push_back(labels[static_cast<std::size_t>(row)]);
  }
  if (begin < 0 || begin >= end || set.size() != end - begin) {
    throw UserError(file.where("/splits/" + chosen),
                    "no test samples " + std::to_string(begin) + " to " + std::to_string(end),
                    "0 to " + std::to_string(position));
  }
  if (hdf5::type_of(samples.type.id()) == Type::uint8) {
    pick_samples<std::uint8_t>(samples, wanted, scale, set.values);
  } else {
    pick_samples<float>(samples, wanted, scale, set.values);
  }
  return set;
}

}  // namespace deepfog
