#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace deepfog {

/// What travels before the bytes of every piece of a parcel. In the byte order of the machine: the ranks of a
/// job are alike.
struct PieceHeader {
  std::uint32_t magic = 0;
  std::uint32_t index = 0;   ///< of the piece within its parcel, from 0
  std::uint64_t parcel = 0;  ///< counts the parcels of one sender to one receiver, from 0
  std::uint64_t total = 0;   ///< bytes of the whole parcel
};
constexpr std::uint32_t piece_magic = 0x44464743;

/// Pieces of a parcel of `total` bytes; at least one.
std::uint64_t piece_count(std::uint64_t total, std::size_t piece_bytes);

/// Header and bytes of one piece, ready to leave.
std::vector<char> make_piece(const std::vector<char>& parcel, std::uint64_t number, std::uint64_t index,
                             std::size_t piece_bytes);

/// Puts the pieces of one sender together again. They come in the order they were sent (MPI does not let them
/// overtake each other), and nothing in them is believed before it was checked, since anybody may have sent
/// them: no memory is taken for more than `largest_parcel`, none is touched before the bytes are there, and
/// the size of every piece must be the one its header demands.
class Assembly {
 public:
  Assembly(std::size_t piece_bytes, std::uint64_t largest_parcel)
      : piece_bytes_(piece_bytes), largest_parcel_(largest_parcel) {}

  /// Takes header and bytes of the next piece; the parcel, when it is whole with it. A damaged piece changes
  /// nothing but malformed(). A first piece in the middle of a parcel drops what there is of that parcel.
  std::optional<std::vector<char>> accept(const char* piece, std::size_t size);

  std::int64_t malformed() const { return malformed_; }

 private:
  bool plausible(const PieceHeader& header, std::size_t payload) const;

  std::size_t piece_bytes_;
  std::uint64_t largest_parcel_;
  bool under_way_ = false;
  PieceHeader expected_;
  std::vector<char> bytes_;
  std::int64_t malformed_ = 0;
};

}  // namespace deepfog
