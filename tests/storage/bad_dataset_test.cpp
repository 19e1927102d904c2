#include <gtest/gtest.h>

#include <limits>

#include "edit_hdf5.hpp"
#include "sample_dataset.hpp"
#include "scratch.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

using test::both;
using test::claim;
using test::Edit;
using test::edit;
using test::remove;
using test::remove_attribute;
using test::replace;
using test::replace_attribute;
using test::replace_strings;
using test::replace_text;

using Integers = std::vector<std::int64_t>;
using Bytes = std::vector<std::uint8_t>;

struct Case {
  std::string name;
  Edit spoil;
  std::string message;  ///< behind the path
  std::string split = "";
};

Edit write(const std::string& bytes) {
  return [=](const std::string& path) { test::write_file(path, bytes); };
}

Integers labels_with(std::int64_t last) {
  Integers labels(12, 1);
  labels.back() = last;
  return labels;
}

Bytes codes_with(std::uint8_t last) {
  Bytes codes{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
  codes.back() = last;
  return codes;
}

std::vector<float> floats_with(float last) {
  std::vector<float> values(60, 1);
  values.back() = last;
  return values;
}

Edit variable_length_name() {
  return [](const std::string& path) {
    edit(path, [](hid_t file) {
      const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
      const char* value = "sample";
      ASSERT_GE(H5Tset_size(type, H5T_VARIABLE), 0);
      ASSERT_GE(H5Adelete(file, "name"), 0);
      const hid_t id = H5Acreate2(file, "name", type, space, H5P_DEFAULT, H5P_DEFAULT);
      ASSERT_GE(H5Awrite(id, type, &value), 0);
      H5Aclose(id);
      H5Sclose(space);
      H5Tclose(type);
    });
  };
}

Edit link_to_another_file() {
  return both(remove("/labels"), [](const std::string& path) {
    edit(path, [](hid_t file) {
      ASSERT_GE(H5Lcreate_external("other.h5", "/labels", file, "/labels", H5P_DEFAULT, H5P_DEFAULT), 0);
    });
  });
}

Edit values_in_another_file() {
  return both(remove("/labels"), [](const std::string& path) {
    edit(path, [](hid_t file) {
      const hsize_t rows = 12;
      const hid_t space = H5Screate_simple(1, &rows, nullptr), properties = H5Pcreate(H5P_DATASET_CREATE);
      ASSERT_GE(H5Pset_external(properties, "/etc/hostname", 0, 12 * 8), 0);
      const hid_t id =
          H5Dcreate2(file, "/labels", H5T_STD_I64LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
      ASSERT_GE(id, 0);
      H5Dclose(id);
      H5Pclose(properties);
      H5Sclose(space);
    });
  });
}

std::vector<Case> cases() {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const hsize_t huge = hsize_t{1} << 40;
  return {
      {"empty", write(""), ": empty"},
      {"not HDF5", write("sample,label\n1,2\n"), ": not an HDF5 file"},
      {"another format", replace_text("/", "format", "deepfog-results"),
       ":/@format: 'deepfog-results' (deepfog-dataset)"},
      {"no format", remove_attribute("/", "format"), ":/@format: missing (deepfog-dataset)"},
      {"from the future", replace_attribute<std::int64_t>("/", "format_version", 2),
       ":/@format_version: 2 (1)"},
      {"version is a float", replace_attribute("/", "format_version", 1.0),
       ":/@format_version: type float64 (int64)"},
      {"variable-length name", variable_length_name(),
       ":/@name: type variable-length string (fixed-length string)"},
      {"unknown origin", replace_text("/", "origin", "guessed"), ":/@origin: 'guessed' (real, synthetic)"},
      {"one class", replace_attribute<std::int64_t>("/", "classes", 1), ":/@classes: 1 (at least 2)"},
      {"class count mismatch", replace_attribute<std::int64_t>("/", "classes", 4),
       ":/class_names: shape [3] ([4])"},
      {"class named twice", replace_strings("/class_names", {"car", "bus", "car"}),
       ":/class_names: 'car' stands there twice"},
      {"class without a name", replace_strings("/class_names", {"car", "", "bus"}),
       ":/class_names: an empty name"},
      {"scale 0", replace_attribute("/", "scale", 0.0), ":/@scale: 0.000000 (1e-30 to 1e30)"},
      {"no samples", remove("/samples"), ":/samples: missing"},
      {"samples are a group",
       [](const std::string& path) {
         remove("/samples")(path);
         edit(path, [](hid_t file) {
           const hid_t group = H5Gcreate2(file, "/samples", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
           ASSERT_GE(group, 0);
           H5Gclose(group);
         });
       },
       ":/samples: a group (a table)"},
      {"samples of rank 1", replace("/samples", {60}, floats_with(1)), ":/samples: shape [60] ([any, any])"},
      {"samples float64", replace("/samples", {12, 5}, std::vector<double>(60)),
       ":/samples: type float64 (uint8 or float32)"},
      {"no rows", replace("/samples", {0, 5}, std::vector<float>()),
       ":/samples: shape [0, 5] (at least one row and one column)"},
      {"rows without labels", claim("/samples", {5, 5}, H5T_STD_U8LE), ":/labels: shape [12] ([5])"},
      {"a table that fills the memory", claim("/samples", {huge, huge}, H5T_IEEE_F32LE),
       ":/samples: shape [1099511627776, 1099511627776] is too large (at most 137438953472 bytes)"},
      {"a table that is not there", claim("/samples", {1 << 20, 1 << 10}, H5T_STD_U8LE),
       ":/samples: shape [1048576, 1024], but only 0 bytes are stored (a complete table)"},
      {"NaN", replace("/samples", {12, 5}, floats_with(nan)),
       ":/samples: a value that is not finite at row 11 (values that are finite, times scale too)"},
      {"infinity", replace("/samples", {12, 5}, floats_with(-infinity)),
       ":/samples: a value that is not finite at row 11 (values that are finite, times scale too)"},
      {"no labels", remove("/labels"), ":/labels: missing"},
      {"too few labels", replace("/labels", {11}, Integers(11)), ":/labels: shape [11] ([12])"},
      {"labels uint8", replace("/labels", {12}, Bytes(12)), ":/labels: type uint8 (int64)"},
      {"label too large", replace("/labels", {12}, labels_with(3)), ":/labels: label 3 at row 11 (0 to 2)"},
      {"label negative", replace("/labels", {12}, labels_with(-1)), ":/labels: label -1 at row 11 (0 to 2)"},
      {"labels elsewhere", link_to_another_file(), ":/labels: a link (an object of this file)"},
      {"labels from outside", values_in_another_file(),
       ":/labels: its values are in other files (values in this file)"},
      {"source without width", replace("/sources/width", {1}, Integers{5}),
       ":/sources/width: shape [1] ([2])"},
      {"widths too small", replace("/sources/width", {2}, Integers{2, 2}),
       ":/sources/width: the widths sum to 4 (the 5 columns of /samples)"},
      {"widths too large", replace("/sources/width", {2}, Integers{2, 4}),
       ":/sources/width: width 4 of 'right' (widths of at least 1 that sum to the 5 columns of /samples)"},
      {"width negative", replace("/sources/width", {2}, Integers{-1, 6}),
       ":/sources/width: width -1 of 'left' (widths of at least 1 that sum to the 5 columns of /samples)"},
      {"shapes of too few sources", replace("/sources/shape", {1, 3}, Integers{2, 1, 1}),
       ":/sources/shape: shape [1, 3] ([2, 3])"},
      {"shapes are floats", replace("/sources/shape", {2, 3}, std::vector<double>(6)),
       ":/sources/shape: type float64 (int64)"},
      {"an image of another width", replace("/sources/shape", {2, 3}, Integers{0, 0, 0, 3, 2, 1}),
       ":/sources/shape: 3x2x1 of 'right' (channels, height and width whose product is 3, or zeros)"},
      {"an image that overflows", replace("/sources/shape", {2, 3}, Integers{0, 0, 0, 1LL << 62, 4, 3}),
       ":/sources/shape: 4611686018427387904x4x3 of 'right' (channels, height and width whose product is "
       "3, or zeros)"},
      {"an image of negative extents", replace("/sources/shape", {2, 3}, Integers{-2, -1, 1, 3, 1, 1}),
       ":/sources/shape: -2x-1x1 of 'left' (channels, height and width whose product is 2, or zeros)"},
      {"an image of height 0", replace("/sources/shape", {2, 3}, Integers{2, 0, 1, 3, 1, 1}),
       ":/sources/shape: 2x0x1 of 'left' (channels, height and width whose product is 2, or zeros)"},
      {"no splits", remove("/splits"), ":/splits: missing"},
      {"unknown split", [](const std::string&) {}, ":/splits: no split 'fifths' (fourths, thirds)", "fifths"},
      {"default split missing", replace_text("/", "default_split", "halves"),
       ":/splits: no split 'halves' (fourths, thirds)"},
      {"split code 7", replace("/splits/thirds", {12}, codes_with(7)),
       ":/splits/thirds: code 7 at row 11 (0 train, 1 validation, 2 test, 255 none)"},
      {"split too short", replace("/splits/thirds", {11}, Bytes(11)), ":/splits/thirds: shape [11] ([12])"},
      {"nothing to test", replace("/splits/fourths", {12}, Bytes{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}),
       ":/splits/fourths: no test samples (at least one)"},
      {"missing of another shape", replace("/missing", {12}, Bytes(12)), ":/missing: shape [12] ([12, 2])"},
      {"group of another shape", replace("/group", {3}, Integers(3)), ":/group: shape [3] ([12])"},
  };
}

TEST(BadDataset, OneLineSaysWhereAndWhatIsAllowed) {
  for (const Case& bad : cases()) {
    const test::Scratch scratch;
    const std::string path = scratch.path("bad.h5");
    test::sample_floats().write(path);
    bad.spoil(path);
    EXPECT_EQ(test::message_of<UserError>([&] { load_dataset(path, bad.split); }), path + bad.message)
        << bad.name;
  }
}

TEST(BadDataset, AbsentOrNoFile) {
  const test::Scratch scratch;
  EXPECT_EQ(test::message_of<UserError>([&] { load_dataset(scratch.path("none.h5"), ""); }),
            scratch.path("none.h5") + ": No such file or directory");
  EXPECT_EQ(test::message_of<UserError>([&] { load_dataset(scratch.folder(), ""); }),
            scratch.folder() + ": not a regular file");
}

TEST(BadDataset, AChangedValueChangesTheSum) {
  const test::Scratch scratch;
  const std::string path = scratch.path("bad.h5");
  for (const Edit& spoil :
       {replace("/samples", {12, 5}, floats_with(2)), replace("/labels", {12}, labels_with(2)),
        replace("/splits/thirds", {12}, codes_with(0))}) {
    test::sample_floats().write(path);
    spoil(path);
    const std::string message = test::message_of<UserError>([&] { load_dataset(path, "fourths"); });
    EXPECT_EQ(message.find(path + ":/@content_sha256: the content has another sum, "), 0U) << message;
    EXPECT_NE(message.find(" (prepare the file anew)"), std::string::npos) << message;
  }
}

/// A file cut anywhere is refused with one line about this file, and nothing worse happens.
TEST(BadDataset, CutAnywhere) {
  const test::Scratch scratch;
  const std::string path = scratch.path("cut.h5");
  test::sample_bytes().write(path);
  const std::string whole = test::read_file(path);
  for (std::size_t size = 0; size < whole.size(); size += 61) {
    test::write_file(path, whole.substr(0, size));
    const std::string message = test::message_of<UserError>([&] { load_dataset(path, ""); });
    EXPECT_EQ(message.find(path + ":"), 0U) << size << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

/// A flipped bit is refused or harmless (it stands in text that nobody reads), never another error or a
/// crash.
TEST(BadDataset, OneBitFlippedAnywhere) {
  const test::Scratch scratch;
  const std::string path = scratch.path("flipped.h5");
  test::sample_bytes().write(path);
  const std::string whole = test::read_file(path);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    test::write_file(path, bytes);
    const std::string message = test::message_of<UserError>([&] { load_dataset(path, ""); });
    if (message == "nothing was thrown") continue;
    ++refused;
    EXPECT_EQ(message.find(path), 0U) << at << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_GT(refused, whole.size() / 7 / 10);
}

}  // namespace
}  // namespace deepfog
