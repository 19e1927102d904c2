#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "storage/journal.hpp"

/// Private to this room: the bytes of a journal. All sums are SHA-256 in hexadecimal, all lengths
/// little-endian.
///   header: "DFJ1", owner [60], text length u64, text, sum of these without the owner
///   record: type length u32, payload length u64, type, payload, sum of these
namespace deepfog::journal_format {

constexpr std::size_t owner_begin =
    4;  ///< who holds the journal, for the message to the next one; NUL-padded,
constexpr std::size_t owner_bytes = 60;  ///< outside the sum because it changes with every job

std::string encode_header(const std::string& text);
std::string encode_record(const JournalRecord& record);

enum class HeaderState { foreign, incomplete, damaged, good };
struct Header {
  HeaderState state = HeaderState::foreign;
  std::string text;
  std::size_t size = 0;  ///< bytes of the header
};
Header decode_header(const std::string& bytes);

/// Whether `bytes` is the beginning of this header (or nothing): a job that was killed while it made the
/// journal.
bool begins(const std::string& bytes, const std::string& header);

struct Records {
  std::vector<JournalRecord> records;
  std::size_t end = 0;  ///< offset behind the last good record; nothing after a bad one is trusted
};
Records decode_records(const std::string& bytes, std::size_t begin);

}  // namespace deepfog::journal_format
