#pragma once

#include <cstdint>

namespace deepfog {

/// Signs as bits, on the wire and in packed kernels: bit i of byte i / 8, the least significant first, is
/// value i; 1 stands for +1, 0 for -1. Eight bytes are a little-endian word of 64 of them. Bits of the last
/// byte that stand for nothing are 0.
constexpr std::int64_t sign_bytes(std::int64_t count) {
  return (count + 7) / 8;
}

/// +1 for what is 0 or above (-0.0 is), -1 for all else (NaN, too).
/// @param values  [count]
/// @param bits    [sign_bytes(count)]
void pack_signs(const float* values, std::int64_t count, std::uint8_t* bits);

/// The same of bytes: 1 for +1, 0 for -1, nothing else is allowed.
/// @param flags  [count]
void pack_flags(const std::uint8_t* flags, std::int64_t count, std::uint8_t* bits);

/// @param values  [count], becomes -1 and +1
void unpack_signs(const std::uint8_t* bits, std::int64_t count, float* values);

}  // namespace deepfog
