#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace deepfog {

/// Precedes the bytes of every fragment of a message. In the byte order of the machine, since all ranks of a
/// job run on the same kind of machine.
struct FragmentHeader {
  std::uint32_t magic = 0;
  std::uint32_t index = 0;    ///< of the fragment within its message, from 0
  std::uint64_t message = 0;  ///< number of the message, counted per sender and receiver from 0
  std::uint64_t total = 0;    ///< bytes of the whole message
};
constexpr std::uint32_t fragment_magic = 0x44464743;

/// Number of fragments of a message of `total` bytes; at least one.
std::uint64_t fragment_count(std::uint64_t total, std::size_t fragment_bytes);

/// Header and bytes of one fragment, ready to be sent.
std::vector<char> make_fragment(const std::vector<char>& message, std::uint64_t number, std::uint64_t index,
                                std::size_t fragment_bytes);

/// Reassembles the messages of one sender from fragments. Fragments arrive in the order in which they were
/// sent (MPI guarantees this). Nothing in them is trusted before it has been checked, since they may come
/// from anywhere: no memory is reserved for more than `largest_message` bytes, none is touched before the
/// bytes have arrived, and the size of every fragment must agree with its header.
class Reassembler {
 public:
  Reassembler(std::size_t fragment_bytes, std::uint64_t largest_message)
      : fragment_bytes_(fragment_bytes), largest_message_(largest_message) {}

  /// Takes header and bytes of the next fragment and returns the message if it is now complete. A damaged
  /// fragment only increases malformed(). A first fragment in the middle of a message discards the incomplete
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
