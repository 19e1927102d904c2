#include "comm/fragment.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace deepfog {

std::uint64_t fragment_count(std::uint64_t total, std::size_t fragment_bytes) {
  return total == 0 ? 1 : (total - 1) / fragment_bytes + 1;
}

std::vector<char> make_fragment(const std::vector<char>& message, std::uint64_t number, std::uint64_t index,
                                std::size_t fragment_bytes) {
  const FragmentHeader header{fragment_magic, static_cast<std::uint32_t>(index), number, message.size()};
  const std::size_t begin = std::min(message.size(), static_cast<std::size_t>(index) * fragment_bytes);
  const std::size_t size = std::min(fragment_bytes, message.size() - begin);
  std::vector<char> fragment;
  fragment.reserve(sizeof header + size);
  const char* head = reinterpret_cast<const char*>(&header);
  fragment.insert(fragment.end(), head, head + sizeof header);
  fragment.insert(fragment.end(), message.data() + begin, message.data() + begin + size);
  return fragment;
}

bool Reassembler::plausible(const FragmentHeader& header, std::size_t payload) const {
  if (header.magic != fragment_magic || header.total > largest_message_) return false;
  const std::uint64_t fragments = fragment_count(header.total, fragment_bytes_);
  if (header.index >= fragments) return false;
  const std::uint64_t before = std::uint64_t{header.index} * fragment_bytes_;  // < total, so no overflow
  return payload == std::min<std::uint64_t>(fragment_bytes_, header.total - before);
}

std::optional<std::vector<char>> Reassembler::accept(const char* fragment, std::size_t size) {
  FragmentHeader header;
  if (size < sizeof header) {
    ++malformed_;
    return std::nullopt;
  }
  std::memcpy(&header, fragment, sizeof header);
  const std::size_t payload = size - sizeof header;
  const bool first = header.index == 0;
  const bool next = under_way_ && header.message == expected_.message && header.total == expected_.total &&
                    header.index == expected_.index;
  if (!plausible(header, payload) || (!first && !next)) {
    ++malformed_;
    return std::nullopt;
  }
  if (first) {
    if (under_way_) ++malformed_;
    bytes_.clear();
    bytes_.reserve(header.total);  // reserves address space only: pages are allocated when the bytes arrive
    expected_ = header;
    under_way_ = true;
  }
  bytes_.insert(bytes_.end(), fragment + sizeof header, fragment + size);
  ++expected_.index;
  if (bytes_.size() < header.total) return std::nullopt;
  under_way_ = false;
  return std::exchange(bytes_, {});
}

}  // namespace deepfog
