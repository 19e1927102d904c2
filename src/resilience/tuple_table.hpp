#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace deepfog {

/// Numbers distinct tuples of one fixed length in the order in which they are first seen. Open addressing
/// over one arena avoids an allocation per tuple.
class TupleTable {
 public:
  explicit TupleTable(std::size_t length) : length_(length), slots_(64, kFree) {}

  /// Returns the number of the tuple at `values` (length() entries), appending a new one if needed. The
  /// caller keeps size() below 2^31.
  std::int32_t number(const std::int32_t* values);

  std::int64_t size() const { return size_; }
  std::size_t length() const { return length_; }
  const std::int32_t* tuple(std::int64_t number) const { return arena_.data() + number * length_; }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(sizeof(std::int32_t) * (arena_.capacity() + slots_.size()));
  }
  /// Returns all tuples, [size(), length()]; the table must not be used afterwards.
  std::vector<std::int32_t> release() { return std::move(arena_); }

 private:
  static constexpr std::int32_t kFree = -1;
  std::uint64_t hash(const std::int32_t* values) const;
  void grow();

  std::size_t length_;
  std::int64_t size_ = 0;
  std::vector<std::int32_t> arena_;  ///< [size, length]
  std::vector<std::int32_t> slots_;  ///< power of two, at most half full
};

}  // namespace deepfog
