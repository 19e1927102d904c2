#include "kernels/packed_words.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace deepfog {
namespace {

TEST(PackedWords, AWordIsCountedFromItsFirstBitOn) {
  EXPECT_EQ(words_of(0), 0);
  EXPECT_EQ(words_of(1), 1);
  EXPECT_EQ(words_of(64), 1);
  EXPECT_EQ(words_of(65), 2);
}

TEST(PackedWords, BitsAtAnyPositionAreThoseReadOneByOne) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> bytes(24);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::int64_t begin = 0; begin <= 8 * 24 - 72; ++begin) {
    std::uint64_t plain = 0;
    for (std::int64_t bit = 0; bit < kWordBits; ++bit) {
      const std::int64_t at = begin + bit;
      const std::uint64_t byte = bytes[static_cast<std::size_t>(at / 8)];
      plain |= (byte >> at % 8 & 1) << bit;
    }
    EXPECT_EQ(bits_at(bytes.data(), begin), plain) << begin;
  }
}

TEST(PackedWords, AWholeByteNeedsNoNinthByte) {
  // Eight bytes are all there is: an address sanitizer would see a ninth being read.
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(bits_at(bytes.data(), 0), 0x0807060504030201U);
}

TEST(PackedWords, TransposeSwapsRowAndBitAndUndoesItself) {
  std::mt19937_64 random(2);
  std::uint64_t words[kWordBits], turned[kWordBits];
  for (std::int64_t i = 0; i < kWordBits; ++i) turned[i] = words[i] = random();
  transpose(turned);
  for (std::int64_t i = 0; i < kWordBits; ++i) {
    for (std::int64_t j = 0; j < kWordBits; ++j) {
      ASSERT_EQ(turned[i] >> j & 1, words[j] >> i & 1) << i << ' ' << j;
    }
  }
  transpose(turned);
  for (std::int64_t i = 0; i < kWordBits; ++i) EXPECT_EQ(turned[i], words[i]) << i;
}

TEST(PackedWords, DifferingBitsAreThoseOfAPlainLoop) {
  std::mt19937_64 random(3);
  for (const std::int64_t words : {1, 2, 3, 4, 5, 9}) {
    for (const std::int64_t positions : {1, 7, 8, 33}) {
      std::vector<std::uint64_t> patches(static_cast<std::size_t>(words * positions));
      std::vector<std::uint64_t> weights(static_cast<std::size_t>(words));
      for (std::uint64_t& word : patches) word = random();
      for (std::uint64_t& word : weights) word = random();
      std::vector<std::int32_t> differing(static_cast<std::size_t>(positions) + 1, -1);
      count_differing(patches.data(), positions, weights.data(), words, differing.data());
      for (std::int64_t p = 0; p < positions; ++p) {
        std::int32_t plain = 0;
        for (std::int64_t bit = 0; bit < words * kWordBits; ++bit) {
          const auto w = static_cast<std::size_t>(bit / kWordBits);
          const std::uint64_t both =
              patches[w * static_cast<std::size_t>(positions) + static_cast<std::size_t>(p)] ^ weights[w];
          plain += static_cast<std::int32_t>(both >> bit % kWordBits & 1);
        }
        EXPECT_EQ(differing[static_cast<std::size_t>(p)], plain) << words << " words, position " << p;
      }
      EXPECT_EQ(differing.back(), -1) << "written behind the last position";
    }
  }
}

}  // namespace
}  // namespace deepfog
