#include "core/home.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace deepfog {
namespace {
namespace fs = std::filesystem;

TEST(Home, OfAnInstalledProgramIsBesideItWhereverItIs) {
  std::string name = (fs::temp_directory_path() / "deepfog_homeXXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path prefix = name;
  const std::string program = (prefix / "bin" / "deepfog").string();
  EXPECT_EQ(home_folder(program, "/sources"), "/sources");
  fs::create_directories(prefix / "share" / "deepfog");
  EXPECT_EQ(home_folder(program, "/sources"), "/sources") << "a folder without configs is not ours";
  fs::create_directories(prefix / "share" / "deepfog" / "configs");
  EXPECT_EQ(home_folder(program, "/sources"), (prefix / "share" / "deepfog").string());
  fs::rename(prefix / "share", prefix / "elsewhere");
  EXPECT_EQ(home_folder(program, "/sources"), "/sources");
  fs::remove_all(prefix);
}

TEST(Home, OfAProgramInABuildFolderIsTheSourceTree) {
  EXPECT_EQ(home_folder(), DEEPFOG_SOURCE_DIR);
  EXPECT_EQ(home_folder("", "/sources"), "/sources") << "where the program does not know its own place";
}

}  // namespace
}  // namespace deepfog
