#pragma once

#include <chrono>

namespace deepfog {

/// For poll loops: yields at first, then sleeps a little longer each time, up to a millisecond, so that a
/// waiting thread answers within a millisecond and leaves its core to those who compute.
class Backoff {
 public:
  void pause();
  void reset() { turn_ = 0; }

 private:
  int turn_ = 0;
};

}  // namespace deepfog
