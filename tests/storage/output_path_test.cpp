#include "storage/output_path.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "scratch.hpp"

namespace deepfog {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using test::Scratch;
using test::write_file;

std::string refusal(const std::string& path, Links links = Links::follow) {
  return message_of<UserError>([&] { check_output_file(path, links); });
}
const std::string none = "nothing was thrown";

TEST(OutputPath, TextThatNamesNoFileIsRefused) {
  const auto at = [](const std::string& path) {
    return message_of<UserError>([&] { check_output_text(path, "x.ini:3"); });
  };
  EXPECT_EQ(at(""), "x.ini:3: output is empty (a file allowed)");
  EXPECT_EQ(at("~/x.h5"),
            "x.ini:3: output ~/x.h5: ~ is not expanded here (the whole path; ./~/x.h5 for a "
            "name that begins so)");
  for (const char* path :
       {"~", "~somebody/x.h5", "$HOME/x.h5", "${SCRATCH}/x.h5", "a/", "a/b/", "/", ".", "..", "a/.", "a/..",
        "a\nb.h5", "a\tb.h5", "  ", "s3://bucket/x.h5", "https://host/x.h5", "\x1b[31m.h5", "\x7f"})
    EXPECT_NE(at(path), none) << path;
  for (const char* path :
       {"x.h5", "./~x.h5", "a/~x.h5", "./$x.h5", "$.h5", "a b.h5", "\xc3\xa4.h5", ".x", "..x"})
    EXPECT_EQ(at(path), none) << path;
}

TEST(OutputPath, WhatCanBeWrittenIsFineAndNothingIsLeft) {
  const Scratch scratch;
  write_file(scratch.path("old.h5"), "old");
  fs::create_directory(scratch.path("disk"));
  fs::create_symlink("disk/new.h5", scratch.path("dangling.h5"));
  fs::create_symlink("disk", scratch.path("way"));
  for (const char* name : {"new.h5", "old.h5", "a/b/c/new.h5", "dangling.h5", "way/new.h5", "way/a/new.h5"})
    EXPECT_EQ(refusal(scratch.path(name)), none) << name;
  EXPECT_EQ(refusal(scratch.path(std::string(255, 'n'))), none);
  EXPECT_EQ(scratch.files(), 4U);
  EXPECT_TRUE(fs::is_empty(scratch.path("disk")));
}

TEST(OutputPath, WhatCannotBeWrittenIsRefused) {
  const Scratch scratch;
  write_file(scratch.path("file"), "x");
  fs::create_directory(scratch.path("folder"));
  fs::create_symlink("folder", scratch.path("to-folder"));
  fs::create_symlink("gone/x.h5", scratch.path("to-gone"));
  fs::create_symlink("gone", scratch.path("way"));
  fs::create_symlink("there", scratch.path("here"));
  fs::create_symlink("here", scratch.path("there"));
  ASSERT_EQ(mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  const std::string base = scratch.folder() + "/", long_name(256, 'n');
  const auto expect = [&](const std::string& name, const std::string& why) {
    EXPECT_EQ(refusal(base + name), base + name + ": " + why);
  };
  expect("folder", "a folder (a file allowed)");
  expect("to-folder", "a folder (a file allowed)");
  expect("pipe", "not a regular file (a file allowed)");
  expect("file/x.h5", base + "file is no folder (a file in a folder allowed)");
  expect("file/a/b/x.h5", base + "file is no folder (a file in a folder allowed)");
  expect("to-gone", "a symbolic link to " + base +
                        "gone/x.h5, whose folder is not there (make that folder, or remove the link)");
  expect("way/x.h5", base +
                         "way is a symbolic link to gone, which is not there (make that folder, or remove "
                         "the link)");
  expect("here", "its symbolic links lead round in a loop");
  EXPECT_NE(refusal(base + "here/x.h5"), none);
  EXPECT_NE(refusal(base + long_name), none);
  EXPECT_EQ(refusal(base + "a/" + long_name),
            base + "a/" + long_name + ": a name of 256 bytes is too long (at most 255 there)");
  EXPECT_NE(refusal(base + "a/" + long_name + "/x.h5"), none);
  std::string deep = base;
  for (int i = 0; i < 900; ++i) deep += "aaaa/";
  EXPECT_NE(refusal(deep + "x.h5"), none);
  for (const char* path : {"/dev/null", "/dev/full", "/proc/x.h5", "/proc/self/x/y.h5", "/sys/x.h5"})
    EXPECT_NE(refusal(path), none) << path;
}

TEST(OutputPath, OwnFilesMayNotBeLinks) {
  const Scratch scratch;
  fs::create_symlink("new", scratch.path("link"));
  EXPECT_EQ(refusal(scratch.path("link"), Links::refuse),
            scratch.path("link") + ": a symbolic link (a file of the program, or none)");
  EXPECT_EQ(refusal(scratch.path("new"), Links::refuse), none);
}

/// Exit code of `action` as an ordinary user: root may write everywhere.
int as_nobody(const std::function<int()>& action) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0)) _exit(99);
    _exit(action());
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(OutputPath, PermissionsAreLookedAt) {
  const Scratch scratch;
  fs::create_directory(scratch.path("closed"));
  fs::permissions(scratch.folder(), fs::perms(0755));
  fs::permissions(scratch.path("closed"), fs::perms(0555));
  EXPECT_EQ(as_nobody([&] {
              return refusal(scratch.path("closed/x.h5")) ==
                             scratch.path("closed/x.h5") + ": no file can be made in " +
                                 scratch.path("closed") +
                                 ": Permission denied (a file in a folder that you may write to)"
                         ? 0
                         : 1;
            }),
            0);
  EXPECT_EQ(as_nobody([&] { return refusal(scratch.path("closed/a/b/x.h5")) != none ? 0 : 1; }), 0);
}

// As the kernel does where fs.protected_symlinks is on.
TEST(OutputPath, ALinkOfAnotherUserInASharedFolderIsNotFollowed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make a link of another user";
  const Scratch scratch;
  fs::permissions(scratch.folder(), fs::perms(01777));
  ASSERT_EQ(as_nobody([&] { return symlink("planted", scratch.path("x.h5").c_str()); }), 0);
  EXPECT_EQ(refusal(scratch.path("x.h5")),
            scratch.path("x.h5") +
                ": a symbolic link of another user in a folder that everybody may write to (another output)");
  write_file(scratch.path("mine.h5"), "x");
  EXPECT_EQ(as_nobody([&] { return refusal(scratch.path("mine.h5")) != none ? 0 : 1; }), 0)
      << "nobody could not replace it";
}

}  // namespace
}  // namespace deepfog
