#include "storage/dataset_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "edit_hdf5.hpp"
#include "sample_dataset.hpp"
#include "scratch.hpp"

namespace deepfog {
namespace {

using test::message_of;
using test::sample_bytes;
using test::sample_floats;
using test::SampleDataset;
using test::Scratch;
using test::write_file;

TEST(DatasetFile, BytesAreScaledAndDealtOut) {
  const Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  sample_bytes().write(path);
  const Dataset dataset = load_dataset(path, "");
  EXPECT_EQ(dataset.name, "sample");
  EXPECT_EQ(dataset.title, "A sample");
  EXPECT_EQ(dataset.origin, "synthetic");
  EXPECT_EQ(dataset.split, "fourths");
  EXPECT_EQ(dataset.content_sha256.size(), 64U);
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"person", "car", "bus"}));
  ASSERT_EQ(dataset.sources.size(), 2U);
  EXPECT_EQ(dataset.sources[1].name, "right");
  EXPECT_EQ(dataset.sources[1].width, 3);
  EXPECT_EQ(dataset.train.labels, (std::vector<std::int64_t>{0, 1, 2}));       // rows 0, 4, 8
  EXPECT_EQ(dataset.validation.labels, (std::vector<std::int64_t>{1, 2, 0}));  // rows 1, 5, 9
  EXPECT_EQ(dataset.test.labels, (std::vector<std::int64_t>{2, 0, 1}));        // rows 2, 6, 10
  EXPECT_EQ(dataset.test.features, 5);
  ASSERT_EQ(dataset.test.values.size(), 15U);
  EXPECT_FLOAT_EQ(dataset.test.values[0], 10.0F / 255);
  EXPECT_FLOAT_EQ(dataset.test.values[14], 54.0F / 255);
}

TEST(DatasetFile, FloatsAndTheOtherSplit) {
  const Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  sample_floats().write(path);
  const Dataset dataset = load_dataset(path, "thirds");
  EXPECT_EQ(dataset.split, "thirds");
  EXPECT_EQ(dataset.train.size(), 4);
  EXPECT_EQ(dataset.train.values.front(), 0.25F);
  EXPECT_EQ(dataset.validation.values.front(), 20.25F);
  EXPECT_EQ(dataset.test.values.back(), 59.25F);
}

TEST(DatasetFile, ImagesHaveAShape) {
  const Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  sample_bytes().write(path);
  EXPECT_TRUE(load_dataset(path, "").sources[1].shape.empty());
  test::replace("/sources/shape", {2, 3}, std::vector<std::int64_t>{0, 0, 0, 3, 1, 1})(path);
  const Dataset dataset = load_dataset(path, "");
  EXPECT_TRUE(dataset.sources[0].shape.empty());
  EXPECT_EQ(dataset.sources[1].shape, (std::vector<std::int64_t>{3, 1, 1}));
}

/// Images to test on: nothing to train with unless training is asked for.
TEST(DatasetFile, TestSamplesAloneWhereOnlyTheyAreDemanded) {
  const Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  SampleDataset sample = sample_bytes();
  sample.splits["fourths"].assign(12, 2);
  sample.write(path);
  EXPECT_EQ(message_of<UserError>([&] { load_dataset(path, ""); }),
            path + ":/splits/fourths: no train samples (at least one)");
  const Dataset dataset = load_dataset(path, "", 0, Parts::test);
  EXPECT_EQ(dataset.train.size(), 0);
  EXPECT_EQ(dataset.test.size(), 12);
  EXPECT_EQ(load_test_rows(path, "", 11, 12).values.back(), 59 * (1.0F / 255));
  sample.splits["fourths"].assign(12, 1);
  sample.write(path);
  EXPECT_EQ(message_of<UserError>([&] { load_dataset(path, "", 0, Parts::test); }),
            path + ":/splits/fourths: no test samples (at least one)");
}

/// More rows than a block and a chunk hold, in numbers that divide neither.
TEST(DatasetFile, ManyBlocksKeepTheirOrder) {
  const Scratch scratch;
  SampleDataset sample = sample_floats();
  sample.rows = 300007;
  sample.floats.clear();
  sample.labels.clear();
  sample.splits.clear();
  for (std::int64_t row = 0; row < sample.rows; ++row) {
    for (std::int64_t column = 0; column < 5; ++column)
      sample.floats.push_back(static_cast<float>(row * 5 + column));
    sample.labels.push_back(row % 3);
    sample.splits["fourths"].push_back(static_cast<std::uint8_t>(row % 3));
  }
  sample.write(scratch.path("large.h5"));
  const Dataset dataset = load_dataset(scratch.path("large.h5"), "");
  std::size_t wrong = 0;
  for (std::int64_t row = 0; row < sample.rows; ++row) {
    const SampleSet& set = row % 3 == 0 ? dataset.train : row % 3 == 1 ? dataset.validation : dataset.test;
    for (std::int64_t column = 0; column < 5; ++column) {
      const auto at = static_cast<std::size_t>(row / 3 * 5 + column);
      wrong += set.values.at(at) != static_cast<float>(row * 5 + column) ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0U);

  // Left in the file, the test samples come in any pieces.
  const Dataset light = load_dataset(scratch.path("large.h5"), "", dataset.test.size() * 5 * 4 - 1);
  EXPECT_TRUE(light.test.values.empty());
  EXPECT_EQ(light.test.labels, dataset.test.labels);
  EXPECT_EQ(light.train.values, dataset.train.values);
  EXPECT_EQ(load_dataset(scratch.path("large.h5"), "", dataset.test.size() * 5 * 4).test.values,
            dataset.test.values);
  for (const auto& [begin, end] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {0, 1}, {70000, 70003}, {12345, 99999}, {99999, dataset.test.size()}}) {
    const SampleSet piece = load_test_rows(scratch.path("large.h5"), "", begin, end);
    EXPECT_EQ(piece.features, 5);
    EXPECT_TRUE(std::equal(piece.labels.begin(), piece.labels.end(), dataset.test.labels.begin() + begin,
                           dataset.test.labels.begin() + end));
    EXPECT_TRUE(std::equal(piece.values.begin(), piece.values.end(), dataset.test.values.begin() + 5 * begin,
                           dataset.test.values.begin() + 5 * end));
  }
}

TEST(DatasetFile, TestRowsThatAreNotThereAreRefused) {
  const Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  sample_bytes().write(path);
  EXPECT_EQ(load_test_rows(path, "fourths", 1, 3).labels, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(message_of<UserError>([&] { load_test_rows(path, "fourths", 2, 4); }),
            path + ":/splits/fourths: no test samples 2 to 4 (0 to 3)");
  EXPECT_THROW(load_test_rows(path, "fourths", -1, 2), UserError);
  EXPECT_THROW(load_test_rows(path, "fourths", 2, 2), UserError);
}

TEST(DatasetFile, TestRowsOfAFileWithoutClassesAreRefused) {
  for (const std::int64_t classes :
       {std::int64_t{1}, std::int64_t{0}, std::numeric_limits<std::int64_t>::min()}) {
    const Scratch scratch;
    const std::string path = scratch.path("sample.h5");
    sample_bytes().write(path);
    test::replace_attribute<std::int64_t>("/", "classes", classes)(path);
    EXPECT_EQ(message_of<UserError>([&] { load_test_rows(path, "fourths", 1, 3); }),
              path + ":/@classes: " + std::to_string(classes) + " (at least 2)");
  }
}

TEST(DatasetSearch, RealBeforeSyntheticAndFoldersInTurn) {
  const Scratch first, second;
  write_file(second.path("health.h5"), "");
  write_file(second.path("health.synthetic.h5"), "");
  const std::vector<std::string> folders{first.folder(), second.folder()};
  EXPECT_EQ(find_dataset("health", folders), second.path("health.h5"));
  write_file(first.path("health.synthetic.h5"), "");
  EXPECT_EQ(find_dataset("health", folders), first.path("health.synthetic.h5"));
  EXPECT_EQ(find_dataset(second.path("health.h5"), {}), second.path("health.h5"));
}

TEST(DatasetSearch, SaysWhatWasLookedForAndWhatPreparesIt) {
  EXPECT_EQ(message_of<UserError>([] {
              find_dataset("health", {"a", "b"});
            }),
            "health: no health.h5 or health.synthetic.h5 in a, b (data/prepare.sh makes mhealth, "
            "mhealth-windows, camera, cifar10, mnist and mnist-tiles, "
            "data/README.md tells of others)");
  EXPECT_EQ(message_of<UserError>([] { find_dataset("absent/health.h5", {"a"}); }),
            "absent/health.h5: no such data-set file (a file, or a name as in data/get.sh NAME)");
}

TEST(DatasetSearch, AFolderInAFilesPlaceIsNotPassedOver) {
  const Scratch first, second;
  ASSERT_TRUE(std::filesystem::create_directory(first.path("health.h5")));
  write_file(second.path("health.h5"), "");
  EXPECT_EQ(message_of<UserError>([&] {
              find_dataset("health", {first.folder(), second.folder()});
            }),
            first.path("health.h5") + ": a folder (a data-set file of that name)");
}

TEST(DatasetSearch, TheEnvironmentsFolderComesFirst) {
  const char* before = std::getenv("DEEPFOG_DATA_DIR");
  const std::string kept = before == nullptr ? "" : before;
  ASSERT_EQ(setenv("DEEPFOG_DATA_DIR", "/somewhere", 1), 0);
  std::vector<std::string> folders = dataset_folders();
  ASSERT_GE(folders.size(), 2U);
  EXPECT_EQ(folders[0], "/somewhere");
  EXPECT_EQ(folders[1], "data/cache");
  ASSERT_EQ(unsetenv("DEEPFOG_DATA_DIR"), 0);
  EXPECT_EQ(dataset_folders()[0], "data/cache");
  if (before != nullptr) {
    ASSERT_EQ(setenv("DEEPFOG_DATA_DIR", kept.c_str(), 1), 0);
  }
}

}  // namespace
}  // namespace deepfog
