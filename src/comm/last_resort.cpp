#include "comm/last_resort.hpp"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.hpp"

namespace deepfog {
namespace {

/// What the signal handler needs. It is never deleted, since the signal may come at any moment.
struct Words {
  std::string line, once;
  int code = 1;
};
std::atomic<const Words*> last_words{nullptr};
static_assert(std::atomic<const Words*>::is_always_lock_free);

/// A file that only the first of several ranks can create, in a folder that the launcher removes when it
/// ends.
std::string once_path() {
  const char* folder = std::getenv("PMIX_SERVER_TMPDIR");
  return folder == nullptr ? "" : std::string(folder) + "/deepfog.ended";
}

bool others_spoke(const Words& words) {
  if (words.once.empty()) return false;
  const int made = open(words.once.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return made < 0 && errno == EEXIST;
}

/// Makes async-signal-safe calls only.
extern "C" void end_at_last(int) {
  const Words* words = last_words;
  if (words == nullptr) return;
  if (!words->line.empty() && !others_spoke(*words))
    static_cast<void>(
        !write(STDERR_FILENO, words->line.data(), words->line.size()));  // nobody is left to handle an error
  _exit(words->code);
}

void set_timer(std::chrono::microseconds limit) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(limit.count() / 1'000'000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(limit.count() % 1'000'000);
  if (setitimer(ITIMER_REAL, &timer, nullptr) != 0)
    throw Failure(std::string("setitimer: ") + std::strerror(errno));
}

}  // namespace

void end_process_in(std::chrono::microseconds limit, const std::string& line, int code) {
  auto* words = new Words;  // never deleted, see Words
  words->line = line.empty() ? "" : line + "\n";
  words->once = once_path();
  words->code = code;
  last_words = words;
  if (std::signal(SIGALRM, end_at_last) == SIG_ERR) throw Failure("SIGALRM cannot be watched");
  set_timer(std::max(limit, std::chrono::microseconds(1)));
}

void end_process_no_longer() {
  set_timer(std::chrono::microseconds(0));
}

}  // namespace deepfog
