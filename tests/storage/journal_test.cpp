#include "storage/journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "scratch.hpp"

namespace deepfog {
namespace {

using test::message_of;
using test::read_file;
using test::Scratch;
using test::write_file;

constexpr char config[] = "runs = 2\nepochs = 3\n";

JournalRecord record(int i) {
  const std::string payload =
      "payload " + std::string(static_cast<std::size_t>(i % 50), '\0') + std::to_string(i);
  return {"unit" + std::to_string(i % 3), {payload.begin(), payload.end()}};
}

void expect_records(const Journal& journal, int count) {
  ASSERT_EQ(journal.records().size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(journal.records()[static_cast<std::size_t>(i)].type, record(i).type);
    EXPECT_EQ(journal.records()[static_cast<std::size_t>(i)].payload, record(i).payload);
  }
}

void make(const std::string& path, int records) {
  Journal journal(path, config);
  for (int i = 0; i < records; ++i) journal.append(record(i));
}

TEST(Journal, GivesBackWhatWasAppended) {
  const Scratch scratch;
  const std::string path = scratch.path("results.journal");
  EXPECT_EQ(journal_header(path), "");
  make(path, 3);
  EXPECT_EQ(journal_header(path), config);
  {
    Journal journal(path, config);
    expect_records(journal, 3);
    EXPECT_EQ(journal.bytes_cut(), 0);
    journal.append(record(3));
    EXPECT_EQ(journal.records().size(), 3U);  // those found at opening
  }
  expect_records(Journal(path, config), 4);
}

TEST(Journal, EmptyTypesAndPayloadsAndTexts) {
  const Scratch scratch;
  { Journal(scratch.path("j"), "").append({"", {}}); }
  const Journal journal(scratch.path("j"), "");
  ASSERT_EQ(journal.records().size(), 1U);
  EXPECT_TRUE(journal.records()[0].type.empty());
  EXPECT_TRUE(journal.records()[0].payload.empty());
}

TEST(Journal, ATornLastRecordIsCutAtEveryByte) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 2);
  const std::size_t two = read_file(path).size();
  make(path + "3", 3);
  const std::string three = read_file(path + "3");
  for (std::size_t size = two; size < three.size(); ++size) {
    write_file(path, three.substr(0, size));
    {
      Journal journal(path, config);
      expect_records(journal, 2);
      EXPECT_EQ(journal.bytes_cut(), static_cast<std::int64_t>(size - two));
      journal.append(record(2));
    }
    const Journal journal(path, config);
    expect_records(journal, 3);
    EXPECT_EQ(journal.bytes_cut(), 0);
  }
}

TEST(Journal, NothingBehindABadRecordIsTrusted) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  std::vector<std::size_t> ends;
  for (int count = 0; count <= 3; ++count) {
    make(path + std::to_string(count), count);
    ends.push_back(read_file(path + std::to_string(count)).size());
  }
  const std::string whole = read_file(path + "3");
  for (std::size_t at = ends[0]; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write_file(path, bytes);
    const int good = at < ends[1] ? 0 : at < ends[2] ? 1 : 2;
    const Journal journal(path, config);
    expect_records(journal, good);
    EXPECT_EQ(journal.bytes_cut(),
              static_cast<std::int64_t>(whole.size() - ends[static_cast<std::size_t>(good)]));
  }
}

TEST(Journal, AHeaderTornAtItsMakingStartsAnew) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 0);
  const std::string header = read_file(path);
  for (std::size_t size = 0; size < header.size(); ++size) {
    write_file(path, header.substr(0, size));
    EXPECT_EQ(journal_header(path), "") << size;
    expect_records(Journal(path, config), 0);
    EXPECT_EQ(journal_header(path), config) << size;
  }
}

TEST(Journal, ADamagedHeaderIsNeverOverwritten) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 2);
  const std::string whole = read_file(path);
  make(path + "0", 0);
  const std::size_t header = read_file(path + "0").size();
  for (std::size_t at = 64; at < header; ++at) {  // behind the magic and the owner
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { Journal(path, config); }),
              path + ": its header is damaged (delete the journal to start anew)");
    EXPECT_EQ(read_file(path), bytes);
  }
}

TEST(Journal, RefusesOtherCampaignsAndOtherFiles) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 1);
  EXPECT_EQ(message_of<UserError>([&] { Journal(path, "runs = 3\n"); }),
            path + ": belongs to another campaign (the same config, another output, or delete the journal)");
  expect_records(Journal(path, config), 1);
  write_file(path, "sample,label\n");
  EXPECT_EQ(message_of<UserError>([&] { Journal(path, config); }),
            path + ": not a DeepFog journal (a journal or no file)");
  EXPECT_EQ(message_of<UserError>([&] { journal_header(path); }),
            path + ": not a DeepFog journal (a journal or no file)");
  EXPECT_EQ(read_file(path), "sample,label\n");
  ASSERT_EQ(mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(message_of<UserError>([&] { Journal(scratch.path("pipe"), config); }),
            scratch.path("pipe") + ": not a regular file (a journal or no file)");
  EXPECT_EQ(message_of<UserError>([&] { Journal(scratch.path("absent/j"), config); }),
            scratch.path("absent/j") + ": cannot be opened: No such file or directory");
}

// In a shared folder another user may have planted a link by the name that is foreseen.
TEST(Journal, APlantedLinkOrPipeIsNotFollowed) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  write_file(scratch.path("empty"), "");
  ASSERT_EQ(mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  for (const char* target : {"empty", "absent", "pipe"}) {
    std::filesystem::create_symlink(scratch.path(target), path);
    EXPECT_EQ(message_of<UserError>([&] { Journal(path, config); }),
              path + ": a symbolic link (a journal or no file)");
    EXPECT_EQ(message_of<UserError>([&] { journal_header(path); }),
              path + ": a symbolic link (a journal or no file)");
    std::filesystem::remove(path);
  }
  EXPECT_EQ(message_of<UserError>([&] { read_journal(scratch.path("pipe")); }),
            scratch.path("pipe") + ": not a regular file (a journal or no file)");
  EXPECT_EQ(read_file(scratch.path("empty")), "");
  EXPECT_EQ(scratch.files(), 2U);
}

TEST(Journal, TheSecondJobIsToldWhoTheFirstIs) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  int ready[2], end[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(end), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(end[1]);  // else the parent's end would never be the last one
    Journal journal(path, config);
    char byte = 'x';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
  }
  close(ready[1]);
  close(end[0]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const std::string message = message_of<UserError>([&] { Journal(path, config); });
  EXPECT_EQ(message.find(path + ": in use by another job, pid " + std::to_string(child) + " on "), 0U)
      << message;
  EXPECT_NE(message.find(" (wait for its end, or choose another output)"), std::string::npos) << message;
  close(end[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ready[0]);
  expect_records(Journal(path, config), 0);  // the lock went with its holder
}

TEST(Journal, RemoveTakesTheFileAway) {
  const Scratch scratch;
  Journal journal(scratch.path("j"), config);
  journal.remove();
  EXPECT_FALSE(std::filesystem::exists(scratch.path("j")));
  Journal next(scratch.path("j"), config);  // while the first still holds its unlinked file
  next.append(record(0));
}

// A limit on file sizes stands for the full disk.
TEST(Journal, AFullDiskIsAFailureAndTheRecordsBeforeStay) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 2);
  const rlim_t size = read_file(path).size();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size + 10, RLIM_INFINITY}, unlimited{RLIM_INFINITY, RLIM_INFINITY};
    Journal journal(path, config);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    const std::string message = message_of<Failure>([&] { journal.append(record(2)); });
    if (message != path + ": cannot be written: File too large") _exit(3);
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0) _exit(2);
    journal.append(record(2));  // there is room again: half a record must not stand before this one
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const Journal journal(path, config);
  expect_records(journal, 3);
  EXPECT_EQ(journal.bytes_cut(), 0);
}

TEST(Journal, IsReadWhileItsWriterHoldsIt) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  EXPECT_EQ(read_journal(path).header_text, "");
  Journal journal(path, "the campaign");
  journal.append({"sweep", {'a', 'b'}});
  const JournalContent content = read_journal(path);
  EXPECT_EQ(content.header_text, "the campaign");
  ASSERT_EQ(content.records.size(), 1U);
  EXPECT_EQ(content.records[0].payload, (std::vector<char>{'a', 'b'}));
  const auto before = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, before - 1);
  EXPECT_TRUE(read_journal(path).records.empty());
  EXPECT_EQ(std::filesystem::file_size(path), before - 1) << "nothing may be cut off";
}

}  // namespace
}  // namespace deepfog
