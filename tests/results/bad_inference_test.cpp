#include <gtest/gtest.h>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "sample_inference.hpp"

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
using Reals = std::vector<double>;

struct Case {
  std::string name;
  Edit spoil;
  std::string message;  ///< behind the path and ":/inference"
};

const std::string walk = "/inference/walk";

/// One value of a table of integers spoiled, the others as the sample has them.
Edit spoil_one(const std::string& column, Integers values, std::size_t row, std::int64_t value) {
  values.at(row) = value;
  return replace(walk + column, {static_cast<std::int64_t>(values.size())}, values);
}

std::vector<Case> cases() {
  const hsize_t huge = hsize_t{1} << 40;
  const Integers first{0, 2, 4, 6, 8, 0, 2, 4}, two(8, 2);
  return {
      {"not a group",
       [](const std::string& path) {
         remove("/inference")(path);
         replace("/inference", {1}, Integers{1})(path);
       },
       ": not a group (a group)"},
      {"a run is a table", replace("/inference/other", {1}, Integers{1}), "/other: not a group (a group)"},
      {"an attribute of another type", replace_attribute<std::uint8_t>(walk, "groups", 2),
       "/walk@groups: type uint8 (fixed-length string, int64, float64)"},
      {"no topology", remove(walk + "/topology/text"), "/walk/topology/text: missing"},
      {"no topology at all", remove(walk + "/topology"), "/walk/topology/text: missing"},
      {"topology is a number", replace(walk + "/topology/text", {}, Integers{1}),
       "/walk/topology/text: type int64 (fixed-length string)"},
      {"no script", remove(walk + "/script"), "/walk/script: missing"},
      {"another number of links", replace_strings(walk + "/topology/links", {"a->b", "b->c"}),
       "/walk/rounds/used: shape [8, 4] ([8, 2])"},
      {"links that are numbers", replace(walk + "/topology/links", {4}, Integers(4)),
       "/walk/topology/links: type int64 (fixed-length string)"},
      {"too many links", claim(walk + "/topology/links", {100001}, H5T_C_S1),
       "/walk/topology/links: 100001 names (at most 100000)"},
      {"more nodes than bits", replace_strings(walk + "/topology/failing", std::vector<std::string>(65, "x")),
       "/walk/topology/failing: 65 names (at most 64)"},
      {"labels that are floats", replace(walk + "/labels", {10}, Reals(10)),
       "/walk/labels: type float64 (int64)"},
      {"no rounds", remove(walk + "/rounds"), "/walk/rounds/group: missing"},
      {"a phase without its timeout", replace(walk + "/phases/timeout_us", {3}, Reals(3)),
       "/walk/phases/timeout_us: shape [3] ([4])"},
      {"combinations with a sign", replace(walk + "/phases/combination", {4}, Integers(4)),
       "/walk/phases/combination: type int64 (uint64)"},
      {"one round more", replace(walk + "/rounds/group", {9}, Integers(9)),
       "/walk/rounds/phase: shape [8] ([9])"},
      {"rounds that fill the memory", claim(walk + "/rounds/group", {huge}, H5T_STD_I64LE),
       "/walk/rounds/group: shape [1099511627776] is too large (at most 137438953472 bytes)"},
      {"rounds that are not there", claim(walk + "/rounds/group", {huge >> 8}, H5T_STD_I64LE),
       "/walk/rounds/group: shape [4294967296], but only 0 bytes are stored (a complete table)"},
      {"used of rank 1", replace(walk + "/rounds/used", {32}, Bytes(32)),
       "/walk/rounds/used: shape [32] ([8, 4])"},
      {"timed_out of other links", replace(walk + "/rounds/timed_out", {8, 3}, Bytes(24)),
       "/walk/rounds/timed_out: shape [8, 3] ([8, 4])"},
      {"used as numbers", replace(walk + "/rounds/used", {8, 4}, Integers(32)),
       "/walk/rounds/used: type int64 (uint8)"},
      {"one prediction less", replace(walk + "/rounds/prediction", {15}, Integers(15)),
       "/walk/rounds/prediction: shape [15] ([16])"},
      {"a frame before the first sample", spoil_one("/rounds/first_sample", first, 1, -1),
       "/walk/rounds/first_sample: row 1: -1 (0 to 10 of the labels)"},
      {"a frame behind the last sample", spoil_one("/rounds/first_sample", first, 2, 9),
       "/walk/rounds/samples: row 2: 2 (1 to 1 of the labels)"},
      {"an empty frame", spoil_one("/rounds/samples", two, 7, 0),
       "/walk/rounds/samples: row 7: 0 (1 to 6 of the labels)"},
      {"a frame of more than memory", spoil_one("/rounds/samples", two, 0, INT64_MAX),
       "/walk/rounds/samples: row 0: 9223372036854775807 (1 to 10 of the labels)"},
      {"nodes of another number", replace(walk + "/nodes/energy_j", {2}, Reals(2)),
       "/walk/nodes/energy_j: shape [2] ([6])"},
      {"no counts of a link", remove(walk + "/links/late"), "/walk/links/late: missing"},
      {"events without names", replace(walk + "/membership/event", {4}, Integers(4)),
       "/walk/membership/event: type int64 (fixed-length string)"},
      {"no hops", remove(walk + "/hops"), "/walk/hops/group: missing"},
  };
}

TEST(BadInference, OneLineSaysWhereAndWhatIsAllowed) {
  for (const Case& bad : cases()) {
    const test::Scratch scratch;
    const std::string path = scratch.path("bad.h5");
    write_results(path, test::sample_results_of_inference_alone());
    bad.spoil(path);
    EXPECT_EQ(test::message_of<UserError>([&] { read_results(path); }), path + ":/inference" + bad.message)
        << bad.name;
  }
}

TEST(BadInference, FlippedAnywhereIsNeverACrash) {
  const test::Scratch scratch;
  const std::string path = scratch.path("bad.h5");
  write_results(path, test::sample_results_of_inference_alone());
  const std::string whole = test::read_file(path);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 211) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    test::write_file(path, bytes);
    const std::string message = test::message_of<UserError>([&] { read_results(path); });
    if (message == "nothing was thrown") continue;
    ++refused;
    EXPECT_EQ(message.find(path), 0U) << at << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << at;
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace deepfog
