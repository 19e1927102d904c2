#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "core/seed.hpp"
#include "scratch.hpp"
#include "storage/journal.hpp"

namespace deepfog {
namespace {

constexpr char config[] = "runs = 10\n";

std::vector<char> payload(int i) {
  return std::vector<char>(static_cast<std::size_t>(1 + i * 37 % 20000), static_cast<char>(i));
}

/// Appends for ever, saying the number of each record once append() has returned.
[[noreturn]] void append_until_killed(const std::string& path, int acknowledge) {
  Journal journal(path, config);
  for (int i = static_cast<int>(journal.records().size());; ++i) {
    journal.append({"unit", payload(i)});
    if (write(acknowledge, &i, sizeof i) != sizeof i) _exit(1);
  }
}

/// Starts a writer, kills it after a while and returns the last number it said, or -1.
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
  std::this_thread::sleep_for(after);
  kill(child, SIGKILL);
  int last = -1;
  for (int number = 0; read(pipe_ends[0], &number, sizeof number) == sizeof number;) last = number;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? last : -2;
}

// One journal through twenty deaths: whatever append() acknowledged is there, and what is there is right.
TEST(JournalKill, TwentyKillsLoseNoAcknowledgedRecord) {
  const test::Scratch scratch;
  const std::string path = scratch.path("j");
  RandomStream random(7);
  std::size_t found = 0;
  int deaths_with_new_records = 0;
  for (int kill = 0; kill < 20; ++kill) {
    const int last = run_and_kill(path, std::chrono::microseconds(5000 + random.below(40000)));
    ASSERT_NE(last, -2);
    const Journal journal(path, config);
    EXPECT_GE(journal.records().size(), static_cast<std::size_t>(last + 1));
    EXPECT_GE(journal.records().size(), found);
    deaths_with_new_records += journal.records().size() > found ? 1 : 0;
    found = journal.records().size();
    for (std::size_t i = 0; i < found; ++i)
      ASSERT_EQ(journal.records()[i].payload, payload(static_cast<int>(i)));
  }
  EXPECT_GT(deaths_with_new_records, 5);  // else the kills came before the work
}

}  // namespace
}  // namespace deepfog
