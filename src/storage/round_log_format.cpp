#include "storage/round_log_format.hpp"

#include "core/error.hpp"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "spools are little-endian");

namespace deepfog::round_log_format {

std::uint64_t record_sum(std::uint64_t number, std::uint32_t type, std::uint32_t length,
                         const void* payload) {
  Sum sum;
  sum.add(&number, sizeof number);
  sum.add(&type, sizeof type);
  sum.add(&length, sizeof length);
  sum.add(payload, length);
  return sum.value();
}

std::string encode_header(const std::string& text) {
  if (text.size() > most_text) throw Failure("spool: a header of " + std::to_string(text.size()) + " bytes");
  const auto length = static_cast<std::uint32_t>(text.size());
  std::string bytes(magic, magic_bytes);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
  Sum sum;
  sum.add(bytes.data(), bytes.size());
  const std::uint64_t value = sum.value();
  return bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace deepfog::round_log_format
