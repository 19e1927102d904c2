#include "core/deadline.hpp"

namespace deepfog {

Deadline Deadline::in(std::chrono::nanoseconds span) {
  const auto now = Clock::now();
  if (span > Clock::time_point::max() - now) return never();  // the sum would overflow the clock
  return Deadline(now + span);
}

std::chrono::nanoseconds Deadline::left() const {
  const auto now = Clock::now();
  return now < at_ ? std::chrono::nanoseconds(at_ - now) : std::chrono::nanoseconds::zero();
}

}  // namespace deepfog
