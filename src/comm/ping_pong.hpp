#pragma once

#include <cstddef>
#include <optional>

#include "comm/communicator.hpp"

namespace deepfog {

/// Median over `repetitions` of half a round trip of `bytes` bytes between two ranks, in microseconds. The
/// two ranks call this and both get the figure of rank `peer_a`; the other ranks do not call it. It polls and
/// yields but never sleeps, so this is the latency of the transport alone, without the channel. Returns
/// nullopt once the deadline has passed; messages of this series may then still be in flight, so the two
/// ranks must not use its number again.
/// @param series  0 or more: messages of different series never mix
/// Throws Failure if the caller is neither peer, and for impossible arguments.
std::optional<double> half_round_trip_us(const Communicator& communicator, int peer_a, int peer_b,
                                         std::size_t bytes, int repetitions, const Deadline& deadline,
                                         int series = 0);

}  // namespace deepfog
