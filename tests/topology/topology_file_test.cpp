#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

const std::string kText = "topology t\nsource s 2\nnode n linear:2\nlink s -> n\n";

class TopologyFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("deepfog-topology-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text) const {
    const std::string path = folder_ / "t.topology";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string message(const std::string& path) {
    try {
      load_topology(path);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  }
  std::filesystem::path folder_;
};

TEST_F(TopologyFile, IsReadAndKeptVerbatim) {
  const Topology topology = load_topology(write(kText));
  EXPECT_EQ(topology.name(), "t");
  EXPECT_EQ(topology.text(), kText);
}

TEST_F(TopologyFile, NamesTheFileAndTheLineInMessages) {
  const std::string path = write(kText + "\n# a comment\nlunk s -> n\n");
  EXPECT_EQ(message(path).find(path + ":7: unknown statement \"lunk\", did you mean \"link\"?"), 0u)
      << message(path);
}

TEST_F(TopologyFile, MissingOrNotAFile) {
  const std::string missing = folder_ / "none.topology";
  EXPECT_EQ(message(missing), missing + ": no such file (a topology file, see configs/topologies)");
  EXPECT_EQ(message(folder_), folder_.string() + ": not a file (a topology file)");
  EXPECT_EQ(message("/dev/zero"), "/dev/zero: not a file (a topology file)");
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message(pipe), pipe + ": not a file (a topology file)");
  EXPECT_EQ(message(""), ": no such file (a topology file, see configs/topologies)");
}

TEST_F(TopologyFile, Unreadable) {
  const std::string path = write(kText);
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  if (access(path.c_str(), R_OK) == 0) GTEST_SKIP() << "this user may read every file";
  EXPECT_EQ(message(path), path + ": cannot be opened: Permission denied (a readable file)");
}

TEST_F(TopologyFile, EmptyOrTooLargeOrWithZeroBytes) {
  std::string path = write("");
  EXPECT_EQ(message(path), path + ": an empty file (a topology file)");
  path = write(kText + std::string(1000001 - kText.size(), '#'));
  EXPECT_EQ(message(path), path + ": larger than 1 MB (a topology file is small text)");
  path = write(kText + std::string(1000000 - kText.size(), '#'));
  EXPECT_EQ(message(path), "accepted");
  path = write(kText + std::string("node\0", 5));
  EXPECT_EQ(message(path), path + ":5: a zero byte (a topology file is plain text)");
  path = write("# nothing but a comment");
  EXPECT_EQ(message(path), path + ": no topology statement (topology NAME)");
}

TEST_F(TopologyFile, TakesFilesOfOtherSystems) {
  std::string text = "\xef\xbb\xbf" + kText;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
    text.insert(at, "\r");
  EXPECT_EQ(load_topology(write(text)).text(), text);
  EXPECT_EQ(load_topology(write(kText.substr(0, kText.size() - 1))).classes(), 2);  // no newline at the end
}

}  // namespace
}  // namespace deepfog
