#include "core/build_info.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace deepfog {
namespace {

TEST(BuildInfo, SaysWhatWasBuilt) {
  const BuildInfo& info = build_info();
  EXPECT_TRUE(std::regex_match(info.version, std::regex("[0-9]+\\.[0-9]+\\.[0-9]+"))) << info.version;
  EXPECT_TRUE(std::regex_match(info.git_sha, std::regex("[0-9a-f]{40}|unknown"))) << info.git_sha;
  EXPECT_TRUE(std::regex_match(info.compiler, std::regex("(GCC|Clang) [0-9].*"))) << info.compiler;
  EXPECT_FALSE(info.git_sha == "unknown" && info.git_dirty);
  EXPECT_EQ(&info, &build_info());
}

}  // namespace
}  // namespace deepfog
