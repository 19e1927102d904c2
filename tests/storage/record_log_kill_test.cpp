#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "core/seed.hpp"
#include "scratch.hpp"
#include "storage/record_log.hpp"

namespace deepfog {
namespace {

std::vector<char> payload(int i) {
  return std::vector<char>(static_cast<std::size_t>(1 + i * 37 % 3000), static_cast<char>(i));
}

/// Appends for ever, saying the number of each record once append() has returned.
[[noreturn]] void append_until_killed(const std::string& path, Durability durability, int acknowledge) {
  RecordLog log(path, "kill", ExistingLog::resume, durability);
  for (int i = static_cast<int>(log.records().size());; ++i) {
    log.append(std::to_string(i), payload(i));
    if (write(acknowledge, &i, sizeof i) != sizeof i) _exit(1);
  }
}

/// Starts a writer and kills it `after` its first record; returns the last number it said, or -2.
int run_and_kill(const std::string& path, Durability durability, std::chrono::microseconds after) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return -2;
  const pid_t child = fork();
  if (child < 0) return -2;
  if (child == 0) {
    close(pipe_ends[0]);
    append_until_killed(path, durability, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  // The pipe is read all the time: a writer that waits for room in it would always die at the same place.
  int last = -2;
  std::thread killer;
  for (int number = 0; read(pipe_ends[0], &number, sizeof number) == sizeof number; last = number) {
    if (killer.joinable()) continue;
    killer = std::thread([&] {
      std::this_thread::sleep_for(after);
      kill(child, SIGKILL);
    });
  }
  if (killer.joinable()) killer.join();
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? last : -2;
}

// One log through many deaths: whatever append() acknowledged is there, and what is there is right.
void kill_and_look(Durability durability, int kills, std::uint64_t most_us) {
  const test::Scratch scratch;
  const std::string path = scratch.path("log");
  RandomStream random(7);
  std::size_t found = 0;
  for (int kill = 0; kill < kills; ++kill) {
    const int last = run_and_kill(path, durability, std::chrono::microseconds(random.below(most_us)));
    ASSERT_NE(last, -2);
    const RecordLogContent content = read_record_log(path);
    EXPECT_GE(content.records.size(), static_cast<std::size_t>(last + 1));
    EXPECT_LE(content.records.size(), static_cast<std::size_t>(last + 2));  // one written, not yet said
    EXPECT_GT(content.records.size(), found);
    EXPECT_NE(content.end, LogEnd::damaged);
    found = content.records.size();
    for (std::size_t i = 0; i < found; ++i) {
      ASSERT_EQ(content.records[i].type, std::to_string(i));
      ASSERT_EQ(content.records[i].payload, payload(static_cast<int>(i)));
    }
  }
}

TEST(RecordLogKill, TwentyKillsLoseNoAcknowledgedRecord) {
  kill_and_look(Durability::every_record, 20, 40000);
}

TEST(RecordLogKill, NorOfABufferedLog) {
  kill_and_look(Durability::buffered, 20, 4000);
}

}  // namespace
}  // namespace deepfog
