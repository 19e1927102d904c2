#include "storage/journal_format.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/error.hpp"
#include "storage/sha256.hpp"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journals are little-endian");

namespace deepfog::journal_format {
namespace {

const std::string magic = "DFJ1";
constexpr std::size_t sum_bytes = 64, longest_type = 4096;

template <class Number>
std::string encode(Number value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

template <class Number>
Number decode(const std::string& bytes, std::size_t at) {
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The record at `at`, or false when there is no whole and right one.
bool decode_record(const std::string& bytes, std::size_t at, JournalRecord& record, std::size_t& end) {
  constexpr std::size_t lengths = sizeof(std::uint32_t) + sizeof(std::uint64_t);
  std::size_t left = bytes.size() - at;
  if (left < lengths + sum_bytes) return false;
  left -= lengths + sum_bytes;
  const std::size_t type = decode<std::uint32_t>(bytes, at);
  const std::uint64_t payload = decode<std::uint64_t>(bytes, at + sizeof(std::uint32_t));
  if (type > longest_type || type > left || payload > left - type) return false;
  const std::size_t body = lengths + type + payload;
  Sha256 sum;
  sum.add(bytes.data() + at, body);
  if (bytes.compare(at + body, sum_bytes, sum.hex()) != 0) return false;
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + lengths + type);
  record.type = bytes.substr(at + lengths, type);
  record.payload.assign(begin, begin + static_cast<std::ptrdiff_t>(payload));
  end = at + body + sum_bytes;
  return true;
}

}  // namespace

std::string encode_header(const std::string& text) {
  const std::string body = encode<std::uint64_t>(text.size()) + text;
  return magic + std::string(owner_bytes, '\0') + body + sha256(magic + body);
}

std::string encode_record(const JournalRecord& record) {
  if (record.type.size() > longest_type)
    throw Failure("journal: type of " + std::to_string(record.type.size()) + " bytes");
  std::string bytes = encode(static_cast<std::uint32_t>(record.type.size())) +
                      encode(static_cast<std::uint64_t>(record.payload.size())) + record.type;
  bytes.append(record.payload.begin(), record.payload.end());
  return bytes + sha256(bytes);
}

Header decode_header(const std::string& bytes) {
  Header header;
  const std::size_t known = std::min(bytes.size(), magic.size());
  if (bytes.compare(0, known, magic, 0, known) != 0) return header;
  constexpr std::size_t length_at = owner_begin + owner_bytes, text_at = length_at + sizeof(std::uint64_t);
  header.state = HeaderState::incomplete;
  if (bytes.size() < text_at + sum_bytes) return header;
  const std::uint64_t length = decode<std::uint64_t>(bytes, length_at);
  if (length > bytes.size() - text_at - sum_bytes) return header;
  const std::string body = bytes.substr(length_at, sizeof(std::uint64_t) + length);
  header.state = HeaderState::damaged;
  if (bytes.compare(text_at + length, sum_bytes, sha256(magic + body)) != 0) return header;
  header.state = HeaderState::good;
  header.text = bytes.substr(text_at, length);
  header.size = text_at + length + sum_bytes;
  return header;
}

bool begins(const std::string& bytes, const std::string& header) {
  if (bytes.size() > header.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool owner = i >= owner_begin && i < owner_begin + owner_bytes;
    if (!owner && bytes[i] != header[i]) return false;
  }
  return true;
}

Records decode_records(const std::string& bytes, std::size_t begin) {
  Records result;
  result.end = begin;
  for (JournalRecord record; decode_record(bytes, result.end, record, result.end);) {
    result.records.push_back(std::move(record));
    record = {};
  }
  return result;
}

}  // namespace deepfog::journal_format
