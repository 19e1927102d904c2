#include "comm/backoff.hpp"

#include <algorithm>
#include <thread>

namespace deepfog {

void Backoff::pause() {
  constexpr int yields = 20;
  ++turn_;
  if (turn_ <= yields) {
    std::this_thread::yield();
    return;
  }
  turn_ = std::min(turn_, yields + 20);
  std::this_thread::sleep_for(std::chrono::microseconds(50 * (turn_ - yields)));
}

}  // namespace deepfog
