#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

/// Private to this room: the bytes of a round log. All numbers little-endian; sums are 64-bit FNV-1a (Fowler,
/// Noll and Vo), quick rather than safe from an enemy: any one changed byte changes the sum.
///   header: "DFS1", text length u32, text, sum u64 of these
///   record: type u32, payload length u32, sum u64, payload; the sum is that of the record's number u64 (from
///           0), type, length, payload, so that a record out of its place is noticed, too
namespace deepfog::round_log_format {

constexpr char magic[] = "DFS1";
constexpr std::size_t magic_bytes = 4, length_bytes = 4, sum_bytes = 8;
constexpr std::size_t text_at = magic_bytes + length_bytes;
constexpr std::uint32_t most_text = 16U << 20;

/// What stands before a record's payload.
struct RecordHead {
  std::uint32_t type = 0, length = 0;
  std::uint64_t sum = 0;
};
static_assert(sizeof(RecordHead) == 16, "as in the file");

class Sum {
 public:
  void add(const void* bytes, std::size_t count) {
    const auto* next = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < count; ++i) value_ = (value_ ^ next[i]) * 0x100000001b3ULL;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

std::uint64_t record_sum(std::uint64_t number, std::uint32_t type, std::uint32_t length, const void* payload);

/// Throws Failure for a text over most_text.
std::string encode_header(const std::string& text);

}  // namespace deepfog::round_log_format
