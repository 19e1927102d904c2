#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "comm/communicator.hpp"

namespace deepfog {

using Bytes = std::vector<char>;

struct TaggedMessage {
  int source = 0, tag = 0;
  Bytes bytes;
};

constexpr int any_source = -1;
constexpr int any_tag = -1;
constexpr std::int64_t largest_message = 2'000'000'000;  ///< bytes; MPI counts are int

/// Sends without waiting. The communicator owns the bytes until MPI has finished with them, or for ever if it
/// never does.
void send(const Communicator& communicator, int to, int tag, Bytes bytes);

/// The next matching message, or nullopt once the deadline has passed. Throws Failure if it is larger than
/// `limit` bytes (nothing is allocated for it), or if it began to arrive but is not complete within a minute.
std::optional<TaggedMessage> receive(const Communicator& communicator, const Deadline& deadline,
                                     int source = any_source, int tag = any_tag,
                                     std::int64_t limit = largest_message);

/// Waits until every send has left; returns false if the deadline passed first.
bool flush(const Communicator& communicator, const Deadline& deadline);

}  // namespace deepfog
