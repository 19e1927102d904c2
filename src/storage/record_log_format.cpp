#include "storage/record_log_format.hpp"

#include "core/error.hpp"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "record logs are little-endian");

namespace deepfog::record_log_format {
namespace {

Sum sum_of_lengths(std::uint64_t number, const RecordHead& head) {
  Sum sum;
  sum.add(&number, sizeof number);
  sum.add(&head.type_bytes, sizeof head.type_bytes);
  sum.add(&head.payload_bytes, sizeof head.payload_bytes);
  return sum;
}

void append(std::string& to, std::uint64_t value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::uint32_t lengths_sum(std::uint64_t number, const RecordHead& head) {
  return static_cast<std::uint32_t>(sum_of_lengths(number, head).value());
}

std::uint64_t record_sum(std::uint64_t number, const RecordHead& head, std::string_view type,
                         const std::vector<char>& payload) {
  Sum sum = sum_of_lengths(number, head);
  sum.add(type.data(), type.size());
  sum.add(payload.data(), payload.size());
  return sum.value();
}

std::string encode_header(const std::string& text, const std::string& owner) {
  if (text.size() > most_text)
    throw Failure("record log: a header text of " + std::to_string(text.size()) + " bytes");
  std::string bytes(magic);
  bytes += owner.substr(0, owner_bytes - 1);
  bytes.resize(length_at, '\0');
  append(bytes, text.size());
  bytes += text;
  Sum sum;
  sum.add(magic.data(), magic.size());
  sum.add(bytes.data() + length_at, bytes.size() - length_at);
  append(bytes, sum.value());
  return bytes;
}

void encode_record(std::uint64_t number, std::string_view type, const std::vector<char>& payload,
                   std::string& into) {
  if (type.size() > most_type)
    throw Failure("record log: a type of " + std::to_string(type.size()) + " bytes");
  RecordHead head;
  head.type_bytes = static_cast<std::uint32_t>(type.size());
  head.payload_bytes = payload.size();
  head.lengths_sum = lengths_sum(number, head);
  head.sum = record_sum(number, head, type, payload);
  into.assign(reinterpret_cast<const char*>(&head), sizeof head);
  into += type;
  into.append(payload.begin(), payload.end());
}

}  // namespace deepfog::record_log_format
