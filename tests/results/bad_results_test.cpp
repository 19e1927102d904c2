#include <gtest/gtest.h>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "results/results_file.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using test::claim;
using test::Edit;
using test::remove;
using test::remove_attribute;
using test::replace;
using test::replace_attribute;
using test::replace_strings;
using test::replace_text;

using Bytes = std::vector<std::uint8_t>;
using Integers = std::vector<std::int64_t>;

struct Case {
  std::string name;
  Edit spoil;
  std::string message;  ///< behind the path
};

const std::string experiment = "/experiments/sample", model = experiment + "/models/vanilla";

std::vector<Case> cases() {
  const hsize_t huge = hsize_t{1} << 31;
  return {
      {"not HDF5", [](const std::string& path) { test::write_file(path, "results\n"); },
       ": not an HDF5 file"},
      {"a data set", replace_text("/", "format", "deepfog-dataset"),
       ":/@format: 'deepfog-dataset' (deepfog-results)"},
      {"from the future", replace_attribute<std::int64_t>("/", "format_version", 2),
       ":/@format_version: 2 (1)"},
      {"valid is 2", replace_attribute<std::uint8_t>("/", "valid", 2), ":/@valid: 2 (0 or 1)"},
      {"git_dirty missing", remove_attribute("/", "git_dirty"), ":/@git_dirty: missing"},
      {"an attribute of another type", replace_attribute("/", "speed", 1.0),
       ":/@speed: type float64 (fixed-length string, int64)"},
      {"no experiments", remove("/experiments"), ":/experiments: missing"},
      {"an experiment is a table", replace("/experiments/other", {1}, Integers{1}),
       ":/experiments/other@dataset: missing"},
      {"no data set", remove_attribute(experiment, "dataset"), ":" + experiment + "@dataset: missing"},
      {"classes 0", replace_attribute<std::int64_t>(experiment, "classes", 0),
       ":" + experiment + "@classes: 0 (1 to 100000)"},
      {"classes 4", replace_attribute<std::int64_t>(experiment, "classes", 4),
       ":" + experiment + "@test_class_counts: shape [3] ([4])"},
      {"too many nodes", replace_strings(experiment + "/topology/nodes", std::vector<std::string>(31, "x")),
       ":" + experiment + "/scales/combination: 31 nodes (at most 30 for a table of combinations)"},
      {"another number of nodes", replace_strings(experiment + "/topology/nodes", {"a", "b"}),
       ":" + experiment + "/scales/combination: shape [8] ([4])"},
      {"no scales", remove(experiment + "/scales"), ":" + experiment + "/scales/run: missing"},
      {"no scale of combinations", remove(experiment + "/scales/combination"),
       ":" + experiment + "/scales/combination: missing (int64, one a combination)"},
      {"more nodes than bits",
       replace_strings(experiment + "/topology/nodes", std::vector<std::string>(65, "x")),
       ":" + experiment + "/topology/nodes: 65 nodes (at most 64)"},
      {"more runs than there are", replace(experiment + "/scales/run", {3}, Integers{0, 1, 2}),
       ":" + model + "/correct: shape [2, 8] ([3, 8])"},
      {"runs that fill the memory", claim(experiment + "/scales/run", {huge}, H5T_STD_I64LE),
       ":" + experiment + "/scales/run: shape [2147483648], but only 0 bytes are stored (a complete table)"},
      {"probabilities of other nodes",
       replace(experiment + "/reliability/normal", {2}, std::vector<double>{1, 1}),
       ":" + experiment + "/reliability/normal: shape [2] ([3])"},
      {"no counts", remove(model + "/correct"), ":" + model + "/correct: missing"},
      {"counts are floats", replace(model + "/correct", {2, 8}, std::vector<double>(16)),
       ":" + model + "/correct: type float64 (int64)"},
      {"counts of rank 1", replace(model + "/correct", {16}, Integers(16)),
       ":" + model + "/correct: shape [16] ([2, 8])"},
      {"flow of other combinations", replace(model + "/flow", {4}, std::vector<std::uint8_t>(4)),
       ":" + model + "/flow: shape [4] ([8])"},
      {"confusion of other classes", replace(model + "/confusion", {2, 8, 2, 2}, Integers(64)),
       ":" + model + "/confusion: shape [2, 8, 2, 2] ([2, 8, 3, 3])"},
      {"an average of one run", replace(model + "/average_accuracy/normal", {1}, std::vector<double>{1}),
       ":" + model + "/average_accuracy/normal: shape [1] ([2])"},
      {"no topology", remove(model + "/topology_text"), ":" + model + "/topology_text: missing"},
      {"no failout rates", remove_attribute(model, "failout_rates"), ":" + model + "@failout_rates: missing"},
      {"bits of other runs", replace(model + "/right", {1, 1, 2}, Bytes(2)),
       ":" + model + "/right: shape [1, 1, 2] ([2, any, 2])"},
      {"bits without labels", remove(experiment + "/test_labels"),
       ":" + model + "/right: without test_labels (the labels of the test samples)"},
      {"bits behind the last sample", replace(model + "/right", {2, 1, 2}, Bytes{0, 4, 0, 0}),
       ":" + model + "/right: bits behind the last sample of row 0 (0 behind sample 9)"},
      {"no rows of bits", remove(model + "/right_row"), ":" + model + "/right_row: missing"},
      {"rows of no bits", remove(model + "/right"), ":" + model + "/right_row: without right (both or none)"},
      {"a row of another table",
       replace(model + "/right_row", {8}, std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 0, 2}),
       ":" + model + "/right_row: combination 7: 2 (0 to 1)"},
      {"a label of no class",
       replace(experiment + "/test_labels", {10}, std::vector<std::int32_t>{0, 1, 2, 3, 0, 0, 0, 0, 0, 0}),
       ":" + experiment + "/test_labels: 3 (0 to 2)"},
      {"done is int64", replace(model + "/done", {2}, Integers{1, 1}),
       ":" + model + "/done: type int64 (uint8)"},
  };
}

TEST(BadResults, OneLineSaysWhereAndWhatIsAllowed) {
  for (const Case& bad : cases()) {
    const test::Scratch scratch;
    const std::string path = scratch.path("bad.h5");
    write_results(path, test::sample_results());
    bad.spoil(path);
    EXPECT_EQ(test::message_of<UserError>([&] { read_results(path); }), path + bad.message) << bad.name;
  }
}

TEST(BadResults, CutOrFlippedAnywhereIsNeverACrash) {
  const test::Scratch scratch;
  const std::string path = scratch.path("bad.h5");
  write_results(path, test::sample_results());
  const std::string whole = test::read_file(path);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    test::write_file(path, whole.substr(0, at));
    EXPECT_EQ(test::message_of<UserError>([&] { read_results(path); }).find(path), 0U) << at;
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    test::write_file(path, bytes);
    const std::string message = test::message_of<UserError>([&] { read_results(path); });
    if (message == "nothing was thrown") continue;
    ++refused;
    EXPECT_EQ(message.find(path), 0U) << at << ": " << message;
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace deepfog
