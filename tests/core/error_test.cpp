#include "core/error.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

TEST(Error, SaysWhereWhatAndWhatIsAllowedInOneLine) {
  EXPECT_STREQ(UserError("a.ini:3", "unknown key \"x\"", "y, z").what(), "a.ini:3: unknown key \"x\" (y, z)");
  EXPECT_STREQ(UserError("a.ini", "an empty file").what(), "a.ini: an empty file");
  EXPECT_STREQ(Failure("disk full").what(), "disk full");
}

TEST(Error, ExitCodesAreTheOnesThatScriptsRelyOn) {
  EXPECT_EQ(static_cast<int>(ExitCode::good), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::failed), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::bad_input), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::invalid), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::interrupted), 75);
}

}  // namespace
}  // namespace deepfog
