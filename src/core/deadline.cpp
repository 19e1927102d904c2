#include "core/deadline.hpp"

#include <algorithm>

namespace deepfog {

Deadline Deadline::in(std::chrono::nanoseconds span) {
  const auto now = Clock::now();
  if (span > Clock::time_point::max() - now)
    return never();  // a sum past the clock's end would land in the past
  return Deadline(now + span);
}

std::chrono::nanoseconds Deadline::left() const {
  return std::max(std::chrono::nanoseconds::zero(), std::chrono::nanoseconds(at_ - Clock::now()));
}

}  // namespace deepfog
