#include "storage/whole_file.hpp"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "scratch.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace {

using test::message_of;
using test::read_file;
using test::Scratch;
using test::write_file;

TEST(WholeFile, WritesAndReplacesAndLeavesNothingElse) {
  const Scratch scratch;
  const std::string path = scratch.path("figures.txt");
  write_whole(path, std::string("first\0bytes", 11));
  EXPECT_EQ(read_file(path), std::string("first\0bytes", 11));
  write_whole(path, "");
  EXPECT_EQ(read_file(path), "");
  EXPECT_EQ(scratch.files(), 1U);
}

TEST(WholeFile, FollowsALinkAndKeepsIt) {
  const Scratch scratch;
  write_file(scratch.path("target"), "old");
  std::filesystem::create_symlink(scratch.path("target"), scratch.path("link"));
  write_whole(scratch.path("link"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("link")));
  EXPECT_EQ(read_file(scratch.path("target")), "new");
}

TEST(WholeFile, FollowsChainsOfLinksToAFileThatIsNotThereYet) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("disk"));
  std::filesystem::create_symlink("second", scratch.path("first"));
  std::filesystem::create_symlink("disk/file", scratch.path("second"));
  write_whole(scratch.path("first"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("first")));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("second")));
  EXPECT_EQ(read_file(scratch.path("disk/file")), "new");
  std::filesystem::create_symlink("there", scratch.path("here"));
  std::filesystem::create_symlink("here", scratch.path("there"));
  EXPECT_EQ(message_of<UserError>([&] { write_whole(scratch.path("here"), "x"); }),
            scratch.path("here") + ": its symbolic links lead round in a loop");
}

// In a shared folder another user may have planted links by every name that is foreseen.
TEST(WholeFile, ItsTemporaryFileFollowsNoPlantedLink) {
  const Scratch scratch;
  write_file(scratch.path("precious"), "keep");
  const std::string foreseen = ".r.h5." + std::to_string(getpid()) + ".part";
  std::filesystem::create_symlink("precious", scratch.path(foreseen));
  write_whole(scratch.path("r.h5"), "figures");
  EXPECT_EQ(read_file(scratch.path("precious")), "keep");
  EXPECT_FALSE(std::filesystem::is_symlink(scratch.path("r.h5")));
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    std::string name;
    const int descriptor = open_exclusively(scratch.folder(), "r.h5", name);
    ASSERT_GE(descriptor, 0);
    EXPECT_TRUE(names.insert(name).second);
    EXPECT_EQ(close(descriptor), 0);
  }
  EXPECT_EQ(scratch.files(), 103U);
}

TEST(WholeFile, RemovesWhatKilledWritersLeftBehind) {
  const Scratch scratch;
  std::string abandoned, at_work, of_another;
  ASSERT_GE(::close(open_exclusively(scratch.path("."), "figures.txt", abandoned)), 0);
  const int writer = open_exclusively(scratch.path("."), "figures.txt", at_work);
  ASSERT_EQ(::flock(writer, LOCK_EX), 0);
  ASSERT_GE(::close(open_exclusively(scratch.path("."), "figures.txt.gz", of_another)), 0);
  write_file(scratch.path(".figures.txt.0123456789abcdef.party"), "somebody's own");
  write_whole(scratch.path("figures.txt"), "new");
  EXPECT_FALSE(std::filesystem::exists(abandoned));
  EXPECT_TRUE(std::filesystem::exists(at_work)) << "its writer holds the lock";
  EXPECT_TRUE(std::filesystem::exists(of_another));
  EXPECT_EQ(scratch.files(), 4U);
  ::close(writer);
}

TEST(WholeFile, HonoursTheUmask) {
  const Scratch scratch;
  const mode_t before = umask(027);
  write_whole(scratch.path("file"), "x");
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(scratch.path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(WholeFile, RefusesWhatIsNoRegularFile) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("folder"));
  EXPECT_EQ(message_of<Failure>([&] { write_whole(scratch.path("folder"), "x"); }),
            scratch.path("folder") + ": cannot be replaced: not a regular file");
  // Renaming over a device would replace the device. A pipe stands for it: a test that fails must not harm
  // the machine.
  ASSERT_EQ(mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(message_of<Failure>([&] { write_whole(scratch.path("pipe"), "x"); }),
            scratch.path("pipe") + ": cannot be replaced: not a regular file");
  EXPECT_TRUE(std::filesystem::is_fifo(scratch.path("pipe")));
}

TEST(WholeFile, SaysWhyAFolderCannotBeWritten) {
  const Scratch scratch;
  EXPECT_EQ(message_of<Failure>([&] { write_whole(scratch.path("absent/file"), "x"); }),
            scratch.path("absent/file") + ": cannot be written: No such file or directory");
  EXPECT_NE(message_of<Failure>([] {
              write_whole("/proc/deepfog", "x");
            }).find("/proc/deepfog: cannot be written: "),
            std::string::npos);
}

// A limit on file sizes stands for the full disk: write() stops in the middle of the bytes.
TEST(WholeFile, AFullDiskLeavesTheOldFileAndNoRest) {
  const Scratch scratch;
  const std::string path = scratch.path("results.h5");
  write_file(path, "old");
  for (const rlim_t limit : {0, 1, 4096, 99999}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit size{limit, limit};
      if (setrlimit(RLIMIT_FSIZE, &size) != 0) _exit(2);
      const std::string message = message_of<Failure>([&] { write_whole(path, std::string(100000, 'x')); });
      _exit(message == path + ": cannot be written: File too large" ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << limit;
    EXPECT_EQ(read_file(path), "old") << limit;
    EXPECT_EQ(scratch.files(), 1U) << limit;
  }
}

}  // namespace
}  // namespace deepfog
