#include "topology/samples.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/error.hpp"

namespace deepfog {
namespace {

const char kText[] =
    "topology t\nsource right 3\nsource left 2\nnode n linear:2\nlink left -> n\nlink right -> n\n";

Dataset dataset() {
  Dataset data;
  data.name = "toy";
  data.class_names = {"yes", "no"};
  data.sources = {{"left", 2}, {"unused", 4}, {"right", 3}};
  return data;
}

std::string message(const Dataset& data) {
  try {
    match_sources(parse_topology(kText, "t"), data, "t.topology");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(MatchSources, FindsTheColumnsOfEachSourceOfTheTopology) {
  const auto columns = match_sources(parse_topology(kText, "t"), dataset(), "t.topology");
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].begin, 6);  // right
  EXPECT_EQ(columns[0].end, 9);
  EXPECT_EQ(columns[1].begin, 0);  // left
  EXPECT_EQ(columns[1].end, 2);
}

TEST(MatchSources, RefusesWhatDoesNotFit) {
  Dataset data = dataset();
  data.sources[2].name = "rihgt";
  EXPECT_EQ(message(data),
            "t.topology: data set \"toy\" has no source \"right\", did you mean \"rihgt\"? "
            "(its sources: left, unused, rihgt)");
  data = dataset();
  data.sources[0].width = 5;
  EXPECT_EQ(message(data), "t.topology: source \"left\" is 2 wide (5 in data set \"toy\")");
  data = dataset();
  data.class_names.push_back("maybe");
  EXPECT_EQ(message(data), "t.topology: last stage \"n\" gives 2 classes (3 in data set \"toy\")");
}

/// The same values in another order would be another image.
TEST(MatchSources, ImagesAreMeantAsTheyAreStored) {
  Dataset data = dataset();
  data.sources = {{"image", 144, {1, 12, 12}}};
  const auto said = [&](const std::string& words) {
    try {
      match_sources(
          parse_topology("topology t\nsource image " + words + "\nnode n linear:2\nlink image -> n\n", "t"),
          data, "t.topology");
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string refused = "t.topology: source \"image\" is an image of ";
  EXPECT_EQ(said("1x12x12"), "accepted");
  EXPECT_EQ(said("144"), "accepted");  // as plain numbers
  for (const std::string other :
       {"12x12x1", "12x1x12", "1x144x1", "4x6x6", "1x12x12 channels-last", "12x12x1 channels-last"}) {
    EXPECT_EQ(said(other), refused + other + " (1x12x12 in data set \"toy\")");
  }
  data.sources[0].channels_last = true;
  EXPECT_EQ(said("1x12x12 channels-last"), "accepted");
  EXPECT_EQ(said("1x12x12"), refused + "1x12x12 (1x12x12 channels-last in data set \"toy\")");
  data.sources[0] = {"image", 144, {}};
  EXPECT_EQ(said("12x12x1"), refused + "12x12x1 (144 plain values, no image, in data set \"toy\")");
  EXPECT_EQ(said("1x12x12 channels-last"),
            "accepted");  // files that state no shape, such as earlier camera files
}

TEST(View, ShowsRowsWithoutCopying) {
  const SampleSet set{{1, 2, 3, 4, 5, 6}, {0, 1, 0}, 2};
  const SampleView all = view(set);
  EXPECT_EQ(all.values, set.values.data());
  EXPECT_EQ(all.size, 3);
  EXPECT_EQ(all.features, 2);
  const SampleView some = view(set, 1, 3);
  EXPECT_EQ(some.size, 2);
  EXPECT_EQ(some.values[0], 3);
  EXPECT_EQ(some.labels[0], 1);
  EXPECT_EQ(view(set, 3, 3).size, 0);
  EXPECT_EQ(view(SampleSet{}).size, 0);
}

TEST(View, RefusesRowsThatAreNotThere) {
  const SampleSet set{{1, 2, 3, 4}, {0, 1}, 2};
  EXPECT_THROW(view(set, 0, 3), std::out_of_range);
  EXPECT_THROW(view(set, -1, 1), std::out_of_range);
  EXPECT_THROW(view(set, 2, 1), std::out_of_range);
  EXPECT_THROW(view(SampleSet{{1, 2, 3}, {0, 1}, 2}), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
