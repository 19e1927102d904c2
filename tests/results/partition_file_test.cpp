#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "sample_partition.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using test::sample_results_with_partitions;
using test::Scratch;
using Integers = std::vector<std::int64_t>;

const std::string model = "/experiments/sample/models/deepfogguard";

Results write_and_read(const Results& results) {
  const Scratch scratch;
  write_results(scratch.path("r.h5"), results);
  return read_results(scratch.path("r.h5"));
}

void expect_equal(const PartitionTables& a, const PartitionTables& b) {
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.neurons, b.neurons);
  EXPECT_EQ(a.held, b.held);
  EXPECT_EQ(a.device_bytes, b.device_bytes);
  EXPECT_EQ(a.thresholds, b.thresholds);
  EXPECT_EQ(a.front.thresholds, b.front.thresholds);
  EXPECT_EQ(a.front.bytes, b.front.bytes);
  EXPECT_EQ(a.front.accuracy, b.front.accuracy);
  EXPECT_EQ(a.front.on_front, b.front.on_front);
  EXPECT_EQ(a.front.failed, b.front.failed);
}

TEST(PartitionFile, GivesBackWhatWasWritten) {
  const Results results = sample_results_with_partitions(), found = write_and_read(results);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    const ModelResults &a = found.experiments[0].models[i], &b = results.experiments[0].models[i];
    EXPECT_FALSE(a.partition.empty());
    expect_equal(a.partition, b.partition);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.integers, b.integers);
  }
  EXPECT_TRUE(found.experiments[0].models[0].partition.thresholds.empty());
  EXPECT_TRUE(found.experiments[0].models[0].partition.front.empty());
}

TEST(PartitionFile, OtherModelsHaveNone) {
  const Results found = write_and_read(test::sample_results());
  for (const ModelResults& one : found.experiments[0].models) EXPECT_TRUE(one.partition.empty());
}

TEST(PartitionFile, APointThatWasNotMeasuredStaysNaN) {
  Results results = sample_results_with_partitions();
  PartitionTables::Front& front = results.experiments[0].models[1].partition.front;
  front.accuracy[2] = front.thresholds[2] = std::numeric_limits<double>::quiet_NaN();
  const Results found = write_and_read(results);
  EXPECT_TRUE(std::isnan(found.experiments[0].models[1].partition.front.accuracy[2]));
  EXPECT_TRUE(std::isnan(found.experiments[0].models[1].partition.front.thresholds[2]));
}

TEST(PartitionFile, TheWriterRefusesTablesThatDoNotFit) {
  const Scratch scratch;
  const std::string path = scratch.path("r.h5");
  const auto message = [&](const auto& change) {
    Results results = sample_results_with_partitions();
    change(results.experiments[0].models[1].partition);
    return test::message_of<Failure>([&] { write_results(path, results); });
  };
  EXPECT_EQ(message([](PartitionTables& p) { p.held.pop_back(); }),
            path + ":" + model + "/partition/held: 3 values for shape [2, 2]");
  EXPECT_EQ(message([](PartitionTables& p) { p.device_bytes.pop_back(); }),
            path + ":" + model + "/partition/device_bytes: 5 values for shape [2, 2]");
  EXPECT_EQ(message([](PartitionTables& p) { p.thresholds.pop_back(); }),
            path + ":" + model + "/partition/thresholds: 3 values for shape [2, 2]");
  EXPECT_EQ(message([](PartitionTables& p) { p.front.bytes.pop_back(); }),
            model + "/front: tables of unequal length");
  EXPECT_EQ(message([](PartitionTables& p) { p.layers.clear(); }), model + "/front: without a partition");
  EXPECT_EQ(scratch.files(), 0U);
}

struct Case {
  std::string name;
  test::Edit spoil;
  std::string message;  ///< behind the path and the model
};

std::vector<Case> cases() {
  using test::claim, test::remove, test::remove_attribute, test::replace, test::replace_strings;
  const std::string cut = model + "/partition", front = model + "/front";
  const hsize_t huge = hsize_t{1} << 31;
  return {
      {"no names", remove(cut + "/layers"), "/partition/layers: missing"},
      {"names are numbers", replace(cut + "/layers", {2}, Integers{1, 2}),
       "/partition/layers: type int64 (fixed-length string)"},
      {"a layer more", replace_strings(cut + "/layers", {"a", "b", "c"}),
       "/partition/neurons: shape [2] ([3])"},
      {"too many layers", replace_strings(cut + "/layers", std::vector<std::string>(10001, "x")),
       "/partition/layers: 10001 columns (1 to 10000)"},
      {"neurons missing", remove(cut + "/neurons"), "/partition/neurons: missing"},
      {"held by other runs", replace(cut + "/held", {1, 2}, Integers{4, 6}),
       "/partition/held: shape [1, 2] ([2, 2])"},
      {"held of rank 1", replace(cut + "/held", {4}, Integers(4)), "/partition/held: shape [4] ([2, 2])"},
      {"bytes by other runs", replace(cut + "/device_bytes", {3, 2}, Integers(6)),
       "/partition/device_bytes: shape [3, 2] ([2, any])"},
      {"bytes are floats", replace(cut + "/device_bytes", {2, 3}, std::vector<double>(6)),
       "/partition/device_bytes: type float64 (int64)"},
      {"too many devices", replace(cut + "/device_bytes", {2, 66}, Integers(132)),
       "/partition/device_bytes: 66 columns (1 to 65)"},
      {"devices that fill the memory", claim(cut + "/device_bytes", {2, huge}, H5T_STD_I64LE),
       "/partition/device_bytes: shape [2, 2147483648], but only 0 bytes are stored (a complete table)"},
      {"thresholds of other layers", replace(cut + "/thresholds", {2, 3}, std::vector<double>(6)),
       "/partition/thresholds: shape [2, 3] ([2, 2])"},
      {"a front without a partition", remove(cut), "/partition: missing (beside front)"},
      {"a front without bytes", remove(front + "/bytes"), "/front/bytes: missing"},
      {"a front of other points", replace(front + "/accuracy", {3}, std::vector<double>(3)),
       "/front/accuracy: shape [3] ([4])"},
      {"a front of many points", claim(front + "/thresholds", {huge}, H5T_IEEE_F64LE),
       "/front/thresholds: shape [2147483648], but only 0 bytes are stored (a complete table)"},
      {"marks are int64", replace(front + "/on_front", {4}, Integers(4)),
       "/front/on_front: type int64 (uint8)"},
      {"no number of failures", remove_attribute(front, "failed"), "/front@failed: missing"},
  };
}

TEST(PartitionFile, OneLineSaysWhereAndWhatIsAllowed) {
  for (const Case& bad : cases()) {
    const Scratch scratch;
    const std::string path = scratch.path("bad.h5");
    write_results(path, sample_results_with_partitions());
    bad.spoil(path);
    EXPECT_EQ(test::message_of<UserError>([&] { read_results(path); }), path + ":" + model + bad.message)
        << bad.name;
  }
}

}  // namespace
}  // namespace deepfog
