#include "results/sample_hits_file.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace deepfog::sample_hits_file {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Type;
using hdf5::Writer;

std::int64_t bytes_of(std::int64_t samples) {
  return (samples + 7) / 8;
}

void label(Writer& file, const std::string& object, const std::string& long_name) {
  file.text(object, "units", "1");
  file.text(object, "long_name", long_name);
}

/// Bits behind the last sample would count as samples.
void check_ends(const Entry& entry, const std::vector<std::uint8_t>& right, std::int64_t samples) {
  const auto stride = static_cast<std::size_t>(bytes_of(samples));
  if (samples % 8 == 0) return;
  for (std::size_t last = stride - 1; last < right.size(); last += stride) {
    if (right[last] >> (samples % 8) != 0)
      throw UserError(entry.where, "bits behind the last sample of row " + std::to_string(last / stride),
                      "0 behind sample " + std::to_string(samples - 1));
  }
}

}  // namespace

void write_labels(Writer& file, const std::string& base, const ExperimentResults& experiment) {
  if (experiment.test_labels.empty()) return;
  file.table(base + "/test_labels", {experiment.test_samples}, experiment.test_labels);
  label(file, base + "/test_labels", "class of each test sample");
}

void write(Writer& file, const std::string& base, const ExperimentResults& experiment,
           const std::string& scales, const ModelResults& model) {
  if (model.right.empty()) return;
  const std::string right = base + "/right", row = base + "/right_row";
  const std::int64_t bytes = bytes_of(experiment.test_samples);
  const std::int64_t whole = std::max<std::int64_t>(1, experiment.runs * bytes);
  file.table(right, {experiment.runs, static_cast<std::int64_t>(model.right.size()) / whole, bytes},
             model.right);
  label(file, right,
        "test samples predicted right, by row and byte: bit s % 8 (least significant first) of byte s / 8 is "
        "sample s");
  file.attach(right, 0, scales + "/run");
  if (model.right_row.empty()) return;
  file.table(row, {std::int64_t{1} << experiment.nodes.size()}, model.right_row);
  label(file, row, "row of right, from 1, of each failure combination; 0 where nothing flows");
  file.attach(row, 0, scales + "/combination");
}

void read_labels(const Reader& file, const std::string& base, ExperimentResults& experiment) {
  const std::string object = base + "/test_labels";
  if (!file.has(object)) return;
  if (experiment.test_samples < 1)
    throw UserError(file.where(base + "@test_samples"), std::to_string(experiment.test_samples),
                    "1 or more beside test_labels");
  experiment.test_labels = file.table<std::int32_t>(object, {experiment.test_samples});
  for (const std::int32_t label : experiment.test_labels) {
    if (label < 0 || label >= experiment.classes)
      throw UserError(file.where(object), std::to_string(label),
                      "0 to " + std::to_string(experiment.classes - 1));
  }
}

void read(const Reader& file, const std::string& base, const ExperimentResults& experiment,
          ModelResults& model) {
  const std::string right = base + "/right", row = base + "/right_row";
  const std::string form = table_form(model);
  if (!file.has(right)) {
    if (file.has(row)) throw UserError(file.where(row), "without right", "both or none");
    return;
  }
  if (form == "bounds") throw UserError(file.where(right), "beside bounds", "a table of counts");
  if (experiment.test_labels.empty())
    throw UserError(file.where(base + "/right"), "without test_labels", "the labels of the test samples");
  const Entry entry = file.open(right);
  Reader::expect(entry, Type::uint8, {experiment.runs, -1, bytes_of(experiment.test_samples)});
  const std::int64_t rows = entry.shape[1];
  const auto columns = static_cast<std::int64_t>(model.class_correct.size());
  if (rows < 1 || (form == "classes" && rows != columns / std::max<std::int64_t>(1, experiment.runs) - 1))
    throw UserError(entry.where, std::to_string(rows) + " rows", "one a class of outcomes");
  model.right = Reader::read<std::uint8_t>(entry, entry.shape);
  check_ends(entry, model.right, experiment.test_samples);
  if (form != "combinations") {
    if (file.has(row)) throw UserError(file.where(row), "beside a diagram", "none: rows are its classes");
    return;
  }
  model.right_row = file.table<std::int32_t>(row, {static_cast<std::int64_t>(model.flow.size())});
  for (std::size_t k = 0; k < model.right_row.size(); ++k) {
    const std::int32_t of = model.right_row[k];
    if (of < 0 || of > rows)
      throw UserError(file.where(row), "combination " + std::to_string(k) + ": " + std::to_string(of),
                      "0 to " + std::to_string(rows));
  }
}

std::vector<std::string> schema(const std::string& experiment) {
  const std::string model = experiment + "models/<model>/";
  return {experiment + "test_labels|dataset|int32|1|optional", model + "right|dataset|uint8|3|optional",
          model + "right_row|dataset|int32|1|optional", model + "right_left_out|attribute|string|0|optional"};
}

}  // namespace deepfog::sample_hits_file
