#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inference/frame.hpp"
#include "inference/link_set.hpp"
#include "inference/vector_form.hpp"

namespace deepfog {

/// The kinds of messages between nodes. `vector` and `phi` travel along hyperconnections; `heartbeat` goes to
/// every peer; `go` (a round begins), `phase`, `end` and `leave` come from the last node; `report` goes to
/// the last node.
enum class MessageKind : std::uint8_t { vector = 1, phi, heartbeat, go, phase, end, report, leave };

/// Header of every message, 64 bytes on the wire, little endian. Both link sets follow (vector and phi only),
/// then the payload.
struct MessageHeader {
  MessageKind kind = MessageKind::heartbeat;
  bool suspects_you = false;      ///< the sender suspects the receiver ...
  std::uint32_t about_epoch = 0;  ///< ... at this epoch of the receiver
  std::uint64_t run = 0;          ///< distinguishes this run's messages from all others
  std::uint32_t epoch = 0;        ///< of the sender
  std::int32_t link = -1;         ///< hyperconnection; -1: none
  std::int32_t columns = 0;       ///< of a vector's payload: [frame.rows, columns] float32, or as `form` says
  VectorForm form{};
  std::int64_t oldest = 0;  ///< from the last node only: rounds before this one are over
  Frame frame;
};

constexpr std::size_t kMessageHeaderBytes = 64;

/// Bytes of a vector or phi message in addition to the vector itself.
inline std::size_t message_overhead(int links) {
  return kMessageHeaderBytes + 2 * LinkSet::bytes_for(links);
}

std::vector<char> encode_message(const MessageHeader& header, const std::vector<char>& payload = {});
/// @param values  [frame.rows, columns], null for Φ
std::vector<char> encode_vector(const MessageHeader& header, const LinkSet& used, const LinkSet& timed_out,
                                const float* values);

/// Returns the header if the bytes can be a message of `run`: magic, kind, sizes, signs and checksum are
/// right; otherwise nullopt. The checksum covers everything but the numbers of a vector. The node decides
/// whether the message makes sense where it arrived.
std::optional<MessageHeader> decode_header(const std::vector<char>& bytes, std::uint64_t run, int links);

/// Reads the link sets of a vector or phi message that decode_header() has accepted.
void decode_link_sets(const std::vector<char>& bytes, LinkSet& used, LinkSet& timed_out);

/// Offset of the payload, which follows the header and, for vector and phi, the link sets.
std::size_t payload_offset(MessageKind kind, int links);

}  // namespace deepfog
