#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "comm/channel.hpp"

namespace deepfog {

struct MemoryNetworkOptions {
  std::int64_t latency_min_us = 20,
               latency_max_us = 60;  ///< of a message, at least 1; drawn uniformly, both ends included
  double loss = 0;                   ///< probability that a message is lost
  double duplicate = 0;  ///< probability that a message arrives a second time, possibly after later ones
  std::size_t unfinished_messages = 64;     ///< to one peer that has not received them, as in MpiChannel
  std::int64_t deaths_known_after_us = -1;  ///< delay until lost() reports a death; negative: never
};

/// All places of a group in one process, on simulated time. The same seed gives the same events, and the cost
/// depends only on the messages. Messages of one pair arrive in the order in which they were sent unless one
/// is lost or duplicated. Not thread-safe.
///
/// A step is what a place does between two waits: it receives what is there, sends, and returns the time
/// (simulated, us) at which it wants to be called again if no message arrives before; a negative value means
/// that it is finished. Within a step time advances only through advance(), and Channel::wait throws Failure;
/// outside run(), wait moves the network's time to the next arrival.
class MemoryNetwork {
 public:
  using Step = std::function<std::int64_t()>;

  /// Throws Failure for impossible options.
  MemoryNetwork(int places, std::uint64_t seed, const MemoryNetworkOptions& options = {});
  ~MemoryNetwork();
  MemoryNetwork(MemoryNetwork&&) noexcept;

  Channel& channel(int place);
  std::int64_t now_us() const;

  /// Calls the step of every living place once at the present time, and again whenever a message has arrived
  /// or its wake-up time has come. The order depends only on the seed and the steps: by time, then arrivals
  /// before calls, then by place. A place that left messages unread is called again at once if it took at
  /// least one, otherwise with the next arrival. Returns when all places have finished or died or nothing is
  /// left to happen until `until_us`, inclusive; the rest continues with the next run(). A wake-up time that
  /// is not in the future means 1 us from now. Exceptions of a step are passed on.
  void run(const std::vector<Step>& steps, std::int64_t until_us);

  /// The place is not called in [from_us, to_us). What it would send then leaves at to_us; messages to it
  /// queue up.
  void stop(int place, std::int64_t from_us, std::int64_t to_us);
  void stop(int place, std::int64_t length_us);  ///< from its present time
  /// The place is not called from `at_us` on. Messages to it vanish; what it sent before still arrives.
  void kill(int place, std::int64_t at_us);
  void kill(int place);
  /// The place computes for `us`: its clock advances by that time and by the stops scheduled meanwhile. It is
  /// not called before then, and what it sends afterwards leaves then.
  void advance(int place, std::int64_t us);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
