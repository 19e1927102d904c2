#include "campaign/difference.hpp"

#include <gtest/gtest.h>

#include "campaign/resume_command.hpp"

namespace deepfog {
namespace {

using Lines = std::vector<std::string>;

TEST(ConfigDifference, NamesKeyOldAndNew) {
  EXPECT_EQ(config_difference("[a]\nx = 1\ny = 2\n[b]\nx = 1\n", "[a]\nx = 1\ny = 3\n[b]\nx = 1\n"),
            Lines{"a.y: 2 -> 3"});
}

TEST(ConfigDifference, ShowsWhatOneSideLacks) {
  EXPECT_EQ(config_difference("x = 1\n[m]\nold = a\n", "x = 1\n[m]\nnew = b\n"),
            (Lines{"m.new: (none) -> b", "m.old: a -> (none)"}));
}

TEST(ConfigDifference, ComparesValuesNotLayout) {
  EXPECT_TRUE(config_difference("[a]\nx=1\n# note\ny = 2", "[a]\ny = 2 \nx   = 1\n").empty());
}

TEST(ConfigDifference, TakesValuesWithEqualsSignsAndRepeatedKeys) {
  EXPECT_EQ(config_difference("x = a=b\nx = c\n", "x = a=d\nx = c\n"), Lines{"x: a=b -> a=d"});
  EXPECT_EQ(config_difference("x = a\nx = c\n", "x = a\n"), Lines{"x#2: c -> (none)"});
}

TEST(ConfigDifference, FallsBackOnLines) {
  EXPECT_EQ(config_difference("just words", "other words"),
            (Lines{"just words: there -> (none)", "other words: (none) -> there"}));
}

TEST(ResumeCommand, IsTheSameWithoutRestart) {
  EXPECT_EQ(resume_command("deepfog run --config a.ini --restart --set x=1"),
            "deepfog run --config a.ini --set x=1");
  EXPECT_EQ(resume_command("deepfog run --config restart.ini"), "deepfog run --config restart.ini");
  EXPECT_EQ(resume_command(""), "the same command");
}

}  // namespace
}  // namespace deepfog
