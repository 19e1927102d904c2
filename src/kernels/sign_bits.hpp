#pragma once

#include <cstdint>

namespace deepfog {

/// Signs as bits, in messages and in packed kernels: value i is bit i mod 8 of byte i / 8, least significant
/// bit first; 1 stands for +1 and 0 for -1. Eight bytes form a little-endian word of 64 signs. Unused bits of
/// the last byte are 0.
constexpr std::int64_t sign_bytes(std::int64_t count) {
  return (count + 7) / 8;
}

/// Packs +1 for values of 0 or above (including -0.0) and -1 for all others (including NaN).
/// @param values  [count]
/// @param bits    [sign_bytes(count)]
void pack_signs(const float* values, std::int64_t count, std::uint8_t* bits);

/// Packs bytes: 1 for +1, 0 for -1; other values are not allowed.
/// @param flags  [count]
void pack_flags(const std::uint8_t* flags, std::int64_t count, std::uint8_t* bits);

/// @param values  [count], set to -1 and +1
void unpack_signs(const std::uint8_t* bits, std::int64_t count, float* values);

}  // namespace deepfog
