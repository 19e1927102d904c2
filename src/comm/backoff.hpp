#pragma once

#include <chrono>

namespace deepfog {

/// Pause for poll loops: yields at first, then sleeps a little longer each time, up to a millisecond. A
/// waiting thread thus responds within a millisecond and leaves its core to threads that compute.
class Backoff {
 public:
  void pause();
  void reset() { turn_ = 0; }

 private:
  int turn_ = 0;
};

}  // namespace deepfog
