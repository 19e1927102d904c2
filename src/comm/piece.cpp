#include "comm/piece.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace deepfog {

std::uint64_t piece_count(std::uint64_t total, std::size_t piece_bytes) {
  return total == 0 ? 1 : (total - 1) / piece_bytes + 1;
}

std::vector<char> make_piece(const std::vector<char>& parcel, std::uint64_t number, std::uint64_t index,
                             std::size_t piece_bytes) {
  const PieceHeader header{piece_magic, static_cast<std::uint32_t>(index), number, parcel.size()};
  const std::size_t begin = std::min(parcel.size(), static_cast<std::size_t>(index) * piece_bytes);
  const std::size_t size = std::min(piece_bytes, parcel.size() - begin);
  std::vector<char> piece;
  piece.reserve(sizeof header + size);
  const char* head = reinterpret_cast<const char*>(&header);
  piece.insert(piece.end(), head, head + sizeof header);
  piece.insert(piece.end(), parcel.data() + begin, parcel.data() + begin + size);
  return piece;
}

bool Assembly::plausible(const PieceHeader& header, std::size_t payload) const {
  if (header.magic != piece_magic || header.total > largest_parcel_) return false;
  const std::uint64_t pieces = piece_count(header.total, piece_bytes_);
  if (header.index >= pieces) return false;
  const std::uint64_t before = std::uint64_t{header.index} * piece_bytes_;  // < total, so no overflow
  return payload == std::min<std::uint64_t>(piece_bytes_, header.total - before);
}

std::optional<std::vector<char>> Assembly::accept(const char* piece, std::size_t size) {
  PieceHeader header;
  if (size < sizeof header) {
    ++malformed_;
    return std::nullopt;
  }
  std::memcpy(&header, piece, sizeof header);
  const std::size_t payload = size - sizeof header;
  const bool first = header.index == 0;
  const bool next = under_way_ && header.parcel == expected_.parcel && header.total == expected_.total &&
                    header.index == expected_.index;
  if (!plausible(header, payload) || (!first && !next)) {
    ++malformed_;
    return std::nullopt;
  }
  if (first) {
    if (under_way_) ++malformed_;
    bytes_.clear();
    bytes_.reserve(header.total);  // address space only: pages come with the bytes
    expected_ = header;
    under_way_ = true;
  }
  bytes_.insert(bytes_.end(), piece + sizeof header, piece + size);
  ++expected_.index;
  if (bytes_.size() < header.total) return std::nullopt;
  under_way_ = false;
  return std::exchange(bytes_, {});
}

}  // namespace deepfog
