#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inference/frame.hpp"
#include "inference/link_set.hpp"
#include "inference/vector_form.hpp"

namespace deepfog {

/// What nodes say to each other. `vector` and `phi` travel along hyperconnections; `heartbeat` goes to every
/// peer; `go` (a round begins), `phase`, `end` and `leave` come from the last node, `report` goes to it.
enum class MessageKind : std::uint8_t { vector = 1, phi, heartbeat, go, phase, end, report, leave };

/// Header of every message, 64 bytes on the wire, little endian; then both link sets (vector and phi only),
/// then the payload.
struct MessageHeader {
  MessageKind kind = MessageKind::heartbeat;
  bool suspects_you = false;      ///< the sender suspects the receiver ...
  std::uint32_t about_epoch = 0;  ///< ... at this epoch of the receiver
  std::uint64_t run = 0;          ///< tells this run's messages from all others
  std::uint32_t epoch = 0;        ///< of the sender
  std::int32_t link = -1;         ///< hyperconnection; -1: none
  std::int32_t columns = 0;       ///< payload of a vector: [frame.rows, columns] float32, or as `form` says
  VectorForm form{};
  std::int64_t oldest = 0;  ///< from the last node only: rounds before it are over
  Frame frame;
};

constexpr std::size_t kMessageHeaderBytes = 64;

/// Bytes of a vector or phi message beside the vector itself.
inline std::size_t message_overhead(int links) {
  return kMessageHeaderBytes + 2 * LinkSet::bytes_for(links);
}

std::vector<char> encode_message(const MessageHeader& header, const std::vector<char>& payload = {});
/// @param values  [frame.rows, columns], null for Φ
std::vector<char> encode_vector(const MessageHeader& header, const LinkSet& used, const LinkSet& timed_out,
                                const float* values);

/// The header when the bytes can be a message of `run` at all: magic, kind, sizes, signs, checksum; nothing
/// otherwise. The checksum covers all but the numbers of a vector. Whether it makes sense where it arrived is
/// the node's question.
std::optional<MessageHeader> decode_header(const std::vector<char>& bytes, std::uint64_t run, int links);

/// The link sets of a vector or phi message that decode_header() has passed.
void decode_link_sets(const std::vector<char>& bytes, LinkSet& used, LinkSet& timed_out);

/// The payload behind the header (and the link sets, for a vector).
std::size_t payload_offset(MessageKind kind, int links);

}  // namespace deepfog
