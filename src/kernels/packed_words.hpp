#pragma once

#include <cstdint>

namespace deepfog {

// Private to the packed kernels: 64 bits at a time.

constexpr std::int64_t kWordBits = 64;

constexpr std::int64_t words_of(std::int64_t bits) {
  return (bits + kWordBits - 1) / kWordBits;
}

/// Returns 64 bits starting at bit `begin`; reads at most nine bytes.
std::uint64_t bits_at(const std::uint8_t* bytes, std::int64_t begin);

/// Transposes the matrix: swaps bit j of word i with bit i of word j.
void transpose(std::uint64_t words[kWordBits]);

/// Counts the bits in which each patch differs from the weights.
/// @param patches    [words, positions]
/// @param weights    [words]
/// @param differing  [positions]
void count_differing(const std::uint64_t* patches, std::int64_t positions, const std::uint64_t* weights,
                     std::int64_t words, std::int32_t* differing);

}  // namespace deepfog
