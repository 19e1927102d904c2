#include "core/spelling.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

const std::vector<std::string> kKeys = {"epochs", "batch", "learning_rate", "optimiser", "f1", "f2"};

TEST(NearestName, FindsSlipsOfThePen) {
  EXPECT_EQ(nearest_name("epoch", kKeys), "epochs");         // one letter is missing
  EXPECT_EQ(nearest_name("epcohs", kKeys), "epochs");        // two letters are swapped
  EXPECT_EQ(nearest_name("Epochs", kKeys), "epochs");        // case is ignored
  EXPECT_EQ(nearest_name("optimizer", kKeys), "optimiser");  // one letter differs
  EXPECT_EQ(nearest_name("learningrate", kKeys), "learning_rate");
  EXPECT_EQ(nearest_name("lerning_raet", kKeys), "learning_rate");
}

TEST(NearestName, ANeighbourSwapCountsOnce) {
  // For a word of four letters, two changes are too many, but one swap is not.
  EXPECT_EQ(nearest_name("exti", {"exit"}), "exit");
  EXPECT_EQ(nearest_name("axti", {"exit"}), "");
}

TEST(NearestName, TakesTheNearestAndOfEqualOnesTheFirst) {
  EXPECT_EQ(nearest_name("f3", kKeys), "f1");
  EXPECT_EQ(nearest_name("bach", {"bunch", "batch"}), "batch");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("momentum", kKeys), "");
  EXPECT_EQ(nearest_name("x", {"y"}), "");
  EXPECT_EQ(nearest_name("", kKeys), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
  EXPECT_EQ(nearest_name("epochs", {""}), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'e'), {std::string(100000, 'e')}), "");
}

TEST(Listing, SeparatesByCommas) {
  EXPECT_EQ(listing({}), "none");
  EXPECT_EQ(listing({"a"}), "a");
  EXPECT_EQ(listing({"a", "b", "c"}), "a, b, c");
}

TEST(Listing, StaysReadableForManyNames) {
  const std::string text = listing(std::vector<std::string>(1000, "n"));
  EXPECT_EQ(text.size(), 30 + 29 * 2 + std::string(" and 970 more").size());
  EXPECT_EQ(text.substr(text.size() - 16), ", n and 970 more");
  EXPECT_EQ(listing(std::vector<std::string>(30, "n")).find("more"), std::string::npos);
}

TEST(OneLine, HasNoControlCharacters) {
  EXPECT_EQ(one_line("a\nb\x1b[0m\r\t\x7f."), "a?b?[0m???.");
  EXPECT_EQ(one_line("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(one_line(""), "");
}

}  // namespace
}  // namespace deepfog
