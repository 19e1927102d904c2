#include "storage/weights_file.hpp"

#include <gtest/gtest.h>

#include "edit_hdf5.hpp"
#include "scratch.hpp"

namespace deepfog {
namespace {

using test::claim;
using test::Edit;
using test::message_of;
using test::remove;
using test::remove_attribute;
using test::replace;
using test::replace_attribute;
using test::replace_text;
using test::Scratch;

/// Two nodes whose tensors alternate, names whose alphabet is not their order.
Weights sample() {
  return {{"edge", "z.weight", {2, 3}, {1, 2, 3, 4, 5, 6}},
          {"cloud", "b.bias", {3}, {-1, 0, 1}},
          {"edge", "a.bias", {2}, {0.5F, -0.5F}},
          {"cloud", "a.weight", {1, 1, 2}, {7, 8}}};
}

/// A topology with the nodes of sample() and one without parameters (its tensors are not the sample's).
const char* const topology_text =
    "topology x\nsource s 2\nnode edge relu:3\nnode relay\nstage sum on relay\nnode cloud linear:3\n"
    "node map\nstage wide on map\nlink s -> edge\nlink edge -> sum\nlink sum -> wide expand=linear\n"
    "link wide -> cloud\n";

WeightsOrigin made_up_origin() {
  WeightsOrigin origin;
  origin.experiment = "health";
  origin.model = "vanilla";
  origin.topology_text = topology_text;
  origin.run = 3;
  origin.dataset = "mhealth";
  origin.data_origin = "synthetic";
  origin.data_sha256 = std::string(60, '0') + "12ef";
  origin.split = "rows";
  origin.guess = "class_frequency";
  origin.guess_probabilities = {0.5, 0.25, 0.25};
  origin.normalisation = {{1, 0, -3}, {2, 1, 0.5F}};
  return origin;
}
const WeightsOrigin origin = made_up_origin();

void expect_equal(const Weights& found, const Weights& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].node, expected[i].node);
    EXPECT_EQ(found[i].name, expected[i].name);
    EXPECT_EQ(found[i].shape, expected[i].shape);
    EXPECT_EQ(found[i].values, expected[i].values);
  }
}

TEST(WeightsFile, GivesBackAllTensorsInOrder) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  EXPECT_EQ(save_weights(path, sample(), origin), checksum(sample()));
  expect_equal(load_weights(path), sample());
  EXPECT_EQ(check_weights_file(path), checksum(sample()));
  EXPECT_EQ(save_weights(path, {}, origin), checksum({}));
  expect_equal(load_weights(path), {});
}

TEST(WeightsFile, ARankLoadsItsOwnPart) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  save_weights(path, sample(), origin);
  expect_equal(load_node_weights(path, "cloud"), {sample()[1], sample()[3]});
  // Only this part is read: another node's damage does not matter to it.
  remove("/nodes/edge/a.bias")(path);
  expect_equal(load_node_weights(path, "cloud"), {sample()[1], sample()[3]});
}

TEST(WeightsFile, TheTopologyTellsNodesWithoutParametersFromWrongNames) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  save_weights(path, sample(), origin);
  EXPECT_TRUE(load_node_weights(path, "relay").empty());
  const auto refusal = [&](const std::string& node) {
    return message_of<UserError>([&] { load_node_weights(path, node); });
  };
  EXPECT_EQ(refusal("fog"), path + ":/nodes: no node 'fog' (edge, relay, cloud, map)");
  EXPECT_EQ(refusal("map"), path + ":/nodes/map: missing");  // a linear expansion is a parameter
  remove("/nodes/cloud")(path);
  EXPECT_EQ(refusal("cloud"), path + ":/nodes/cloud: missing");
  replace_text("/", "topology_text", "topology")(path);
  EXPECT_EQ(refusal("relay").rfind(path + ":/@topology_text:1: ", 0), 0U) << refusal("relay");
}

TEST(WeightsFile, TheSumTellsNamesShapesAndValuesApart) {
  const std::string sum = checksum(sample());
  for (int change = 0; change < 5; ++change) {
    Weights other = sample();
    if (change == 0) other[0].node = "fog";
    if (change == 1) other[0].name = "y.weight";
    if (change == 2) other[0].shape = {3, 2};
    if (change == 3) other[0].values[5] = 6.5F;
    if (change == 4) std::swap(other[0], other[1]);
    EXPECT_NE(checksum(other), sum) << change;
  }
  EXPECT_NE(checksum({{"ab", "c", {1}, {1}}}), checksum({{"a", "bc", {1}, {1}}}));
}

TEST(WeightsFile, TheSameWeightsGiveTheSameBytes) {
  const Scratch scratch;
  save_weights(scratch.path("1.h5"), sample(), origin);
  save_weights(scratch.path("2.h5"), sample(), origin);
  EXPECT_EQ(test::read_file(scratch.path("1.h5")), test::read_file(scratch.path("2.h5")));
}

TEST(WeightsFile, RefusesToWriteWhatItCannotKeep) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  EXPECT_EQ(message_of<Failure>([&] {
              save_weights(path, {{"a/b", "w", {1}, {1}}}, origin);
            }),
            path + ":/nodes: 'a/b' cannot name an HDF5 object");
  EXPECT_EQ(message_of<Failure>([&] {
              save_weights(path, {{"a", "", {1}, {1}}}, origin);
            }),
            path + ":/nodes/a: '' cannot name an HDF5 object");
  EXPECT_EQ(message_of<Failure>([&] {
              save_weights(path, {{"a", "w", {2}, {1}}}, origin);
            }),
            path + ":/nodes/a/w: 1 values for shape [2]");
  WeightsOrigin without_deviation = origin;
  without_deviation.normalisation.deviation.clear();
  EXPECT_EQ(message_of<Failure>([&] { save_weights(path, sample(), without_deviation); }),
            path + ":/normalisation: 3 centres, 0 deviations");
  EXPECT_EQ(scratch.files(), 0U);
}

TEST(BadWeights, OneLineSaysWhereAndWhatIsAllowed) {
  using Integers = std::vector<std::int64_t>;
  const struct {
    std::string name;
    Edit spoil;
    std::string message;
  } cases[] = {
      {"not HDF5", [](const std::string& path) { test::write_file(path, "{\"weights\": []}"); },
       ": not an HDF5 file"},
      {"another format", replace_text("/", "format", "deepfog-dataset"),
       ":/@format: 'deepfog-dataset' (deepfog-weights)"},
      {"from the future", replace_attribute<std::int64_t>("/", "format_version", 9),
       ":/@format_version: 9 (1)"},
      {"no nodes", remove("/nodes"), ":/nodes: missing"},
      {"a node is a table", replace("/nodes/fog", {1}, Integers{1}), ":/nodes/fog: not a group (a group)"},
      {"a tensor less", remove("/nodes/cloud/a.weight"),
       ":/@sha256: the weights have another sum, " + checksum({sample()[0], sample()[1], sample()[2]}) +
           " (" + checksum(sample()) + ")"},
      {"another value",
       [](const std::string& path) {
         replace("/nodes/edge/a.bias", {2}, std::vector<float>{0.5F, 0.5F})(path);
         replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 2)(path);
       },
       ":/@sha256: the weights have another sum, " +
           checksum({sample()[0], sample()[1], {"edge", "a.bias", {2}, {0.5F, 0.5F}}, sample()[3]}) + " (" +
           checksum(sample()) + ")"},
      {"float64",
       test::both(replace("/nodes/edge/a.bias", {2}, std::vector<double>{1, 2}),
                  replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 2)),
       ":/nodes/edge/a.bias: type float64 (float32)"},
      {"a scalar",
       test::both(replace("/nodes/edge/a.bias", {}, std::vector<float>{1}),
                  replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 2)),
       ":/nodes/edge/a.bias: rank 0 (1 to 8)"},
      {"empty",
       test::both(replace("/nodes/edge/a.bias", {0}, std::vector<float>{}),
                  replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 2)),
       ":/nodes/edge/a.bias: shape [0] (extents of at least 1)"},
      {"no position", remove_attribute("/nodes/edge/a.bias", "position"),
       ":/nodes/edge/a.bias@position: missing"},
      {"a position twice", replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 3),
       ":/nodes/edge/a.bias@position: 3 (each position once, from 0)"},
      {"a tensor without bytes",
       test::both(claim("/nodes/edge/a.bias", {1 << 20, 1 << 12}, H5T_IEEE_F32LE),
                  replace_attribute<std::int64_t>("/nodes/edge/a.bias", "position", 2)),
       ":/nodes/edge/a.bias: shape [1048576, 4096], but only 0 bytes are stored (a complete table)"},
  };
  for (const auto& bad : cases) {
    const Scratch scratch;
    const std::string path = scratch.path("w.h5");
    save_weights(path, sample(), origin);
    bad.spoil(path);
    EXPECT_EQ(message_of<UserError>([&] { load_weights(path); }), path + bad.message) << bad.name;
    EXPECT_EQ(message_of<UserError>([&] { check_weights_file(path); }), path + bad.message) << bad.name;
  }
}

}  // namespace
}  // namespace deepfog
