#include "storage/round_log.hpp"

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

constexpr char header[] = "experiment = a\n";
constexpr std::size_t header_bytes = 4 + 4 + sizeof header - 1 + 8;
constexpr std::size_t head_bytes = 16;

RoundLogRecord record(int i) {
  const std::string payload = std::string(static_cast<std::size_t>(i * 7 % 50), '\0') + std::to_string(i);
  return {static_cast<std::uint32_t>(i % 3), {payload.begin(), payload.end()}};
}

std::string make(const std::string& path, int records) {
  RoundLogWriter round_log(path, header, ExistingRoundLog::replace);
  for (int i = 0; i < records; ++i) round_log.append(record(i).type, record(i).payload);
  EXPECT_EQ(round_log.records(), records);
  EXPECT_EQ(round_log.bytes(), static_cast<std::int64_t>(std::filesystem::file_size(path)));
  return read_file(path);
}

void expect_records(const RoundLog& round_log, int count) {
  EXPECT_EQ(round_log.header_text, header);
  ASSERT_EQ(round_log.records.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(round_log.records[static_cast<std::size_t>(i)].type, record(i).type);
    EXPECT_EQ(round_log.records[static_cast<std::size_t>(i)].payload, record(i).payload);
  }
}

TEST(RoundLog, GivesBackWhatWasAppended) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  EXPECT_EQ(make(path, 0).size(), header_bytes);
  expect_records(read_round_log(path), 0);
  make(path, 40);
  const RoundLog round_log = read_round_log(path);
  expect_records(round_log, 40);
  EXPECT_EQ(round_log.end, RoundLogEnd::whole);
  EXPECT_EQ(round_log.bytes_lost, 0);
}

TEST(RoundLog, EmptyTextEmptyPayloadAndTheLargest) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::vector<char> large(most_round_log_payload, 'x');
  {
    RoundLogWriter writer(path, "");
    writer.append(0, nullptr, 0);
    writer.append(0xffffffffU, large);
    EXPECT_EQ(message_of<Failure>([&] { writer.append(1, large.data(), large.size() + 1); }),
              path + ": a record of 16777217 bytes, at most 16777216");
    writer.append(7, {'a'});
    writer.sync();
  }
  const RoundLog round_log = read_round_log(path);
  EXPECT_EQ(round_log.header_text, "");
  ASSERT_EQ(round_log.records.size(), 3U);
  EXPECT_TRUE(round_log.records[0].payload.empty());
  EXPECT_EQ(round_log.records[1].type, 0xffffffffU);
  EXPECT_TRUE(round_log.records[1].payload == large);
  EXPECT_EQ(round_log.records[2].payload, std::vector<char>{'a'});
}

// The bytes as spool_format.hpp says, made by hand; the sums are Python's.
TEST(RoundLog, TheBytesOfTheFile) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  {
    RoundLogWriter writer(path, "t");
    writer.append(5, {'o', 'n', 'e'});
    writer.append(6, {});
  }
  std::string hexadecimal;
  for (const char byte : read_file(path)) {
    hexadecimal += "0123456789abcdef"[(byte >> 4) & 15];
    hexadecimal += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(hexadecimal,
            "444653310100000074"  // "DFS1", length, text
            "de26f1c20efcb7bf"    // sum
            "0500000003000000"    // type, length
            "912e4e01db66bde2"    // sum
            "6f6e65"              // payload
            "0600000000000000"
            "e2b70b38df7b2cfb");
}

TEST(RoundLog, ATornLastRecordIsKnownAtEveryByte) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::size_t two = make(path, 2).size();
  const std::string three = make(path, 3);
  for (std::size_t size = two + 1; size < three.size(); ++size) {
    write_file(path, three.substr(0, size));
    const RoundLog round_log = read_round_log(path);
    expect_records(round_log, 2);
    EXPECT_EQ(round_log.end, RoundLogEnd::torn);
    EXPECT_EQ(round_log.bytes_lost, static_cast<std::int64_t>(size - two));
  }
}

TEST(RoundLog, NothingBehindABadRecordIsTrusted) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::size_t ends[] = {make(path, 0).size(), make(path, 1).size(), make(path, 2).size()};
  const std::string whole = make(path, 3);
  for (std::size_t at = ends[0]; at < whole.size(); ++at) {
    for (const int bit : {1, 0x80}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ bit);
      write_file(path, bytes);
      const int good = at < ends[1] ? 0 : at < ends[2] ? 1 : 2;
      const RoundLog round_log = read_round_log(path);
      expect_records(round_log, good);
      EXPECT_NE(round_log.end, RoundLogEnd::whole);
      EXPECT_EQ(round_log.bytes_lost, static_cast<std::int64_t>(whole.size() - ends[good]));
    }
  }
}

std::string with_length(std::string bytes, std::size_t at, std::uint32_t length) {
  std::memcpy(bytes.data() + at, &length, sizeof length);
  return bytes;
}

TEST(RoundLog, TableOfDamage) {
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
    RoundLogEnd end;
  } table[] = {
      {"zeros after a power cut", whole + std::string(4096, '\0'), 3, RoundLogEnd::damaged},
      {"a hole of zeros", whole.substr(0, one) + std::string(second.size(), '\0') + whole.substr(two), 1,
       RoundLogEnd::damaged},
      {"a record missing", whole.substr(0, one) + whole.substr(two), 1, RoundLogEnd::damaged},
      {"a record twice", whole.substr(0, one) + first + whole.substr(one), 1, RoundLogEnd::damaged},
      {"two records in the wrong order", whole.substr(0, header_bytes) + second + first + whole.substr(two),
       0, RoundLogEnd::damaged},
      {"a length over the limit", with_length(whole, one + 4, most_round_log_payload + 1), 1,
       RoundLogEnd::damaged},
      {"the largest length", with_length(whole, one + 4, 0xffffffffU), 1, RoundLogEnd::damaged},
      {"a length over the end", with_length(whole, one + 4, most_round_log_payload), 1, RoundLogEnd::torn},
      {"a length too short", with_length(whole, one + 4, 1), 1, RoundLogEnd::damaged},
      {"one byte more", whole + "x", 3, RoundLogEnd::torn},
      {"only the head of a record", whole.substr(0, two + head_bytes), 2, RoundLogEnd::torn},
  };
  for (const auto& row : table) {
    write_file(path, row.bytes);
    const RoundLog round_log = read_round_log(path);
    expect_records(round_log, row.good);
    EXPECT_EQ(round_log.end, row.end) << row.what;
    EXPECT_GT(round_log.bytes_lost, 0) << row.what;
    RoundLogReader reader(path);
    for (RoundLogRecord found; reader.next(found);) continue;
    RoundLogRecord more;
    EXPECT_FALSE(reader.next(more)) << row.what;  // and stays at its end
  }
}

TEST(RoundLog, RefusesWhatIsNoRoundLog) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::string whole = make(path, 1);
  const std::string allowed = " (a spool of a run)";
  const std::pair<std::string, std::string> table[] = {
      {"sample,label\n", "not a DeepFog spool"},
      {"DFJ1" + whole.substr(4), "not a DeepFog spool"},
      {"D", "its header is incomplete"},
      {"", "its header is incomplete"},
      {whole.substr(0, header_bytes - 1), "its header is incomplete"},
      {with_length(whole, 4, 1U << 24), "its header is incomplete"},
      {with_length(whole, 4, (1U << 24) + 1), "its header is damaged"},
      {with_length(whole, 4, 0xffffffffU), "its header is damaged"},
      {with_length(whole, 4, 1), "its header is damaged"}};
  for (const auto& [bytes, message] : table) {
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { read_round_log(path); }), path + ": " + message + allowed);
  }
  for (std::size_t at = 8; at < header_bytes; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { read_round_log(path); }),
              path + ": its header is damaged" + allowed);
  }
  const std::string absent = scratch.path("absent"), pipe = scratch.path("pipe");
  EXPECT_EQ(message_of<UserError>([&] { read_round_log(absent); }), absent + ": no such file" + allowed);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<UserError>([&] { read_round_log(pipe); }), pipe + ": not a regular file" + allowed);
}

TEST(RoundLog, AnExistingFileStaysUnlessItIsToBeReplaced) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::string whole = make(path, 2);
  EXPECT_EQ(message_of<UserError>([&] { RoundLogWriter(path, "other"); }),
            path + ": exists already (another output, or remove it)");
  EXPECT_EQ(read_file(path), whole);
  {
    RoundLogWriter writer(path, "other", ExistingRoundLog::replace);
    EXPECT_EQ(message_of<UserError>([&] { RoundLogWriter(path, "third", ExistingRoundLog::replace); }),
              path + ": in use by another job (wait for its end, or choose another output)");
    EXPECT_EQ(read_round_log(path).header_text, "other");
    writer.append(1, {'x'});
  }
  EXPECT_EQ(read_round_log(path).records.size(), 1U);
  const std::string absent = scratch.path("absent/s"), pipe = scratch.path("pipe");
  EXPECT_EQ(message_of<UserError>([&] { RoundLogWriter(absent, ""); }),
            absent + ": cannot be created: No such file or directory");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<UserError>([&] { RoundLogWriter(pipe, "", ExistingRoundLog::replace); }),
            pipe + ": cannot be created: No such device or address");
}

// In a shared folder another user may have planted a link by the name that is foreseen.
TEST(RoundLog, APlantedLinkIsNotFollowed) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  write_file(scratch.path("precious"), "keep");
  for (const char* target : {"precious", "absent"}) {
    std::filesystem::create_symlink(scratch.path(target), path);
    for (const ExistingRoundLog existing : {ExistingRoundLog::refuse, ExistingRoundLog::replace})
      EXPECT_NE(message_of<UserError>([&] { RoundLogWriter(path, "", existing); }), "nothing was thrown");
    EXPECT_EQ(message_of<UserError>([&] { RoundLogReader{path}; }),
              path + ": a symbolic link (a spool of a run)");
    std::filesystem::remove(path);
  }
  EXPECT_EQ(read_file(scratch.path("precious")), "keep");
  EXPECT_EQ(scratch.files(), 1U);
}

TEST(RoundLog, AReaderSeesWhatWasThereWhenItOpened) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  RoundLogWriter writer(path, header);
  writer.append(record(0).type, record(0).payload);
  RoundLogReader early(path);
  writer.append(record(1).type, record(1).payload);
  RoundLogRecord found;
  EXPECT_TRUE(early.next(found));
  EXPECT_EQ(found.payload, record(0).payload);
  EXPECT_FALSE(early.next(found));
  EXPECT_EQ(early.end(), RoundLogEnd::whole);
  expect_records(read_round_log(path), 2);
}

TEST(RoundLog, AFileThatShrinksUnderItsReaderIsAFailure) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  RoundLogWriter writer(path, header);
  for (int i = 0; i < 4; ++i) writer.append(1, std::vector<char>(1 << 20, 'x'));
  RoundLogReader reader(path);
  RoundLogRecord found;
  ASSERT_TRUE(reader.next(found));
  std::filesystem::resize_file(path, 1 << 21);
  EXPECT_EQ(message_of<Failure>([&] {
              while (reader.next(found)) continue;
            }),
            path + ": became shorter while it was read");
}

// A limit on file sizes stands for the full disk.
TEST(RoundLog, AFullDiskIsAFailureAndTheRecordsBeforeStay) {
  const Scratch scratch;
  const std::string path = scratch.path("s"), other = scratch.path("other");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    RoundLogWriter round_log(path, header);
    for (int i = 0; i < 2; ++i) round_log.append(record(i).type, record(i).payload);
    const rlimit limit{static_cast<rlim_t>(round_log.bytes()) + 10, RLIM_INFINITY};
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY}, little{10, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    const std::string message =
        message_of<Failure>([&] { round_log.append(record(2).type, record(2).payload); });
    if (message != path + ": cannot be written: File too large") _exit(3);
    if (round_log.bytes() != static_cast<std::int64_t>(std::filesystem::file_size(path))) _exit(4);
    if (setrlimit(RLIMIT_FSIZE, &little) != 0) _exit(2);
    const std::string at_once = message_of<Failure>([&] { RoundLogWriter(other, header); });
    if (at_once != other + ": cannot be written: File too large") _exit(5);
    if (std::filesystem::exists(other)) _exit(6);
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0) _exit(2);
    round_log.append(record(2).type, record(2).payload);  // there is room again
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const RoundLog round_log = read_round_log(path);
  expect_records(round_log, 3);
  EXPECT_EQ(round_log.end, RoundLogEnd::whole);
}

}  // namespace
}  // namespace deepfog
