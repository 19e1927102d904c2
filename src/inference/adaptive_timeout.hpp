#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

/// How long a stage waits for each of its incoming hyperconnections, counted from when it took up the round.
/// The fixed timeout is `timeout_us` per hop, so that a node further downstream waits longer than those
/// before it. The adaptive timeout is the smoothed latency plus four mean deviations (Jacobson 1988, as TCP
/// does), at least `least_us` and at most the fixed timeout; a message that arrived too late doubles the
/// smoothed latency.
class AdaptiveTimeout {
 public:
  /// @param hops  one entry per incoming hyperconnection, see IncomingLink::hop
  explicit AdaptiveTimeout(std::vector<int> hops) : hops_(std::move(hops)), links_(hops_.size()) {}

  /// Starts a new phase. The latencies learnt so far are kept.
  void set(std::int64_t timeout_us, bool adaptive, std::int64_t least_us) {
    timeout_us_ = timeout_us;
    adaptive_ = adaptive;
    least_us_ = least_us;
  }
  /// Gives this hyperconnection its own timeout, which holds in every phase and is not multiplied by hops.
  void fix(std::size_t input, std::int64_t limit_us) { links_[input].own_us = limit_us; }
  std::int64_t limit_us(std::size_t input) const;
  void arrived(std::size_t input, std::int64_t after_us);
  void too_late(std::size_t input);

 private:
  std::int64_t fixed_us(std::size_t input) const;
  struct Link {
    bool known = false;
    double smooth_us = 0, deviation_us = 0;
    std::int64_t own_us = 0;  ///< 0: none
  };
  std::vector<int> hops_;
  std::vector<Link> links_;
  std::int64_t timeout_us_ = 0, least_us_ = 0;
  bool adaptive_ = false;
};

}  // namespace deepfog
