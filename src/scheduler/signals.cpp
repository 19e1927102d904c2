#include "scheduler/signals.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr int watched[] = {SIGUSR1, SIGTERM, SIGINT, SIGHUP};
std::atomic<int> last_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::string notice_of_first;  // not changed while a handler may run

extern "C" void note_signal(int signal) {
  if (last_signal.exchange(signal) != 0 || notice_of_first.empty()) return;
  const int kept = errno;
  // Standard error may be gone, and then there is nobody to tell.
  static_cast<void>(!write(STDERR_FILENO, notice_of_first.data(), notice_of_first.size()));
  errno = kept;
}

}  // namespace

SignalWatch::SignalWatch(const std::string& notice) {
  last_signal = 0;
  notice_of_first = notice.empty() ? "" : notice + "\n";
  struct sigaction action {};
  action.sa_handler = note_signal;
  // USR1 may come twice, from the batch system and from mpirun; a second INT or TERM means it.
  for (std::size_t i = 0; i < std::size(watched); ++i) {
    action.sa_flags = watched[i] == SIGUSR1 ? SA_RESTART : static_cast<int>(SA_RESTART | SA_RESETHAND);
    if (sigaction(watched[i], &action, &before_[i]) != 0) {
      throw Failure(std::string("sigaction: ") + std::strerror(errno));
    }
    if (watched[i] == SIGHUP && before_[i].sa_handler == SIG_IGN) {
      static_cast<void>(sigaction(SIGHUP, &before_[i], nullptr));  // cannot fail: it was valid before
    }
  }
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < std::size(watched); ++i) {
    static_cast<void>(sigaction(watched[i], &before_[i], nullptr));  // cannot fail: these were valid before
  }
}

int SignalWatch::received() const {
  return last_signal;
}

}  // namespace deepfog
