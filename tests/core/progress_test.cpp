#include "core/progress.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <thread>

namespace deepfog {
namespace {

TEST(Progress, WritesNothingWhenNeverOrWhenAllIsDoneBeforeTheFirstLine) {
  std::ostringstream out;
  {
    Progress never("sweep", 10, ProgressMode::never, out, true);
    never.update(5, 0, "health");
    never.finish();
    Progress quick("sweep", 10, ProgressMode::automatic, out, false);
    quick.update(5, 0, "health");
    quick.update(10, 0, "");
    quick.finish();
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, WritesLinesWithTheTimeLeftWhereThereIsNoTerminal) {
  std::ostringstream out;
  Progress progress("sweep", 8, ProgressMode::automatic, out, false, 0);
  progress.update(0, 0, "");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  progress.update(2, 0, "health, run 3");
  progress.update(8, 0, "");
  progress.finish();
  EXPECT_EQ(out.str(),
            "sweep:   0 %, time left unknown\n"
            "sweep:  25 %, 0 s left; health, run 3\n"
            "sweep: 100 %, 0 s left\n"
            "sweep: 100 %, done in 0 s\n");
}

TEST(Progress, AlwaysAddsAFirstAndALastLineAndHoldsTheRestBack) {
  std::ostringstream out;
  Progress progress("train", 4, ProgressMode::always, out, false);
  for (int done = 0; done <= 4; ++done) progress.update(done, 0, "");
  progress.finish();
  progress.finish();
  EXPECT_EQ(out.str(), "train:   0 %, time left unknown\ntrain: 100 %, done in 0 s\n");
}

TEST(Progress, KeepsEarlierSessionsOutOfTheTimeLeft) {
  std::ostringstream out;
  Progress progress("sweep", 1000, ProgressMode::automatic, out, false, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  progress.update(900, 900, "");  // all of it was done before, so no speed is known
  progress.update(901, 900, "");  // 60 ms for one unit, 99 are left
  const std::string text = out.str();
  EXPECT_NE(text.find(" 90 %, time left unknown\n"), std::string::npos) << text;
  const std::size_t line = text.find('\n') + 1;
  EXPECT_GE(std::stoi(text.substr(text.find("%, ", line) + 3)), 5)
      << text;  // not 0 s, as 901 in 60 ms would give
}

TEST(Progress, DrawsABarInOneLineOfATerminal) {
  std::ostringstream out;
  Progress progress("sweep", 4, ProgressMode::automatic, out, true);
  progress.update(1, 1, "a note that is longer than the thirty columns it is given");
  progress.update(2, 1, "held back: too soon after the last");
  progress.update(4, 1, "");
  progress.finish();
  EXPECT_EQ(
      out.str(),
      "\rsweep [######..................]  25 %, time left unknown  a note that is longer than ...\x1b[K"
      "\rsweep [########################] 100 %, done in 0 s\x1b[K\n");
}

TEST(Progress, LeavesTheLineWhenAnErrorEndsTheWork) {
  std::ostringstream out;
  { Progress("sweep", 4, ProgressMode::automatic, out, true).update(1, 0, ""); }
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(Progress, NoWorkAtAllIsDone) {
  std::ostringstream out;
  Progress progress("sweep", 0, ProgressMode::always, out, false);
  progress.finish();
  EXPECT_EQ(out.str(), "sweep: 100 %, done in 0 s\n");
}

TEST(FormatDuration, UsesTheUnitsThatMatter) {
  EXPECT_EQ(format_duration(0), "0 s");
  EXPECT_EQ(format_duration(12.4), "12 s");
  EXPECT_EQ(format_duration(59.6), "1 min 0 s");
  EXPECT_EQ(format_duration(190), "3 min 10 s");
  EXPECT_EQ(format_duration(3720), "1 h 02 min");
  EXPECT_EQ(format_duration(1e12), "over 30 years");
  EXPECT_EQ(format_duration(-1), "?");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "?");
}

}  // namespace
}  // namespace deepfog
