#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "comm/channel.hpp"

namespace deepfog {

struct MemoryNetworkOptions {
  std::int64_t latency_min_us = 20,
               latency_max_us = 60;  ///< of a message, 1 or more; drawn evenly, ends included
  double loss = 0;                   ///< probability that a message vanishes
  double duplicate = 0;  ///< probability that a message comes a second time, perhaps after later ones
  std::size_t unfinished_messages = 64;     ///< to one peer that has not received them, as MpiChannel has it
  std::int64_t deaths_known_after_us = -1;  ///< channels' lost() from then on; negative: never
};

/// All places of a group in one process, on simulated time: the same seed tells the same story, and a second
/// of it costs what its messages cost. Messages of one pair arrive in the order they were sent unless one is
/// lost or comes twice. Not for several threads.
///
/// A step is what a place does between two waits: it receives what is there, sends, and returns the time
/// (simulated, us) at which it wants to be called again if no message arrives before; negative: it is
/// finished. Inside a step time stands still except by advance(), and Channel::wait throws Failure; outside
/// run() wait moves the network's time to the next arrival.
class MemoryNetwork {
 public:
  using Step = std::function<std::int64_t()>;

  /// Throws Failure on impossible options.
  MemoryNetwork(int places, std::uint64_t seed, const MemoryNetworkOptions& options = {});
  ~MemoryNetwork();
  MemoryNetwork(MemoryNetwork&&) noexcept;

  Channel& channel(int place);
  std::int64_t now_us() const;

  /// Calls every living place's step once at the present time, then whenever a message has arrived or its
  /// wake-up time has come, in an order that depends on nothing but the seed and the steps: by time, then
  /// arrivals before calls, then by place. A place that left messages lying is called again at once if it
  /// took at least one, otherwise with the next arrival. Returns when all places have finished or died or
  /// nothing is left to happen until `until_us`, inclusive; what remains goes on with the next run().
  /// A wake-up time that is not in the future means 1 us from now. Exceptions of a step pass through.
  void run(const std::vector<Step>& steps, std::int64_t until_us);

  /// Not called in [from_us, to_us), and what it would send then leaves at to_us; messages to it queue up.
  void stop(int place, std::int64_t from_us, std::int64_t to_us);
  void stop(int place, std::int64_t length_us);  ///< from its present time on
  /// Never called from `at_us` on; messages to it vanish, what it sent before still arrives.
  void kill(int place, std::int64_t at_us);
  void kill(int place);
  /// The place computes for `us`: its clock moves on by that, and by the stops scheduled meanwhile; it is not
  /// called before then, and what it sends afterwards leaves then.
  void advance(int place, std::int64_t us);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
