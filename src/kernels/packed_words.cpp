#include "kernels/packed_words.hpp"

#include <cstring>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words of packed signs are little-endian");

namespace deepfog {
namespace {

template <int kWords>
__attribute__((always_inline)) inline void count(const std::uint64_t* patches, std::int64_t positions,
                                                 const std::uint64_t* weights, std::int64_t words,
                                                 std::int32_t* differing) {
  for (std::int64_t p = 0; p < positions; ++p) {
    std::int64_t bits = 0;
    for (std::int64_t w = 0; w < (kWords > 0 ? kWords : words); ++w) {
      bits += __builtin_popcountll(patches[w * positions + p] ^ weights[w]);
    }
    differing[p] = static_cast<std::int32_t>(bits);
  }
}

/// Uses loops of a known length for up to 28 channels.
__attribute__((always_inline)) inline void count_any(const std::uint64_t* patches, std::int64_t positions,
                                                     const std::uint64_t* weights, std::int64_t words,
                                                     std::int32_t* differing) {
  switch (words) {
    case 1:
      return count<1>(patches, positions, weights, words, differing);
    case 2:
      return count<2>(patches, positions, weights, words, differing);
    case 3:
      return count<3>(patches, positions, weights, words, differing);
    case 4:
      return count<4>(patches, positions, weights, words, differing);
    default:
      return count<0>(patches, positions, weights, words, differing);
  }
}

void count_plainly(const std::uint64_t* patches, std::int64_t positions, const std::uint64_t* weights,
                   std::int64_t words, std::int32_t* differing) {
  count_any(patches, positions, weights, words, differing);
}

#ifdef __x86_64__  // no target_clones: the compiler has none for the instruction that counts the bits of
                   // several words
__attribute__((target("popcnt"))) void count_by_word(const std::uint64_t* patches, std::int64_t positions,
                                                     const std::uint64_t* weights, std::int64_t words,
                                                     std::int32_t* differing) {
  count_any(patches, positions, weights, words, differing);
}
__attribute__((target("popcnt,avx512f,avx512vl,avx512vpopcntdq"))) void count_by_vector(
    const std::uint64_t* patches, std::int64_t positions, const std::uint64_t* weights, std::int64_t words,
    std::int32_t* differing) {
  count_any(patches, positions, weights, words, differing);
}
#endif

decltype(&count_plainly) best_count() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq")) return count_by_vector;
  if (__builtin_cpu_supports("popcnt")) return count_by_word;
#endif
  return count_plainly;
}

}  // namespace

std::uint64_t bits_at(const std::uint8_t* bytes, std::int64_t begin) {
  std::uint64_t low = 0;
  std::memcpy(&low, bytes + begin / 8, 8);
  const int skipped = static_cast<int>(begin % 8);
  if (skipped == 0) return low;
  return low >> skipped | static_cast<std::uint64_t>(bytes[begin / 8 + 8]) << (64 - skipped);
}

// Warren, Hacker's Delight, section 7-3.
void transpose(std::uint64_t words[kWordBits]) {
  std::uint64_t mask = 0x00000000ffffffffU;
  for (int half = 32; half != 0; half /= 2, mask ^= mask << half) {
    for (int k = 0; k < kWordBits; k = ((k | half) + 1) & ~half) {
      const std::uint64_t swapped = ((words[k] >> half) ^ words[k | half]) & mask;
      words[k | half] ^= swapped;
      words[k] ^= swapped << half;
    }
  }
}

void count_differing(const std::uint64_t* patches, std::int64_t positions, const std::uint64_t* weights,
                     std::int64_t words, std::int32_t* differing) {
  static const auto best = best_count();
  best(patches, positions, weights, words, differing);
}

}  // namespace deepfog
