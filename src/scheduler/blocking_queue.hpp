#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "comm/tagged_message.hpp"
#include "core/deadline.hpp"

namespace deepfog {

/// Messages from one thread to another of the same process.
class BlockingQueue {
 public:
  void put(Bytes message);
  std::optional<Bytes> take(const Deadline& deadline);  ///< nothing once the deadline has passed

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Bytes> messages_;
};

}  // namespace deepfog
