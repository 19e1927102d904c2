#include "kernels/sign_bits.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DEEPFOG_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define DEEPFOG_CLONES
#endif

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words of packed signs are little-endian");

namespace deepfog {
namespace {

constexpr std::int64_t kBlock = 64;

DEEPFOG_CLONES void flags_of(const float* values, std::int64_t count, std::uint8_t* flags) {
  for (std::int64_t i = 0; i < count; ++i) flags[i] = values[i] >= 0 ? 1 : 0;
}

DEEPFOG_CLONES void values_of(const std::uint8_t* bits, std::int64_t bytes, float* values) {
  for (std::int64_t b = 0; b < bytes; ++b) {
    for (int i = 0; i < 8; ++i) values[8 * b + i] = (bits[b] & (1 << i)) != 0 ? 1.0F : -1.0F;
  }
}

}  // namespace

void pack_flags(const std::uint8_t* flags, std::int64_t count, std::uint8_t* bits) {
  const auto byte_of = [](const std::uint8_t* eight) {
    std::uint64_t word = 0;
    std::memcpy(&word, eight, 8);
    // Flag i is bit 8i of the word; multiplied by 2^(56 - 7i), it becomes bit i of the highest byte, which no
    // other flag affects.
    return static_cast<std::uint8_t>((word * 0x0102040810204080U) >> 56);
  };
  const std::int64_t whole = count / 8;
  for (std::int64_t b = 0; b < whole; ++b) bits[b] = byte_of(flags + 8 * b);
  if (count % 8 == 0) return;
  std::uint8_t rest[8] = {};
  std::copy(flags + 8 * whole, flags + count, rest);
  bits[whole] = byte_of(rest);
}

void pack_signs(const float* values, std::int64_t count, std::uint8_t* bits) {
  std::uint8_t flags[kBlock];
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t size = std::min(kBlock, count - begin);
    flags_of(values + begin, size, flags);
    pack_flags(flags, size, bits + begin / 8);
  }
}

void unpack_signs(const std::uint8_t* bits, std::int64_t count, float* values) {
  const std::int64_t whole = count / 8;
  values_of(bits, whole, values);
  for (std::int64_t i = 8 * whole; i < count; ++i)
    values[i] = (bits[whole] >> (i % 8) & 1) != 0 ? 1.0F : -1.0F;
}

}  // namespace deepfog
