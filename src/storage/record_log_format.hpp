#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Private to this room: the bytes of a record log. All numbers are little-endian; sums are 64-bit FNV-1a
/// (Fowler, Noll and Vo), quick rather than safe from an enemy: any one changed byte changes the sum.
///   header: "DFL1", owner [60], text length u64, text, sum u64 of these without the owner
///   record: type length u32, sum u32 of number and lengths, payload length u64, sum u64, type, payload; both
///           sums begin with the record's number u64 (from 0), so that a record out of its place is noticed
namespace deepfog::record_log_format {

constexpr std::string_view magic = "DFL1";
constexpr std::string_view earlier_magics[] = {"DFJ1", "DFS1"};  ///< up to version 0.1: journals, round logs
/// Who holds the log, for the message to the next one; NUL-padded, outside the sum: it changes with every
/// job.
constexpr std::size_t owner_at = 4, owner_bytes = 60;
constexpr std::size_t length_at = owner_at + owner_bytes, text_at = length_at + 8, sum_bytes = 8;
constexpr std::uint64_t most_text = 16U << 20, most_type = 4096;

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

/// What stands before a record's type and payload.
struct RecordHead {
  std::uint32_t type_bytes = 0, lengths_sum = 0;
  std::uint64_t payload_bytes = 0, sum = 0;
};
static_assert(sizeof(RecordHead) == 24, "as in the file");

std::uint32_t lengths_sum(std::uint64_t number, const RecordHead& head);
std::uint64_t record_sum(std::uint64_t number, const RecordHead& head, std::string_view type,
                         const std::vector<char>& payload);

/// Throws Failure for a text over most_text, or a type over most_type.
std::string encode_header(const std::string& text, const std::string& owner);
void encode_record(std::uint64_t number, std::string_view type, const std::vector<char>& payload,
                   std::string& into);

}  // namespace deepfog::record_log_format
