#include "cli/byte_size.hpp"

#include <charconv>
#include <utility>

namespace deepfog {
namespace {

constexpr std::pair<const char*, std::int64_t> kTasks[] = {
    {"GiB", std::int64_t{1} << 30}, {"MiB", std::int64_t{1} << 20}, {"KiB", std::int64_t{1} << 10}, {"", 1}};

}  // namespace

std::optional<std::int64_t> parse_bytes(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || number < 0) return std::nullopt;
  const std::string task(stop, end);
  for (const auto& [name, size] : kTasks) {
    if (task == name && number <= INT64_MAX / size) return number * size;
  }
  return std::nullopt;
}

std::string byte_text(std::int64_t bytes) {
  for (const auto& [name, size] : kTasks) {
    if (bytes >= size && bytes % size == 0) return std::to_string(bytes / size) + name;
  }
  return std::to_string(bytes);
}

}  // namespace deepfog
