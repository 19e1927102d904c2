#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace deepfog {

/// What travels before the bytes of every fragment of a message. In the byte order of the machine: the ranks
/// of a job are alike.
struct FragmentHeader {
  std::uint32_t magic = 0;
  std::uint32_t index = 0;    ///< of the fragment within its message, from 0
  std::uint64_t message = 0;  ///< counts the messages of one sender to one receiver, from 0
  std::uint64_t total = 0;    ///< bytes of the whole message
};
constexpr std::uint32_t fragment_magic = 0x44464743;

/// Fragments of a message of `total` bytes; at least one.
std::uint64_t fragment_count(std::uint64_t total, std::size_t fragment_bytes);

/// Header and bytes of one fragment, ready to leave.
std::vector<char> make_fragment(const std::vector<char>& message, std::uint64_t number, std::uint64_t index,
                                std::size_t fragment_bytes);

/// Puts the fragments of one sender together again. They come in the order they were sent (MPI does not let
/// them overtake each other), and nothing in them is believed before it was checked, since anybody may have
/// sent them: no memory is taken for more than `largest_message`, none is touched before the bytes are there,
/// and the size of every fragment must be the one its header demands.
class Reassembler {
 public:
  Reassembler(std::size_t fragment_bytes, std::uint64_t largest_message)
      : fragment_bytes_(fragment_bytes), largest_message_(largest_message) {}

  /// Takes header and bytes of the next fragment; the message, when it is whole with it. A damaged fragment
  /// changes nothing but malformed(). A first fragment in the middle of a message drops what there is of that
  /// message.
  std::optional<std::vector<char>> accept(const char* fragment, std::size_t size);

  std::int64_t malformed() const { return malformed_; }

 private:
  bool plausible(const FragmentHeader& header, std::size_t payload) const;

  std::size_t fragment_bytes_;
  std::uint64_t largest_message_;
  bool under_way_ = false;
  FragmentHeader expected_;
  std::vector<char> bytes_;
  std::int64_t malformed_ = 0;
};

}  // namespace deepfog
