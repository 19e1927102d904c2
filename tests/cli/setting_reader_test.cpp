#include "cli/setting_reader.hpp"

#include <gtest/gtest.h>

#include "expect_user_error.hpp"

namespace deepfog {
namespace {

struct SettingReaderTest : ::testing::Test {
  IniFile file = parse_ini(
      "[experiment.x]\nepochs = 5\nrate = 0.1\n[model.x.a]\nepochs = 7\nflag = true\nword = wrod\nempty "
      "=\nbig = "
      "99999999999999999999\n",
      "c");
  std::vector<EffectiveSetting> effective;
  SettingReader reader{file.sections[1], &file.sections[0], effective};
};

TEST_F(SettingReaderTest, OwnValueWinsOverTheDefaultSection) {
  EXPECT_EQ(reader.integer("epochs", 1, 10, 1), 7);
  EXPECT_TRUE(reader.is_own("epochs"));
  EXPECT_DOUBLE_EQ(reader.number("rate", 0, 1, 0.5), 0.1);
  EXPECT_FALSE(reader.is_own("rate"));
  EXPECT_EQ(reader.integer("batch", 1, 10, 3), 3);
  ASSERT_EQ(effective.size(), 3U);
  EXPECT_EQ(effective[0].where, "c:5");
  EXPECT_EQ(effective[1].where, "c:3");
  EXPECT_EQ(effective[1].section, "model.x.a");
  EXPECT_EQ(effective[2].where, "default");
  EXPECT_EQ(effective[2].value, "3");
}

TEST_F(SettingReaderTest, RefusesWrongTypesAndRanges) {
  EXPECT_USER_ERROR(reader.integer("epochs", 8, 10, 8),
                    "c:5: epochs = \"7\" (a whole number from 8 to 10 allowed)");
  EXPECT_USER_ERROR(reader.integer("rate", 0, 10, 8),
                    "c:3: rate = \"0.1\" (a whole number from 0 to 10 allowed)");
  EXPECT_USER_ERROR(reader.integer("big", 0, 9, 8),
                    "c:9: big = \"99999999999999999999\" (a whole number from 0 to 9 allowed)");
  EXPECT_USER_ERROR(reader.number("rate", 0.2, 1, 1), "c:3: rate = \"0.1\" (from 0.2 to 1 allowed)");
  EXPECT_USER_ERROR(reader.number("rate", 0.1, 1, 1, true), "c:3: rate = \"0.1\" (above 0.1 to 1 allowed)");
  EXPECT_USER_ERROR(reader.number("word", 0, 1, 1),
                    "c:7: word = \"wrod\" is no number (a decimal number, e.g. 0.05, allowed)");
  EXPECT_USER_ERROR(reader.choice("word", {"word", "ward"}, "word"),
                    "c:7: word = \"wrod\" (word, ward allowed)");
  EXPECT_USER_ERROR(reader.truth("word", true), "c:7: word = \"wrod\" (true, false allowed)");
  EXPECT_USER_ERROR(reader.required("empty"), "c:8: empty is empty");
  EXPECT_USER_ERROR(reader.required("nothing"), "c:4: [model.x.a] lacks the key nothing");
  EXPECT_TRUE(reader.truth("flag", false));
}

TEST(CheckKeys, NamesTheNearest) {
  const IniFile file = parse_ini("[a]\nepoch = 1\nzzzzzzz = 2\nreliability.x = 3\nreliability. = 4\n", "c");
  const std::vector<std::string> keys{"epochs", "batch_size"};
  EXPECT_USER_ERROR(check_keys(file.sections[0], keys, "reliability."),
                    "c:2: unknown key \"epoch\" in [a] (did you mean epochs?)");
  EXPECT_USER_ERROR(check_keys(file.sections[0], {"epoch"}, "reliability."),
                    "c:3: unknown key \"zzzzzzz\" in [a] (keys: epoch, reliability.SETTING)");
  EXPECT_USER_ERROR(check_keys(file.sections[0], {"epoch", "zzzzzzz"}, "reliability."),
                    "c:5: \"\" is no name for a reliability setting (1 to 64 of A-Z a-z 0-9 _ . - allowed)");
  EXPECT_USER_ERROR(check_keys(file.sections[0], {"epoch", "zzzzzzz"}),
                    "c:4: unknown key \"reliability.x\" in [a] (keys: epoch, zzzzzzz)");
}

TEST(CheckName, HoldsNamesToWhatFilesAndGroupsBear) {
  EXPECT_NO_THROW(check_name("deepfogguard_v1.0-b", "c", "a model"));
  EXPECT_THROW(check_name("", "c", "a model"), UserError);
  EXPECT_THROW(check_name(".", "c", "a model"), UserError);
  EXPECT_THROW(check_name("../x", "c", "a model"), UserError);
  EXPECT_THROW(check_name("a b", "c", "a model"), UserError);
  EXPECT_THROW(check_name(std::string(65, 'a'), "c", "a model"), UserError);
  EXPECT_THROW(check_name("a.b", "c", "an experiment", false), UserError);
}

TEST(Shortest, ReadsBackAsTheSameDouble) {
  for (const double value : {0.0, 1.0, 0.05, 1.0 / 3, 1e-300, 0.1 + 0.2, 12345678.0}) {
    EXPECT_EQ(parse_number(shortest(value), "c", "x"), value);
  }
  EXPECT_EQ(shortest(0.05), "0.05");
  EXPECT_EQ(shortest(1), "1");
}

TEST(ParseNumber, TakesDecimalsOnly) {
  EXPECT_EQ(parse_number(".99", "c", "x"), 0.99);
  for (const char* text : {"", "1x", "nan", "inf", "1e999", "0x10", " 1", "1,5"}) {
    EXPECT_THROW(parse_number(text, "c", "x"), UserError) << text;
  }
}

TEST(Words, SplitsAtBlanks) {
  EXPECT_EQ(words("  a b\tc "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(words("").empty());
}

}  // namespace
}  // namespace deepfog
