#include "campaign/signals.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr int watched[] = {SIGUSR1, SIGTERM, SIGINT};
std::atomic<int> last_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int signal) {
  last_signal = signal;
}

}  // namespace

SignalWatch::SignalWatch() {
  last_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  // USR1 may come twice, from the batch system and from mpirun; a second INT or TERM means it.
  for (std::size_t i = 0; i < std::size(watched); ++i) {
    action.sa_flags = watched[i] == SIGUSR1 ? SA_RESTART : static_cast<int>(SA_RESTART | SA_RESETHAND);
    if (sigaction(watched[i], &action, &before_[i]) != 0) {
      throw Failure(std::string("sigaction: ") + std::strerror(errno));
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
