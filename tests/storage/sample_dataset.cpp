#include "sample_dataset.hpp"

#include "storage/hdf5_writer.hpp"
#include "storage/sha256.hpp"

namespace deepfog::test {
namespace {

SampleDataset sample() {
  SampleDataset sample;
  for (std::int64_t row = 0; row < sample.rows; ++row) {
    const auto code = static_cast<std::uint8_t>(row % 4);
    sample.labels.push_back(row % 3);
    sample.splits["fourths"].push_back(code == 3 ? 255 : code);
    sample.splits["thirds"].push_back(static_cast<std::uint8_t>(row / 4));
  }
  return sample;
}

}  // namespace

SampleDataset sample_bytes() {
  SampleDataset result = sample();
  for (std::uint8_t value = 0; value < 60; ++value) result.bytes.push_back(value);
  result.scale = 1.0 / 255;
  return result;
}

SampleDataset sample_floats() {
  SampleDataset result = sample();
  for (int value = 0; value < 60; ++value) result.floats.push_back(static_cast<float>(value) + 0.25F);
  return result;
}

void SampleDataset::write(const std::string& path) const {
  Sha256 sum;
  hdf5::Writer file(path, "deepfog-dataset", 1);
  file.text("/", "name", "sample");
  file.text("/", "title", "A sample");
  file.text("/", "origin", "synthetic");
  file.value<std::int64_t>("/", "classes", 3);
  file.text("/", "default_split", "fourths");
  for (const char* const key : {"source", "source_sha256", "importer", "citation"})
    file.text("/", key, "made up");
  file.value("/", "scale", scale);
  if (!bytes.empty()) {
    file.table("/samples", {rows, features}, bytes);
    sum.add(bytes.data(), bytes.size());
  } else {
    file.table("/samples", {rows, features}, floats);
    sum.add(floats.data(), floats.size() * sizeof(float));
  }
  file.table("/labels", {rows}, labels);
  sum.add(labels.data(), labels.size() * sizeof(std::int64_t));
  file.strings("/class_names", {"person", "car", "bus"});
  file.group("/sources");
  file.strings("/sources/names", sources);
  file.table("/sources/width", {static_cast<std::int64_t>(widths.size())}, widths);
  if (!shapes.empty()) file.table("/sources/shape", {static_cast<std::int64_t>(sources.size()), 3}, shapes);
  file.group("/splits");
  for (const auto& [name, codes] : splits) {
    file.table("/splits/" + name, {rows}, codes);
    sum.add(codes.data(), codes.size());
  }
  file.text("/", "content_sha256", sum.hex());
  file.commit();
}

}  // namespace deepfog::test
