#pragma once

#include <cstdint>

namespace deepfog {

// Private to the packed kernels: 64 bits at a time.

constexpr std::int64_t kWordBits = 64;

constexpr std::int64_t words_of(std::int64_t bits) {
  return (bits + kWordBits - 1) / kWordBits;
}

/// 64 bits from bit `begin` on; reads nine bytes at most.
std::uint64_t bits_at(const std::uint8_t* bytes, std::int64_t begin);

/// Bit j of word i changes places with bit i of word j.
void transpose(std::uint64_t words[kWordBits]);

/// In how many bits patch after patch differs from the weights.
/// @param patches    [words, positions]
/// @param weights    [words]
/// @param differing  [positions]
void count_differing(const std::uint64_t* patches, std::int64_t positions, const std::uint64_t* weights,
                     std::int64_t words, std::int32_t* differing);

}  // namespace deepfog
