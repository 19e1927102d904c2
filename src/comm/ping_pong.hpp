#pragma once

#include <cstddef>
#include <optional>

#include "comm/communicator.hpp"

namespace deepfog {

/// Median over `repetitions` of half a round trip of `bytes` bytes between two ranks, microseconds. The two
/// ranks call it, both get rank `peer_a`'s figure; the others do not. Looks and yields, never sleeps: the
/// transport's own latency, what a channel adds left out. Nothing when the deadline has passed; messages of
/// this series may still be under way then, so the two must not measure under its number again.
/// @param series  0 or more: messages of different series never meet
/// Throws Failure when the caller is neither peer, or on impossible arguments.
std::optional<double> half_round_trip_us(const Communicator& communicator, int peer_a, int peer_b,
                                         std::size_t bytes, int repetitions, const Deadline& deadline,
                                         int series = 0);

}  // namespace deepfog
