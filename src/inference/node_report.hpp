#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "inference/membership.hpp"

namespace deepfog {

/// Events on one hyperconnection. The sender counts the members down to `delayed`, the receiver the rest.
struct LinkCounts {
  std::int64_t messages = 0, phis = 0;  ///< sent with a vector, sent as Φ
  std::int64_t bytes = 0;               ///< of both, as passed to the channel
  std::int64_t payload = 0;             ///< bytes of the vectors in their form (vector_form.hpp)
  std::int64_t lost = 0, delayed = 0;   ///< by the script, or refused by a full channel
  std::int64_t arrived = 0, late = 0, duplicates = 0, timeouts = 0;
};

/// What a node reports about itself at the end.
struct NodeReport {
  int node = 0;
  std::uint32_t epoch = 1;
  std::int64_t compute_us = 0, wait_us = 0, idle_us = 0;  ///< waiting: with rounds in hand; idle: without
  std::int64_t resident_bytes = 0, malformed = 0, rounds_skipped = 0;
  double energy_j = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not available
  std::vector<LinkCounts> links;                               ///< [hyperconnections]
  std::vector<Transition> transitions;                         ///< times count from the node's start
};

std::vector<char> encode_report(const NodeReport& report);

/// Throws Failure if the bytes are no report of `node` for this number of hyperconnections and ranks
/// (`places`).
NodeReport decode_report(const std::vector<char>& bytes, int node, int links, int places);

}  // namespace deepfog
