#pragma once

#include <time.h>

#include <algorithm>
#include <vector>

#include "core/deadline.hpp"

namespace deepfog::bench {

inline constexpr int kRounds = 5;

/// The middle value; of an even number, the upper of the two.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Processor time of the calling thread.
inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// Wall-clock and processor time since construction. On a machine with other work the latter tells how much
/// of a bad figure is the neighbours'.
class Timer {
 public:
  double seconds() const { return watch_.seconds(); }
  double cpu_seconds() const { return cpu_now() - cpu_begin_; }

 private:
  static double cpu_now() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
  }
  Stopwatch watch_;
  double cpu_begin_ = cpu_now();
};

}  // namespace deepfog::bench
