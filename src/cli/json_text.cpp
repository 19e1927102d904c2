#include "cli/json_text.hpp"

#include <cstdio>

namespace deepfog {
namespace {

std::string escape(unsigned task) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", task);
  return text;
}

/// Length of the UTF-8 character that begins at `at`; 0 if there is none (overlong form, surrogate, beyond
/// U+10FFFF, or truncated).
std::size_t character_length(const std::string& bytes, std::size_t at) {
  const auto byte = [&](std::size_t offset) {
    return at + offset < bytes.size() ? static_cast<unsigned char>(bytes[at + offset]) : 0u;
  };
  const auto continues = [&](std::size_t offset) { return (byte(offset) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || !continues(1)) return 0;
  if (first < 0xE0) return 2;
  if (!continues(2)) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong =
      first == 0xF0 && second<0x90, large_diagram = first> 0xF4 || (first == 0xF4 && second > 0x8F);
  return overlong || large_diagram || !continues(3) ? 0 : 4;
}

}  // namespace

std::string json_string(const std::string& bytes) {
  std::string text = "\"";
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = character_length(bytes, at);
    if (length == 0) {
      text += escape(0xDC00u + byte);
    } else if (byte < 0x20 || byte == 0x7F) {
      text += escape(byte);
    } else {
      if (byte == '"' || byte == '\\') text += '\\';
      text += bytes.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return text + "\"";
}

}  // namespace deepfog
