#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "core/seed.hpp"
#include "scratch.hpp"
#include "storage/round_log.hpp"

namespace deepfog {
namespace {

std::vector<char> payload(int i) {
  return std::vector<char>(static_cast<std::size_t>(1 + i * 37 % 3000), static_cast<char>(i));
}

/// Appends for ever, saying the number of each record once append() has returned.
[[noreturn]] void append_until_killed(const std::string& path, int acknowledge) {
  RoundLogWriter round_log(path, "kill", ExistingRoundLog::replace);
  for (int i = 0;; ++i) {
    round_log.append(static_cast<std::uint32_t>(i), payload(i));
    if (write(acknowledge, &i, sizeof i) != sizeof i) _exit(1);
  }
}

/// Starts a writer and kills it `after` its first record; returns the last number it said, or -2.
int run_and_kill(const std::string& path, std::chrono::microseconds after) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return -2;
  const pid_t child = fork();
  if (child < 0) return -2;
  if (child == 0) {
    close(pipe_ends[0]);
    append_until_killed(path, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  // The pipe is read all the time: a writer that waits for room in it would always die at the same place.
  int last = -2;
  std::thread killer;
  for (int number = 0; read(pipe_ends[0], &number, sizeof number) == sizeof number; last = number) {
    if (number != 0) continue;
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

TEST(RoundLogKill, TwentyKillsLoseNoAcknowledgedRecord) {
  const test::Scratch scratch;
  const std::string path = scratch.path("s");
  RandomStream random(7);
  std::size_t most = 0;
  for (int kill = 0; kill < 20; ++kill) {
    const int last = run_and_kill(path, std::chrono::microseconds(random.below(10000)));
    ASSERT_GE(last, 0);
    const RoundLog round_log = read_round_log(path);
    EXPECT_GE(round_log.records.size(), static_cast<std::size_t>(last + 1));
    EXPECT_LE(round_log.records.size(), static_cast<std::size_t>(last + 2));  // one written, not yet said
    EXPECT_NE(round_log.end, RoundLogEnd::damaged);
    for (std::size_t i = 0; i < round_log.records.size(); ++i) {
      ASSERT_EQ(round_log.records[i].type, i);
      ASSERT_EQ(round_log.records[i].payload, payload(static_cast<int>(i)));
    }
    most = std::max(most, round_log.records.size());
  }
  EXPECT_GT(most, 100U);  // else the kills came before the work
}

}  // namespace
}  // namespace deepfog
