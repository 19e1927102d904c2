#include "topology/weights.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace deepfog {
namespace {

NamedTensor tensor(const std::string& node, const std::string& name, std::vector<std::int64_t> shape) {
  std::int64_t size = 1;
  for (const std::int64_t extent : shape) size *= extent;
  return {node, name, std::move(shape), std::vector<float>(static_cast<std::size_t>(size), 0.5f)};
}

const Weights kExpected = {tensor("a", "a.layer0.weight", {4, 5}), tensor("a", "a.layer0.bias", {4}),
                           tensor("b", "b.layer0.weight", {2, 4}), tensor("b", "b.layer0.bias", {2})};

using Lines = std::vector<std::string>;

TEST(Weights, AreDescribedByNameAndShape) {
  EXPECT_EQ(describe(kExpected[0]), "a.layer0.weight[4,5]");
  EXPECT_EQ(describe(tensor("a", "scale", {})), "scale[]");
}

TEST(Mismatches, NoneForTheSameNamesAndShapes) {
  Weights given = kExpected;
  given[0].values[3] = 7;
  EXPECT_EQ(mismatches(kExpected, given), Lines{});
  EXPECT_EQ(mismatches({}, {}), Lines{});
}

TEST(Mismatches, NameWhatIsMissingOrNotExpected) {
  Weights given = kExpected;
  given[1].name = "a.layer9.bias";
  EXPECT_EQ(mismatches(kExpected, given),
            (Lines{"node a: a.layer0.bias[4] is missing", "node a: a.layer9.bias[4] is not expected"}));
  given = kExpected;
  given[3].node = "c";
  EXPECT_EQ(mismatches(kExpected, given),
            (Lines{"node b: b.layer0.bias[2] is missing", "node c: b.layer0.bias[2] is not expected"}));
}

TEST(Mismatches, NameWrongShapesAndSizes) {
  Weights given = kExpected;
  given[0] = tensor("a", "a.layer0.weight", {5, 4});
  given[3].values.push_back(1);
  EXPECT_EQ(mismatches(kExpected, given),
            (Lines{"node a: a.layer0.weight[4,5] is expected, a.layer0.weight[5,4] is given",
                   "node b: b.layer0.bias[2] is given with 3 values"}));
}

TEST(Mismatches, NameDoublesAndAnotherOrder) {
  Weights given = kExpected;
  given.push_back(given[0]);
  EXPECT_EQ(mismatches(kExpected, given), Lines{"node a: a.layer0.weight[4,5] is given twice"});
  given = kExpected;
  std::swap(given[0], given[1]);
  EXPECT_EQ(mismatches(kExpected, given),
            Lines{"node a: a.layer0.bias[4] stands where node a: a.layer0.weight[4,5] is expected"});
}

TEST(Mismatches, AreTheFirstFive) {
  EXPECT_EQ(mismatches(kExpected, {}).size(), 4u);
  EXPECT_EQ(
      mismatches(kExpected, {tensor("x", "1", {1}), tensor("x", "2", {1}), tensor("x", "3", {1})}).size(),
      5u);
}

}  // namespace
}  // namespace deepfog
