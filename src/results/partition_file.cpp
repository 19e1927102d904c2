#include "results/partition_file.hpp"

#include "core/error.hpp"

namespace deepfog::partition_file {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Shape;
using hdf5::Type;
using hdf5::Writer;

constexpr std::int64_t most_layers = 10000, most_devices = 65, most_points = 1000000;  // 64 and a spare

void label(Writer& file, const std::string& object, const std::string& units, const std::string& long_name) {
  file.text(object, "units", units);
  file.text(object, "long_name", long_name);
}

template <class T>
void column(Writer& file, const std::string& object, const std::vector<T>& values, const std::string& units,
            const std::string& long_name) {
  file.table(object, {static_cast<std::int64_t>(values.size())}, values);
  label(file, object, units, long_name);
}

void write_front(Writer& file, const std::string& base, const PartitionTables::Front& front) {
  const auto points = static_cast<std::int64_t>(front.thresholds.size());
  for (const std::size_t size : {front.bytes.size(), front.accuracy.size(), front.on_front.size()}) {
    if (static_cast<std::int64_t>(size) != points) throw Failure(base + ": tables of unequal length");
  }
  file.group(base);
  file.value(base, "failed", front.failed);
  column(file, base + "/thresholds", front.thresholds, "1", "threshold of all layers, NaN: one a layer");
  column(file, base + "/bytes", front.bytes, "bytes", "weights of the largest device");
  column(file, base + "/accuracy", front.accuracy, "1",
         "mean accuracy over the combinations with so many failed devices as attribute failed says");
  column(file, base + "/on_front", front.on_front, "1", "1 where no other point is better");
}

/// Extent of a table of this rank whose last dimension is free, checked before anything is read.
std::int64_t last_extent(const Entry& entry, Type type, const Shape& expected, std::int64_t most) {
  Reader::expect(entry, type, expected);
  const std::int64_t extent = entry.shape.back();
  if (extent < 1 || extent > most) {
    throw UserError(entry.where, std::to_string(extent) + " columns", "1 to " + std::to_string(most));
  }
  return extent;
}

PartitionTables::Front read_front(const Reader& file, const std::string& base) {
  PartitionTables::Front front;
  const Entry entry = file.open(base + "/thresholds");
  const std::int64_t points = last_extent(entry, Type::float64, {-1}, most_points);
  front.thresholds = Reader::read<double>(entry, {points});
  front.bytes = file.table<std::int64_t>(base + "/bytes", {points});
  front.accuracy = file.table<double>(base + "/accuracy", {points});
  front.on_front = file.table<std::uint8_t>(base + "/on_front", {points});
  front.failed = file.value<std::int64_t>(base, "failed");
  return front;
}

}  // namespace

void write(Writer& file, const std::string& model, std::int64_t runs, const std::string& run_scale,
           const PartitionTables& tables) {
  const std::string base = model + "/partition";
  if (tables.empty()) {
    if (!tables.front.empty()) throw Failure(model + "/front: without a partition");
    return;
  }
  const auto layers = static_cast<std::int64_t>(tables.layers.size());
  const std::int64_t devices = runs > 0 ? static_cast<std::int64_t>(tables.device_bytes.size()) / runs : 0;
  const auto by_run = [&](const std::string& object, std::int64_t columns, const auto& values,
                          const std::string& units, const std::string& long_name) {
    file.table(object, {runs, columns}, values);
    label(file, object, units, long_name);
    file.attach(object, 0, run_scale);
  };
  file.group(base);
  file.strings(base + "/layers", tables.layers);
  label(file, base + "/layers", "1", "layers that are cut, in order");
  column(file, base + "/neurons", tables.neurons, "1", "neurons of the layer");
  by_run(base + "/held", layers, tables.held, "1", "neurons over all data devices, replicas counted");
  by_run(base + "/device_bytes", devices, tables.device_bytes, "bytes", "weights a device holds");
  if (!tables.thresholds.empty())
    by_run(base + "/thresholds", layers, tables.thresholds, "1", "threshold of the grouping");
  if (!tables.front.empty()) write_front(file, model + "/front", tables.front);
}

PartitionTables read(const Reader& file, const std::string& model, std::int64_t runs) {
  PartitionTables tables;
  const std::string base = model + "/partition", front = model + "/front";
  if (!file.has(base)) {
    if (file.has(front)) throw UserError(file.where(base), "missing", "beside front");
    return tables;
  }
  const Entry names = file.open(base + "/layers");
  const std::int64_t layers = last_extent(names, Type::string, {-1}, most_layers);
  tables.layers = Reader::read_strings(names, {layers});
  tables.neurons = file.table<std::int64_t>(base + "/neurons", {layers});
  tables.held = file.table<std::int64_t>(base + "/held", {runs, layers});
  const Entry bytes = file.open(base + "/device_bytes");
  const std::int64_t devices = last_extent(bytes, Type::int64, {runs, -1}, most_devices);
  tables.device_bytes = Reader::read<std::int64_t>(bytes, {runs, devices});
  if (file.has(base + "/thresholds"))
    tables.thresholds = file.table<double>(base + "/thresholds", {runs, layers});
  if (file.has(front)) tables.front = read_front(file, front);
  return tables;
}

std::vector<std::string> schema(const std::string& model) {
  std::vector<std::string> lines;
  for (const char* name : {"method", "network", "scores", "score_normalisation"})
    lines.push_back(model + name + "|attribute|string|0|optional");
  for (const char* name : {"devices", "calibration_images", "network_bytes", "front/failed"})
    lines.push_back(model + name + "|attribute|int64|0|optional");
  for (const char* table :
       {"partition/layers|dataset|string|1", "partition/neurons|dataset|int64|1",
        "partition/held|dataset|int64|2", "partition/device_bytes|dataset|int64|2",
        "partition/thresholds|dataset|float64|2", "front/thresholds|dataset|float64|1",
        "front/bytes|dataset|int64|1", "front/accuracy|dataset|float64|1", "front/on_front|dataset|uint8|1"})
    lines.push_back(model + table + "|optional");
  return lines;
}

}  // namespace deepfog::partition_file
