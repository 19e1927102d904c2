#include "storage/spool.hpp"

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

SpoolRecord record(int i) {
  const std::string payload = std::string(static_cast<std::size_t>(i * 7 % 50), '\0') + std::to_string(i);
  return {static_cast<std::uint32_t>(i % 3), {payload.begin(), payload.end()}};
}

std::string make(const std::string& path, int records) {
  SpoolWriter spool(path, header, ExistingSpool::replace);
  for (int i = 0; i < records; ++i) spool.append(record(i).type, record(i).payload);
  EXPECT_EQ(spool.records(), records);
  EXPECT_EQ(spool.bytes(), static_cast<std::int64_t>(std::filesystem::file_size(path)));
  return read_file(path);
}

void expect_records(const Spool& spool, int count) {
  EXPECT_EQ(spool.header_text, header);
  ASSERT_EQ(spool.records.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(spool.records[static_cast<std::size_t>(i)].type, record(i).type);
    EXPECT_EQ(spool.records[static_cast<std::size_t>(i)].payload, record(i).payload);
  }
}

TEST(Spool, GivesBackWhatWasAppended) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  EXPECT_EQ(make(path, 0).size(), header_bytes);
  expect_records(read_spool(path), 0);
  make(path, 40);
  const Spool spool = read_spool(path);
  expect_records(spool, 40);
  EXPECT_EQ(spool.end, SpoolEnd::whole);
  EXPECT_EQ(spool.bytes_lost, 0);
}

TEST(Spool, EmptyTextEmptyPayloadAndTheLargest) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::vector<char> large(most_spool_payload, 'x');
  {
    SpoolWriter writer(path, "");
    writer.append(0, nullptr, 0);
    writer.append(0xffffffffU, large);
    EXPECT_EQ(message_of<Failure>([&] { writer.append(1, large.data(), large.size() + 1); }),
              path + ": a record of 16777217 bytes, at most 16777216");
    writer.append(7, {'a'});
    writer.sync();
  }
  const Spool spool = read_spool(path);
  EXPECT_EQ(spool.header_text, "");
  ASSERT_EQ(spool.records.size(), 3U);
  EXPECT_TRUE(spool.records[0].payload.empty());
  EXPECT_EQ(spool.records[1].type, 0xffffffffU);
  EXPECT_TRUE(spool.records[1].payload == large);
  EXPECT_EQ(spool.records[2].payload, std::vector<char>{'a'});
}

// The bytes as spool_format.hpp says, made by hand; the sums are Python's.
TEST(Spool, TheBytesOfTheFile) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  {
    SpoolWriter writer(path, "t");
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

TEST(Spool, ATornLastRecordIsKnownAtEveryByte) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::size_t two = make(path, 2).size();
  const std::string three = make(path, 3);
  for (std::size_t size = two + 1; size < three.size(); ++size) {
    write_file(path, three.substr(0, size));
    const Spool spool = read_spool(path);
    expect_records(spool, 2);
    EXPECT_EQ(spool.end, SpoolEnd::torn);
    EXPECT_EQ(spool.bytes_lost, static_cast<std::int64_t>(size - two));
  }
}

TEST(Spool, NothingBehindABadRecordIsTrusted) {
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
      const Spool spool = read_spool(path);
      expect_records(spool, good);
      EXPECT_NE(spool.end, SpoolEnd::whole);
      EXPECT_EQ(spool.bytes_lost, static_cast<std::int64_t>(whole.size() - ends[good]));
    }
  }
}

std::string with_length(std::string bytes, std::size_t at, std::uint32_t length) {
  std::memcpy(bytes.data() + at, &length, sizeof length);
  return bytes;
}

TEST(Spool, TableOfDamage) {
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
    SpoolEnd end;
  } table[] = {
      {"zeros after a power cut", whole + std::string(4096, '\0'), 3, SpoolEnd::damaged},
      {"a hole of zeros", whole.substr(0, one) + std::string(second.size(), '\0') + whole.substr(two), 1,
       SpoolEnd::damaged},
      {"a record missing", whole.substr(0, one) + whole.substr(two), 1, SpoolEnd::damaged},
      {"a record twice", whole.substr(0, one) + first + whole.substr(one), 1, SpoolEnd::damaged},
      {"two records in the wrong order", whole.substr(0, header_bytes) + second + first + whole.substr(two),
       0, SpoolEnd::damaged},
      {"a length over the limit", with_length(whole, one + 4, most_spool_payload + 1), 1, SpoolEnd::damaged},
      {"the largest length", with_length(whole, one + 4, 0xffffffffU), 1, SpoolEnd::damaged},
      {"a length over the end", with_length(whole, one + 4, most_spool_payload), 1, SpoolEnd::torn},
      {"a length too short", with_length(whole, one + 4, 1), 1, SpoolEnd::damaged},
      {"one byte more", whole + "x", 3, SpoolEnd::torn},
      {"only the head of a record", whole.substr(0, two + head_bytes), 2, SpoolEnd::torn},
  };
  for (const auto& row : table) {
    write_file(path, row.bytes);
    const Spool spool = read_spool(path);
    expect_records(spool, row.good);
    EXPECT_EQ(spool.end, row.end) << row.what;
    EXPECT_GT(spool.bytes_lost, 0) << row.what;
    SpoolReader reader(path);
    for (SpoolRecord found; reader.next(found);) continue;
    SpoolRecord more;
    EXPECT_FALSE(reader.next(more)) << row.what;  // and stays at its end
  }
}

TEST(Spool, RefusesWhatIsNoSpool) {
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
    EXPECT_EQ(message_of<UserError>([&] { read_spool(path); }), path + ": " + message + allowed);
  }
  for (std::size_t at = 8; at < header_bytes; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
    EXPECT_EQ(message_of<UserError>([&] { read_spool(path); }), path + ": its header is damaged" + allowed);
  }
  const std::string absent = scratch.path("absent"), pipe = scratch.path("pipe");
  EXPECT_EQ(message_of<UserError>([&] { read_spool(absent); }), absent + ": no such file" + allowed);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<UserError>([&] { read_spool(pipe); }), pipe + ": not a regular file" + allowed);
}

TEST(Spool, AnExistingFileStaysUnlessItIsToBeReplaced) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  const std::string whole = make(path, 2);
  EXPECT_EQ(message_of<UserError>([&] { SpoolWriter(path, "other"); }),
            path + ": exists already (another output, or remove it)");
  EXPECT_EQ(read_file(path), whole);
  {
    SpoolWriter writer(path, "other", ExistingSpool::replace);
    EXPECT_EQ(message_of<UserError>([&] { SpoolWriter(path, "third", ExistingSpool::replace); }),
              path + ": in use by another job (wait for its end, or choose another output)");
    EXPECT_EQ(read_spool(path).header_text, "other");
    writer.append(1, {'x'});
  }
  EXPECT_EQ(read_spool(path).records.size(), 1U);
  const std::string absent = scratch.path("absent/s"), pipe = scratch.path("pipe");
  EXPECT_EQ(message_of<UserError>([&] { SpoolWriter(absent, ""); }),
            absent + ": cannot be created: No such file or directory");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<UserError>([&] { SpoolWriter(pipe, "", ExistingSpool::replace); }),
            pipe + ": cannot be created: No such device or address");
}

// In a shared folder another user may have planted a link by the name that is foreseen.
TEST(Spool, APlantedLinkIsNotFollowed) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  write_file(scratch.path("precious"), "keep");
  for (const char* target : {"precious", "absent"}) {
    std::filesystem::create_symlink(scratch.path(target), path);
    for (const ExistingSpool existing : {ExistingSpool::refuse, ExistingSpool::replace})
      EXPECT_NE(message_of<UserError>([&] { SpoolWriter(path, "", existing); }), "nothing was thrown");
    EXPECT_EQ(message_of<UserError>([&] { SpoolReader{path}; }),
              path + ": a symbolic link (a spool of a run)");
    std::filesystem::remove(path);
  }
  EXPECT_EQ(read_file(scratch.path("precious")), "keep");
  EXPECT_EQ(scratch.files(), 1U);
}

TEST(Spool, AReaderSeesWhatWasThereWhenItOpened) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  SpoolWriter writer(path, header);
  writer.append(record(0).type, record(0).payload);
  SpoolReader early(path);
  writer.append(record(1).type, record(1).payload);
  SpoolRecord found;
  EXPECT_TRUE(early.next(found));
  EXPECT_EQ(found.payload, record(0).payload);
  EXPECT_FALSE(early.next(found));
  EXPECT_EQ(early.end(), SpoolEnd::whole);
  expect_records(read_spool(path), 2);
}

TEST(Spool, AFileThatShrinksUnderItsReaderIsAFailure) {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  SpoolWriter writer(path, header);
  for (int i = 0; i < 4; ++i) writer.append(1, std::vector<char>(1 << 20, 'x'));
  SpoolReader reader(path);
  SpoolRecord found;
  ASSERT_TRUE(reader.next(found));
  std::filesystem::resize_file(path, 1 << 21);
  EXPECT_EQ(message_of<Failure>([&] {
              while (reader.next(found)) continue;
            }),
            path + ": became shorter while it was read");
}

// A limit on file sizes stands for the full disk.
TEST(Spool, AFullDiskIsAFailureAndTheRecordsBeforeStay) {
  const Scratch scratch;
  const std::string path = scratch.path("s"), other = scratch.path("other");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    SpoolWriter spool(path, header);
    for (int i = 0; i < 2; ++i) spool.append(record(i).type, record(i).payload);
    const rlimit limit{static_cast<rlim_t>(spool.bytes()) + 10, RLIM_INFINITY};
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY}, little{10, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    const std::string message = message_of<Failure>([&] { spool.append(record(2).type, record(2).payload); });
    if (message != path + ": cannot be written: File too large") _exit(3);
    if (spool.bytes() != static_cast<std::int64_t>(std::filesystem::file_size(path))) _exit(4);
    if (setrlimit(RLIMIT_FSIZE, &little) != 0) _exit(2);
    const std::string at_once = message_of<Failure>([&] { SpoolWriter(other, header); });
    if (at_once != other + ": cannot be written: File too large") _exit(5);
    if (std::filesystem::exists(other)) _exit(6);
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0) _exit(2);
    spool.append(record(2).type, record(2).payload);  // there is room again
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const Spool spool = read_spool(path);
  expect_records(spool, 3);
  EXPECT_EQ(spool.end, SpoolEnd::whole);
}

}  // namespace
}  // namespace deepfog
