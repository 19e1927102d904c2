#include "storage/record_log.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "scratch.hpp"

namespace deepfog {
namespace {

using test::message_of;
using test::read_file;
using test::Scratch;
using test::write_file;

constexpr char config[] = "runs = 2\nepochs = 3\n";
constexpr std::size_t header_bytes = 4 + 60 + 8 + sizeof config - 1 + 8;
constexpr std::size_t head_bytes = 24;

LogRecord record(int i) {
  const std::string payload = std::string(static_cast<std::size_t>(i * 7 % 50), '\0') + std::to_string(i);
  return {"task" + std::to_string(i % 3), {payload.begin(), payload.end()}};
}

std::string make(const std::string& path, int records, Durability durability = Durability::buffered) {
  {
    RecordLog log(path, config, ExistingLog::replace, durability);
    EXPECT_TRUE(log.records().empty());
    for (int i = 0; i < records; ++i) log.append(record(i));
  }
  return read_file(path);
}

void expect_records(const std::vector<LogRecord>& records, int count) {
  ASSERT_EQ(records.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(records[static_cast<std::size_t>(i)].type, record(i).type);
    EXPECT_EQ(records[static_cast<std::size_t>(i)].payload, record(i).payload);
  }
}

TEST(RecordLog, GivesBackWhatWasAppended) {
  const Scratch scratch;
  const std::string path = scratch.path("results.journal");
  EXPECT_EQ(record_log_header(path), "");
  EXPECT_EQ(make(path, 0).size(), header_bytes);
  EXPECT_EQ(record_log_header(path), config);
  const std::string buffered = make(path, 40);
  EXPECT_EQ(make(path, 40, Durability::every_record), buffered);
  const RecordLogContent content = read_record_log(path);
  EXPECT_EQ(content.header_text, config);
  expect_records(content.records, 40);
  EXPECT_EQ(content.end, LogEnd::whole);
  EXPECT_EQ(content.bytes_lost, 0);
}

TEST(RecordLog, IsContinuedWhenItIsResumed) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 3);
  {
    RecordLog log(path, config);
    expect_records(log.records(), 3);
    EXPECT_EQ(log.bytes_cut(), 0);
    log.append(record(3));
    EXPECT_EQ(log.records().size(), 3U);  // those found at opening
  }
  expect_records(RecordLog(path, config).records(), 4);
}

TEST(RecordLog, EmptyTextsAndPayloadsAndLargeOnes) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::vector<char> large(17U << 20, 'x');
  {
    RecordLog log(path, "");
    log.append("", {});
    log.append(std::string(4096, 't'), large);
    EXPECT_EQ(message_of<Failure>([&] { log.append(std::string(4097, 't'), {}); }),
              "record log: a type of 4097 bytes");
    log.append("a", {'b'});
  }
  const RecordLog log(path, "");
  ASSERT_EQ(log.records().size(), 3U);
  EXPECT_TRUE(log.records()[0].type.empty() && log.records()[0].payload.empty());
  EXPECT_TRUE(log.records()[1].payload == large);
  EXPECT_EQ(log.records()[2].payload, std::vector<char>{'b'});
}

// The bytes as record_log_format.hpp says, made by hand; the sums are Python's.
TEST(RecordLog, TheBytesOfTheFile) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  {
    RecordLog log(path, "t", ExistingLog::replace, Durability::buffered);
    log.append("ab", {'o', 'n', 'e'});
    log.append("", {});
  }
  const std::string bytes = read_file(path);
  EXPECT_EQ(bytes.substr(0, 4), "DFL1");
  EXPECT_EQ(bytes.substr(4, 4 + std::to_string(getpid()).size()), "pid " + std::to_string(getpid()));
  std::string hexadecimal;
  for (const char byte : bytes.substr(64)) {
    hexadecimal += "0123456789abcdef"[(byte >> 4) & 15];
    hexadecimal += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(hexadecimal,
            "010000000000000074"  // length, text
            "57feae7c8b694494"    // sum
            "02000000349c19ca"    // type length, sum of lengths
            "0300000000000000"    // payload length
            "553f185c2219c06d"    // sum
            "61626f6e65"          // type, payload
            "000000006490130d"
            "0000000000000000"
            "6490130d1b3f590c");
}

TEST(RecordLog, ATornLastRecordIsKnownAndCutAtEveryByte) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  const std::size_t two = make(path, 2).size();
  const std::string three = make(path, 3);
  for (std::size_t size = two + 1; size < three.size(); ++size) {
    write_file(path, three.substr(0, size));
    const RecordLogContent content = read_record_log(path);
    expect_records(content.records, 2);
    EXPECT_EQ(content.end, LogEnd::torn) << size;
    EXPECT_EQ(content.bytes_lost, static_cast<std::int64_t>(size - two));
    EXPECT_EQ(read_file(path).size(), size) << "reading cuts nothing off";
    {
      RecordLog log(path, config);
      expect_records(log.records(), 2);
      EXPECT_EQ(log.bytes_cut(), content.bytes_lost);
      log.append(record(2));
    }
    expect_records(read_record_log(path).records, 3);
    EXPECT_EQ(read_file(path).size(), three.size());
  }
}

TEST(RecordLog, NothingBehindABadRecordIsTrusted) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  const std::size_t ends[] = {make(path, 0).size(), make(path, 1).size(), make(path, 2).size()};
  const std::string whole = make(path, 3);
  for (std::size_t at = ends[0]; at < whole.size(); ++at) {
    for (const int bit : {1, 0x10, 0x80}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ bit);
      write_file(path, bytes);
      const int good = at < ends[1] ? 0 : at < ends[2] ? 1 : 2;
      const RecordLogContent content = read_record_log(path);
      expect_records(content.records, good);
      EXPECT_EQ(content.end, LogEnd::damaged);
      EXPECT_EQ(content.bytes_lost, static_cast<std::int64_t>(whole.size() - ends[good]));
      if (bit != 0x10) continue;
      const RecordLog log(path, config);
      expect_records(log.records(), good);
      EXPECT_EQ(log.bytes_cut(), content.bytes_lost);
    }
  }
}

std::string with_number(std::string bytes, std::size_t at, std::uint64_t number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
  return bytes;
}

TEST(RecordLog, TableOfDamage) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::size_t one = make(path, 1).size(), two = make(path, 2).size();
  const std::string whole = make(path, 3);
  const std::string first = whole.substr(header_bytes, one - header_bytes),
                    second = whole.substr(one, two - one);
  const struct {
    const char* what;
    std::string bytes;
    int good;
    LogEnd end;
  } table[] = {
      {"zeros after a power cut", whole + std::string(4096, '\0'), 3, LogEnd::damaged},
      {"a hole of zeros", whole.substr(0, one) + std::string(second.size(), '\0') + whole.substr(two), 1,
       LogEnd::damaged},
      {"a record missing", whole.substr(0, one) + whole.substr(two), 1, LogEnd::damaged},
      {"a record twice", whole.substr(0, one) + first + whole.substr(one), 1, LogEnd::damaged},
      {"two records in the wrong order", whole.substr(0, header_bytes) + second + first + whole.substr(two),
       0, LogEnd::damaged},
      {"the largest length", with_number(whole, one + 8, ~0ULL), 1, LogEnd::damaged},
      {"a length over the end", with_number(whole, one + 8, whole.size()), 1, LogEnd::damaged},
      {"a length too short", with_number(whole, one + 8, 1), 1, LogEnd::damaged},
      {"one byte more", whole + "x", 3, LogEnd::torn},
      {"only the head of a record", whole.substr(0, two + head_bytes), 2, LogEnd::torn},
  };
  for (const auto& row : table) {
    write_file(path, row.bytes);
    RecordLogReader reader(path);
    int found = 0;
    for (LogRecord next; reader.next(next); ++found) EXPECT_EQ(next.payload, record(found).payload);
    EXPECT_EQ(found, row.good) << row.what;
    EXPECT_EQ(reader.end(), row.end) << row.what;
    EXPECT_GT(reader.bytes_lost(), 0) << row.what;
    LogRecord more;
    EXPECT_FALSE(reader.next(more)) << row.what;  // and stays at its end
  }
}

TEST(RecordLog, AHeaderTornAtItsMakingStartsAnew) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  const std::string header = make(path, 0);
  for (std::size_t size = 0; size < header.size(); ++size) {
    write_file(path, header.substr(0, size));
    const RecordLogReader reader(path);
    EXPECT_TRUE(reader.exists() && !reader.begun()) << size;
    EXPECT_EQ(record_log_header(path), "") << size;
    expect_records(RecordLog(path, config).records(), 0);
    EXPECT_EQ(record_log_header(path), config) << size;
  }
}

TEST(RecordLog, ADamagedHeaderIsNeverResumed) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  const std::string whole = make(path, 2);
  for (std::size_t at = 64; at < header_bytes; ++at) {  // behind the magic and the owner
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { RecordLog(path, config); }),
              path + ": its header is damaged (delete this file)");
    EXPECT_EQ(read_file(path), bytes);
  }
  for (const std::uint64_t length : {(1ULL << 24) + 1, ~0ULL, 1ULL}) {
    write_file(path, with_number(whole, 64, length));
    EXPECT_EQ(message_of<UserError>([&] { read_record_log(path); }),
              path + ": its header is damaged (delete this file)");
  }
}

TEST(RecordLog, RefusesWhatIsNone) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  make(path, 1);
  EXPECT_EQ(message_of<UserError>([&] { RecordLog(path, "runs = 3\n"); }),
            path + ": belongs to another campaign (the same config, another output, or delete this file)");
  expect_records(RecordLog(path, config).records(), 1);
  const std::string earlier =
      ": written by an earlier version of DeepFog (that version can finish it; or delete this file)";
  const std::pair<std::string, std::string> table[] = {
      {"sample,label\n", ": not a DeepFog record log (a record log or no file)"},
      {"DFJ1" + std::string(100, '\0'), earlier},
      {"DFS1" + std::string(100, '\0'), earlier}};
  for (const auto& [bytes, message] : table) {
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { RecordLog(path, config); }), path + message);
    EXPECT_EQ(message_of<UserError>([&] { record_log_header(path); }), path + message);
    EXPECT_EQ(read_file(path), bytes);
  }
  const std::string absent = scratch.path("absent/j");
  EXPECT_EQ(message_of<UserError>([&] { RecordLog(absent, config); }),
            absent + ": cannot be opened: No such file or directory");
  EXPECT_FALSE(RecordLogReader(absent).exists());
}

// In a shared folder another user may have planted a link by the name that is foreseen.
TEST(RecordLog, APlantedLinkOrPipeIsNotFollowed) {
  const Scratch scratch;
  const std::string path = scratch.path("j"), pipe = scratch.path("pipe"),
                    allowed = " (a record log or no file)";
  write_file(scratch.path("precious"), "keep");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const char* target : {"precious", "absent", "pipe"}) {
    std::filesystem::create_symlink(scratch.path(target), path);
    for (const ExistingLog existing : {ExistingLog::resume, ExistingLog::replace}) {
      EXPECT_EQ(message_of<UserError>([&] { RecordLog(path, config, existing); }),
                path + ": a symbolic link" + allowed);
    }
    EXPECT_EQ(message_of<UserError>([&] { read_record_log(path); }), path + ": a symbolic link" + allowed);
    std::filesystem::remove(path);
  }
  EXPECT_EQ(message_of<UserError>([&] { RecordLog(pipe, config); }), pipe + ": not a regular file" + allowed);
  EXPECT_EQ(message_of<UserError>([&] { read_record_log(pipe); }), pipe + ": not a regular file" + allowed);
  EXPECT_EQ(read_file(scratch.path("precious")), "keep");
  EXPECT_EQ(scratch.files(), 2U);
}

TEST(RecordLog, TheSecondJobIsToldWhoTheFirstIs) {
  const Scratch scratch;
  const std::string path = scratch.path("j");
  int ready[2], end[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(end), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(end[1]);  // else the parent's end would never be the last one
    const RecordLog log(path, config);
    char byte = 'x';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
  }
  close(ready[1]);
  close(end[0]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const std::string whole = read_file(path);
  for (const ExistingLog existing : {ExistingLog::resume, ExistingLog::replace}) {
    const std::string message = message_of<UserError>([&] { RecordLog(path, config, existing); });
    EXPECT_EQ(message.find(path + ": in use by another job, pid " + std::to_string(child) + " on "), 0U)
        << message;
    EXPECT_NE(message.find(" (wait for its end, or choose another output)"), std::string::npos) << message;
  }
  EXPECT_EQ(read_file(path), whole);
  close(end[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ready[0]);
  expect_records(RecordLog(path, config).records(), 0);  // the lock went with its holder
}

TEST(RecordLog, RemoveTakesTheFileAway) {
  const Scratch scratch;
  RecordLog log(scratch.path("j"), config);
  log.remove();
  EXPECT_FALSE(std::filesystem::exists(scratch.path("j")));
  RecordLog next(scratch.path("j"), config);  // while the first still holds its unlinked file
  next.append(record(0));
}

TEST(RecordLog, AReaderSeesWhatWasThereWhenItOpened) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  RecordLog log(path, config);
  log.append(record(0));
  RecordLogReader early(path);
  log.append(record(1));
  LogRecord found;
  EXPECT_TRUE(early.next(found));
  EXPECT_EQ(found.payload, record(0).payload);
  EXPECT_FALSE(early.next(found));
  EXPECT_EQ(early.end(), LogEnd::whole);
  expect_records(read_record_log(path).records, 2);
}

TEST(RecordLog, AFileThatShrinksUnderItsReaderIsAFailure) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  RecordLog log(path, config, ExistingLog::replace, Durability::buffered);
  for (int i = 0; i < 4; ++i) log.append("large", std::vector<char>(1 << 20, 'x'));
  RecordLogReader reader(path);
  LogRecord found;
  ASSERT_TRUE(reader.next(found));
  std::filesystem::resize_file(path, 1 << 21);
  EXPECT_EQ(message_of<Failure>([&] {
              while (reader.next(found)) continue;
            }),
            path + ": became shorter while it was read");
}

// A limit on file sizes stands for the full disk.
TEST(RecordLog, AFullDiskIsAFailureAndTheRecordsBeforeStay) {
  const Scratch scratch;
  const std::string path = scratch.path("s"), other = scratch.path("other");
  const rlim_t size = make(path, 2).size();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size + 10, RLIM_INFINITY}, unlimited{RLIM_INFINITY, RLIM_INFINITY},
        little{10, RLIM_INFINITY};
    RecordLog log(path, config);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    const std::string message = message_of<Failure>([&] { log.append(record(2)); });
    if (message != path + ": cannot be written: File too large") _exit(3);
    if (std::filesystem::file_size(path) != size) _exit(4);
    if (setrlimit(RLIMIT_FSIZE, &little) != 0) _exit(2);
    const std::string at_once = message_of<Failure>([&] { RecordLog(other, config); });
    if (at_once != other + ": cannot be written: File too large") _exit(5);
    if (std::filesystem::exists(other)) _exit(6);
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0) _exit(2);
    log.append(record(2));  // there is room again: half a record must not stand before this one
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const RecordLogContent content = read_record_log(path);
  expect_records(content.records, 3);
  EXPECT_EQ(content.end, LogEnd::whole);
}

TEST(RecordLog, AClaimIsHadWhenTheWriterIsGoneAndByOneOnly) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  EXPECT_FALSE(RecordLogClaim(path).exists());
  {
    const RecordLog log(path, config);
    EXPECT_TRUE(RecordLogClaim(path).exists());
    EXPECT_FALSE(RecordLogClaim(path, Deadline::in(std::chrono::milliseconds(20))).held());
  }
  {
    const RecordLogClaim first(path), second(path);
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(second.held());
  }
  EXPECT_TRUE(RecordLogClaim(path).held());
}

}  // namespace
}  // namespace deepfog
