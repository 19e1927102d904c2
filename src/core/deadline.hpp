#pragma once

#include <chrono>

namespace deepfog {

/// A point in time at which a wait ends. Every wait in the program takes one.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  static Deadline in(std::chrono::nanoseconds span);  ///< a span beyond the clock's range gives never()
  static Deadline never() { return Deadline(Clock::time_point::max()); }
  bool passed() const { return Clock::now() >= at_; }
  std::chrono::nanoseconds left() const;  ///< never negative

 private:
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
};

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace deepfog
