#include "scheduler/blocking_queue.hpp"

#include <algorithm>

namespace deepfog {

void BlockingQueue::put(Bytes message) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    messages_.push_back(std::move(message));
  }
  arrived_.notify_one();
}

std::optional<Bytes> BlockingQueue::take(const Deadline& deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (messages_.empty()) {
    if (deadline.passed()) return std::nullopt;
    // In slices: adding a far deadline to the clock would overflow.
    arrived_.wait_for(lock,
                      std::min<std::chrono::nanoseconds>(deadline.left(), std::chrono::milliseconds(100)));
  }
  Bytes message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace deepfog
