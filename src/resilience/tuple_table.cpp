#include "resilience/tuple_table.hpp"

#include <algorithm>

namespace deepfog {

std::uint64_t TupleTable::hash(const std::int32_t* values) const {
  std::uint64_t h = 0x9e3779b97f4a7c15U;
  for (std::size_t i = 0; i < length_; ++i) {
    h = (h ^ static_cast<std::uint32_t>(values[i])) * 0xbf58476d1ce4e5b9U;
    h ^= h >> 29;
  }
  return h;
}

std::int32_t TupleTable::number(const std::int32_t* values) {
  if (2 * (size_ + 1) > static_cast<std::int64_t>(slots_.size())) grow();
  const std::uint64_t mask = slots_.size() - 1;
  std::uint64_t slot = hash(values) & mask;
  for (; slots_[slot] != kFree; slot = (slot + 1) & mask) {
    if (std::equal(values, values + length_, tuple(slots_[slot]))) return slots_[slot];
  }
  slots_[slot] = static_cast<std::int32_t>(size_);
  arena_.insert(arena_.end(), values, values + length_);
  return static_cast<std::int32_t>(size_++);
}

void TupleTable::grow() {
  slots_.assign(2 * slots_.size(), kFree);
  const std::uint64_t mask = slots_.size() - 1;
  for (std::int64_t i = 0; i < size_; ++i) {
    std::uint64_t slot = hash(tuple(i)) & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::int32_t>(i);
  }
}

}  // namespace deepfog
