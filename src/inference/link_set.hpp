#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deepfog {

/// A set of hyperconnections by index, one bit each, as every message carries it.
class LinkSet {
 public:
  LinkSet() = default;
  explicit LinkSet(int links) : links_(links), bytes_(bytes_for(links)) {}
  /// Rounded up to a multiple of four bytes, so that the vector that follows the sets in a message is
  /// aligned.
  static std::size_t bytes_for(int links) { return (static_cast<std::size_t>(links) + 31) / 32 * 4; }

  int links() const { return links_; }
  bool has(int link) const { return ((bytes_[at(link)] >> (link % 8)) & 1U) != 0; }
  void add(int link) { bytes_[at(link)] = static_cast<std::uint8_t>(bytes_[at(link)] | (1U << (link % 8))); }
  void add(const LinkSet& other) {
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      bytes_[i] = static_cast<std::uint8_t>(bytes_[i] | other.bytes_[i]);
  }
  void clear() { bytes_.assign(bytes_.size(), 0); }

  std::size_t bytes() const { return bytes_.size(); }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::uint8_t* data() { return bytes_.data(); }
  bool operator==(const LinkSet& other) const { return bytes_ == other.bytes_; }
  bool operator!=(const LinkSet& other) const { return !(*this == other); }

  /// Whether no bit beyond the last hyperconnection is set. Sets read from messages are checked for this.
  bool clean() const {
    for (std::size_t bit = static_cast<std::size_t>(links_); bit < bytes_.size() * 8; ++bit) {
      if (((bytes_[bit / 8] >> (bit % 8)) & 1U) != 0) return false;
    }
    return true;
  }

  /// One entry per hyperconnection, 0 or 1.
  std::vector<std::uint8_t> flags() const {
    std::vector<std::uint8_t> flags(static_cast<std::size_t>(links_));
    for (int link = 0; link < links_; ++link) flags[static_cast<std::size_t>(link)] = has(link) ? 1 : 0;
    return flags;
  }

 private:
  static std::size_t at(int link) { return static_cast<std::size_t>(link) / 8; }
  int links_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace deepfog
