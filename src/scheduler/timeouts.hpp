#pragma once

#include <algorithm>
#include <chrono>

#include "core/deadline.hpp"

namespace deepfog {

/// How long the ranks wait for each other.
struct Timeouts {
  double beat_s = 2;       ///< a sign of life this often, computing or not
  double silence_s = 300;  ///< without one for so long: lost
  double stopping_s = 15;  ///< for tasks in flight to notice that the work stops
  double snapshot_s = 10;  ///< between results files with status running
};

/// How long a peer has been silent, in time that this process was awake for: after a SIGSTOP of the whole
/// job, or a slow file system, nobody is taken for lost.
class Silence {
 public:
  void heard() { silent_s_ = 0; }
  /// Call in every turn of a poll loop.
  double seconds() {
    silent_s_ += std::min(turn_.seconds(), 0.5);
    turn_ = Stopwatch();
    return silent_s_;
  }

 private:
  double silent_s_ = 0;
  Stopwatch turn_;
};

}  // namespace deepfog
