#include <gtest/gtest.h>

#include <limits>

#include "edit_hdf5.hpp"
#include "scratch.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

using test::both;
using test::Edit;
using test::message_of;
using test::remove;
using test::remove_attribute;
using test::replace;
using test::replace_attribute;
using test::replace_text;
using test::Scratch;

const char* const topology_text = "topology x\nsource s 2\nnode n linear:3\nlink s -> n\n";

/// Of a data set that has a feature more than the topology uses.
WeightsOrigin made_up() {
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

const Weights weights{{"n", "n.layer1.bias", {3}, {1, 2, 3}}};

TEST(WeightsOrigin, ComesBackWhole) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  save_weights(path, weights, made_up());
  const WeightsOrigin found = load_weights_origin(path), expected = made_up();
  EXPECT_EQ(found.experiment, expected.experiment);
  EXPECT_EQ(found.model, expected.model);
  EXPECT_EQ(found.topology_text, expected.topology_text);
  EXPECT_EQ(found.run, expected.run);
  EXPECT_EQ(found.dataset, expected.dataset);
  EXPECT_EQ(found.data_origin, expected.data_origin);
  EXPECT_EQ(found.data_sha256, expected.data_sha256);
  EXPECT_EQ(found.split, expected.split);
  EXPECT_EQ(found.guess, expected.guess);
  EXPECT_EQ(found.guess_probabilities, expected.guess_probabilities);
  EXPECT_EQ(found.normalisation.centre, expected.normalisation.centre);
  EXPECT_EQ(found.normalisation.deviation, expected.normalisation.deviation);
}

/// A layer of a cut network: three neurons, on two devices.
WeightsOrigin cut_up() {
  WeightsOrigin origin = made_up();
  origin.topology_text =
      "topology x\nsource s 2\nnode d1\nnode d2\nnode host gather:3\nstage in1 on d1 gather:2\n"
      "stage in2 on d2 gather:2\nstage p1 on d1 part:2\nstage p2 on d2 part:2\nlink s -> in1\nlink s -> in2\n"
      "link in1 -> p1\nlink in2 -> p2\nlink p1 -> host\nlink p2 -> host\nfails d1 d2\n";
  origin.cut = CutOrigin{"small", {2, 1, 1}, 3, "robustdice", 2, -1, {2, 2}, {0, 1, 1, 2}, true};
  return origin;
}

TEST(WeightsOrigin, OfACutNetworkSaysHow) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  save_weights(path, {{"d1", "l.bias", {2}, {1, 2}}, {"d2", "l.bias", {2}, {3, 4}}}, cut_up());
  const WeightsOrigin found = load_weights_origin(path);
  ASSERT_TRUE(found.cut);
  EXPECT_EQ(found.cut->network, "small");
  EXPECT_EQ(found.cut->image, (std::array<std::int64_t, 3>{2, 1, 1}));
  EXPECT_EQ(found.cut->classes, 3);
  EXPECT_EQ(found.cut->method, "robustdice");
  EXPECT_EQ(found.cut->devices, 2);
  EXPECT_EQ(found.cut->spare, -1);
  EXPECT_TRUE(found.cut->drawn);
  EXPECT_EQ(found.cut->sizes, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(found.cut->neurons, (std::vector<std::int64_t>{0, 1, 1, 2}));
  EXPECT_EQ(load_node_weights(path, "d2").at(0).values, (std::vector<float>{3, 4}));
  EXPECT_TRUE(load_node_weights(path, "host").empty());
  EXPECT_THROW(load_node_weights(path, "d3"), UserError);
  save_weights(path, {{"d1", "l.bias", {2}, {1, 2}}}, cut_up());
  EXPECT_THROW(load_node_weights(path, "d2"), UserError);  // it should have some
  save_weights(path, weights, made_up());
  EXPECT_FALSE(load_weights_origin(path).cut);
}

TEST(BadWeightsOrigin, WhatIsSaidOfACutIsChecked) {
  const auto number = [](const std::string& name, std::int64_t value) {
    return replace_attribute<std::int64_t>("/cut", name, value);
  };
  using Numbers = std::vector<std::int64_t>;
  const struct {
    std::string name;
    Edit spoil;
    std::string message;
  } cases[] = {
      {"nothing", remove("/cut"), ":/cut: missing"},
      {"no name", remove_attribute("/cut", "network"), ":/cut@network: missing"},
      {"no image", number("image", 2), ":/cut@image: shape a scalar ([3])"},
      {"no device", number("devices", 0), ":/cut@devices: 0 (1 to 64)"},
      {"many devices", number("devices", 65), ":/cut@devices: 65 (1 to 64)"},
      {"a spare that is not there", number("spare", 2), ":/cut@spare: 2 (-1 to 1)"},
      {"other classes", number("classes", 4), ":/cut@classes: 4 (3, as the topology has)"},
      {"parts of three", replace("/cut/sizes", {1, 3}, Numbers{2, 1, 1}),
       ":/cut/sizes: shape [1, 3] ([any, 2])"},
      {"a negative part", replace("/cut/sizes", {1, 2}, Numbers{-1, 5}), ":/cut/sizes: -1 (0 to 1000000)"},
      {"too large a part", replace("/cut/sizes", {1, 2}, Numbers{2, INT64_MAX}),
       ":/cut/sizes: 9223372036854775807 (0 to 1000000)"},
      {"too few neurons", replace("/cut/neurons", {3}, Numbers{0, 1, 1}), ":/cut/neurons: shape [3] ([4])"},
  };
  for (const auto& bad : cases) {
    const Scratch scratch;
    const std::string path = scratch.path("w.h5");
    save_weights(path, {}, cut_up());
    bad.spoil(path);
    EXPECT_EQ(message_of<UserError>([&] { load_weights_origin(path); }), path + bad.message) << bad.name;
  }
  for (const std::int64_t extent : {0, -1, 65537}) {
    const Scratch scratch;
    const std::string path = scratch.path("w.h5");
    WeightsOrigin origin = cut_up();
    origin.cut->image[2] = extent;
    save_weights(path, {}, origin);
    EXPECT_EQ(message_of<UserError>([&] { load_weights_origin(path); }),
              path + ":/cut@image: " + std::to_string(extent) + " (1 to 65536)");
  }
}

TEST(WeightsOrigin, WithoutNormalisationThereIsNone) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  WeightsOrigin origin = made_up();
  origin.normalisation = {};
  save_weights(path, weights, origin);
  EXPECT_TRUE(load_weights_origin(path).normalisation.empty());
}

TEST(WeightsOrigin, AnEarlierFileLacksItButKeepsItsWeights) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  save_weights(path, weights, made_up());
  for (const char* name :
       {"dataset", "data_origin", "data_sha256", "split", "guess", "guess_probabilities"}) {
    remove_attribute("/", name)(path);
  }
  EXPECT_EQ(message_of<UserError>([&] { load_weights_origin(path); }),
            path +
                ":/: does not say dataset, data_origin, data_sha256, split, guess, guess_probabilities "
                "(weights that deepfog run of this version has saved)");
  EXPECT_EQ(load_weights(path).at(0).values, weights[0].values);
  EXPECT_EQ(load_node_weights(path, "n").at(0).values, weights[0].values);
}

TEST(BadWeightsOrigin, OneLineSaysWhereAndWhatIsAllowed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto centre = [](const std::vector<float>& values) {
    return replace("/normalisation/centre", {static_cast<std::int64_t>(values.size())}, values);
  };
  const auto deviation = [](const std::vector<float>& values) {
    return replace("/normalisation/deviation", {static_cast<std::int64_t>(values.size())}, values);
  };
  const auto guess = [](double value) { return replace_attribute("/", "guess_probabilities", value); };
  const std::string allowed = " (finite centres, deviations above 0)";
  const struct {
    std::string name;
    Edit spoil;
    std::string message;
  } cases[] = {
      {"not HDF5", [](const std::string& path) { test::write_file(path, "weights"); }, ": not an HDF5 file"},
      {"a run before the first", replace_attribute<std::int64_t>("/", "run", -1), ":/@run: -1 (at least 0)"},
      {"origin of no kind", replace_text("/", "data_origin", "guessed"),
       ":/@data_origin: 'guessed' (real, synthetic)"},
      {"half a sum", replace_text("/", "data_sha256", "12ef"),
       ":/@data_sha256: '12ef' (64 hexadecimal digits)"},
      {"unknown guess", replace_text("/", "guess", "best"), ":/@guess: 'best' (uniform, class_frequency)"},
      {"a text for a number", replace_text("/", "run", "3"), ":/@run: type fixed-length string (int64)"},
      {"one probability", guess(1.0), ":/@guess_probabilities: shape a scalar ([3])"},
      {"more classes",
       replace_text("/", "topology_text", "topology x\nsource s 2\nnode n linear:4\nlink s -> n\n"),
       ":/@guess_probabilities: shape [3] ([4])"},
      {"wider sources",
       replace_text("/", "topology_text", "topology x\nsource s 9\nnode n linear:3\nlink s -> n\n"),
       ":/normalisation: 3 features (at least 9, the sources of the topology)"},
      {"half a normalisation", remove("/normalisation/deviation"), ":/normalisation/deviation: missing"},
      {"fewer deviations", deviation({1, 1}), ":/normalisation/deviation: shape [2] ([3])"},
      {"no features", both(centre({}), deviation({})),
       ":/normalisation: 0 features (at least 2, the sources of the topology)"},
      {"an impossible centre", centre({1, nan, 1}), ":/normalisation: centre of feature 1 is nan" + allowed},
      {"nothing to divide by", deviation({1, 1, 0}),
       ":/normalisation: deviation of feature 2 is 0.000000" + allowed},
      {"a double centre", replace("/normalisation/centre", {3}, std::vector<double>{1, 2, 3}),
       ":/normalisation/centre: type float64 (float32)"},
  };
  for (const auto& bad : cases) {
    const Scratch scratch;
    const std::string path = scratch.path("w.h5");
    save_weights(path, weights, made_up());
    bad.spoil(path);
    EXPECT_EQ(message_of<UserError>([&] { load_weights_origin(path); }), path + bad.message) << bad.name;
  }
}

TEST(BadWeightsOrigin, GuessesMustBeProbabilities) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  const auto refusal = [&](const std::vector<double>& guess) {
    WeightsOrigin origin = made_up();
    origin.guess_probabilities = guess;
    save_weights(path, weights, origin);
    return message_of<UserError>([&] { load_weights_origin(path); });
  };
  const std::string where = path + ":/@guess_probabilities: ";
  EXPECT_EQ(refusal({0.5, 0.5, 0.5}), where + "sum to 1.500000 (1)");
  EXPECT_EQ(refusal({1.5, -0.5, 0}), where + "1.500000 (0 to 1)");
  EXPECT_EQ(refusal({0.5, std::numeric_limits<double>::quiet_NaN(), 0.5}), where + "nan (0 to 1)");
  EXPECT_EQ(refusal({}), where + "shape [0] ([3])");
}

TEST(BadWeightsOrigin, ABadTopologyIsNamedByItsLine) {
  const Scratch scratch;
  const std::string path = scratch.path("w.h5");
  WeightsOrigin origin = made_up();
  origin.topology_text = "topology x\nsauce s 2\n";
  save_weights(path, weights, origin);
  const std::string message = message_of<UserError>([&] { load_weights_origin(path); });
  EXPECT_EQ(message.rfind(path + ":/@topology_text:2: ", 0), 0U) << message;
}

}  // namespace
}  // namespace deepfog
