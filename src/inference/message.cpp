#include "inference/message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace deepfog {
namespace {

constexpr std::uint32_t kMagic = 0x31504644;  // "DFP1"
constexpr std::uint8_t kSuspectsYou = 1;

/// The header as it is laid out on the wire; every field is naturally aligned, without padding.
struct Wire {
  std::uint32_t magic;
  std::uint8_t kind, flags;
  std::uint16_t form;
  std::uint64_t seal;  ///< see seal_of()
  std::uint32_t epoch, about_epoch;
  std::int32_t link, columns, rows, phase;
  std::int64_t round, first_sample, oldest;
};
static_assert(sizeof(Wire) == kMessageHeaderBytes);

Wire to_wire(const MessageHeader& header) {
  Wire wire{};
  wire.magic = kMagic;
  wire.kind = static_cast<std::uint8_t>(header.kind);
  wire.flags = header.suspects_you ? kSuspectsYou : 0;
  wire.form = header.form.code();
  wire.epoch = header.epoch;
  wire.about_epoch = header.about_epoch;
  wire.link = header.link;
  wire.columns = header.columns;
  wire.rows = header.frame.rows;
  wire.phase = header.frame.phase;
  wire.round = header.frame.round;
  wire.first_sample = header.frame.first_sample;
  wire.oldest = header.oldest;
  return wire;
}

bool carries_links(MessageKind kind) {
  return kind == MessageKind::vector || kind == MessageKind::phi;
}

/// A checksum seeded with the run, over the header (without its `seal` field) and what follows it, except for
/// the numbers of a vector: one changed bit in an announcement of the last node could end the run or move
/// every node to a round that never comes. Each step is a bijection of the sum, so a change in a single word
/// is always detected.
std::uint64_t seal_of(const std::vector<char>& bytes, std::uint64_t run, int links) {
  Wire wire;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  const auto kind = static_cast<MessageKind>(wire.kind);
  const std::size_t end = kind == MessageKind::vector ? payload_offset(kind, links) : bytes.size();
  std::uint64_t sum = run ^ std::uint64_t(bytes.size()) << 32U;
  for (std::size_t at = 0; at < end; at += sizeof sum) {
    if (at == offsetof(Wire, seal)) continue;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, end - at));
    sum = (sum ^ word) * 0x9e3779b97f4a7c15U;
    sum ^= sum >> 32U;
  }
  return sum;
}

void seal(std::vector<char>& bytes, std::uint64_t run, int links) {
  const std::uint64_t sum = seal_of(bytes, run, links);
  std::memcpy(bytes.data() + offsetof(Wire, seal), &sum, sizeof sum);
}

/// Whether a message of this kind may have this number of bytes.
bool fits(const MessageHeader& header, const std::vector<char>& message, int links) {
  const std::size_t bytes = message.size();
  if (header.kind != MessageKind::vector && !header.form.plain()) return false;
  switch (header.kind) {
    case MessageKind::vector: {
      const std::size_t offset = payload_offset(header.kind, links);
      return header.link >= 0 && bytes >= offset &&
             deepfog::fits(header.form, message.data() + offset, bytes - offset, header.frame.rows,
                           header.columns);
    }
    case MessageKind::phi:
      return header.link >= 0 && bytes == payload_offset(header.kind, links);
    case MessageKind::heartbeat:
    case MessageKind::report:
      return true;  // their readers check the size
    default:
      return bytes == kMessageHeaderBytes;
  }
}

}  // namespace

std::size_t payload_offset(MessageKind kind, int links) {
  return kMessageHeaderBytes + (carries_links(kind) ? 2 * LinkSet::bytes_for(links) : 0);
}

std::vector<char> encode_message(const MessageHeader& header, const std::vector<char>& payload) {
  std::vector<char> bytes(kMessageHeaderBytes + payload.size());
  const Wire wire = to_wire(header);
  std::memcpy(bytes.data(), &wire, sizeof wire);
  if (!payload.empty()) std::memcpy(bytes.data() + sizeof wire, payload.data(), payload.size());
  seal(bytes, header.run, 0);
  return bytes;
}

std::vector<char> encode_vector(const MessageHeader& header, const LinkSet& used, const LinkSet& timed_out,
                                const float* values) {
  const std::size_t count = values == nullptr ? 0
                                              : static_cast<std::size_t>(header.frame.rows) *
                                                    static_cast<std::size_t>(header.columns);
  std::vector<char> bytes;  // grown by appending, so that a large vector is written once and not filled with
                            // zeros first
  bytes.reserve(kMessageHeaderBytes + 2 * used.bytes() + count * sizeof(float));
  const Wire wire = to_wire(header);
  const auto append = [&bytes](const void* data, std::size_t size) {
    const char* begin = static_cast<const char*>(data);
    bytes.insert(bytes.end(), begin, begin + size);
  };
  append(&wire, sizeof wire);
  append(used.data(), used.bytes());
  append(timed_out.data(), timed_out.bytes());
  if (values != nullptr) encode_values(header.form, values, header.frame.rows, header.columns, bytes);
  seal(bytes, header.run, used.links());
  return bytes;
}

std::optional<MessageHeader> decode_header(const std::vector<char>& bytes, std::uint64_t run, int links) {
  if (bytes.size() < kMessageHeaderBytes) return std::nullopt;
  Wire wire;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  const auto last_kind = static_cast<std::uint8_t>(MessageKind::leave);
  if (wire.magic != kMagic || wire.kind == 0 || wire.kind > last_kind) return std::nullopt;
  if (wire.flags > kSuspectsYou || !is_form(wire.form) || wire.link < -1 || wire.link >= links)
    return std::nullopt;
  if (wire.rows < 0 || wire.columns < 0 || wire.phase < 0 || wire.round < 0 || wire.first_sample < 0 ||
      wire.oldest < 0)
    return std::nullopt;
  MessageHeader header;
  header.kind = static_cast<MessageKind>(wire.kind);
  header.suspects_you = wire.flags == kSuspectsYou;
  header.about_epoch = wire.about_epoch;
  header.run = run;
  header.epoch = wire.epoch;
  header.link = wire.link;
  header.columns = wire.columns;
  header.form = form_of_code(wire.form);
  header.oldest = wire.oldest;
  header.frame = {wire.round, wire.phase, wire.rows, wire.first_sample};
  if (!fits(header, bytes, links) || wire.seal != seal_of(bytes, run, links)) return std::nullopt;
  if (!carries_links(header.kind)) return header;
  LinkSet used(links), timed_out(links);
  decode_link_sets(bytes, used, timed_out);
  if (!used.clean() || !timed_out.clean()) return std::nullopt;
  return header;
}

void decode_link_sets(const std::vector<char>& bytes, LinkSet& used, LinkSet& timed_out) {
  std::memcpy(used.data(), bytes.data() + kMessageHeaderBytes, used.bytes());
  std::memcpy(timed_out.data(), bytes.data() + kMessageHeaderBytes + used.bytes(), timed_out.bytes());
}

}  // namespace deepfog
