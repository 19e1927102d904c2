#include "kernels/sign_bits.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "core/seed.hpp"

namespace deepfog {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(SignBits, LeastSignificantFirst) {
  const std::vector<float> values{1, -1, -1, 2, -3, 0.5F, -0.5F, -1, -1, 7};
  Bytes bits(2, 0xff);
  pack_signs(values.data(), 10, bits.data());
  EXPECT_EQ(bits, (Bytes{0b00101001, 0b10}));  // bits after the tenth are cleared
}

TEST(SignBits, ZeroIsPlusAndNoNumberIsMinus) {
  const std::vector<float> values{0.0F,
                                  -0.0F,
                                  std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::denorm_min()};
  std::uint8_t bits = 0xff;
  pack_signs(values.data(), 6, &bits);
  EXPECT_EQ(bits, 0b001011);
}

TEST(SignBits, EveryLengthThereAndBackWithinItsBounds) {
  RandomStream stream(1);
  for (std::int64_t count = 0; count <= 200; ++count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    Bytes flags(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      flags[i] = static_cast<std::uint8_t>(stream.below(2));
      values[i] = flags[i] != 0 ? 1.0F : -1.0F;
    }
    const auto bytes = static_cast<std::size_t>(sign_bytes(count));
    Bytes bits(bytes + 1, 0xa5), of_flags(bytes + 1, 0xa5);
    pack_signs(values.data(), count, bits.data());
    pack_flags(flags.data(), count, of_flags.data());
    ASSERT_EQ(bits, of_flags);
    ASSERT_EQ(bits[bytes], 0xa5) << count;
    for (std::int64_t i = 0; i < 8 * static_cast<std::int64_t>(bytes); ++i) {
      ASSERT_EQ(bits[i / 8] >> (i % 8) & 1, i < count ? flags[i] : 0) << i << " of " << count;
    }
    std::vector<float> back(static_cast<std::size_t>(count) + 1, 5.0F);
    unpack_signs(bits.data(), count, back.data());
    ASSERT_EQ(back.back(), 5.0F) << count;
    back.pop_back();
    ASSERT_EQ(back, values);
  }
}

TEST(SignBits, EightBytesAreAWord) {
  std::vector<float> values(64, -1.0F);
  values[0] = values[41] = values[63] = 1.0F;
  Bytes bits(8);
  pack_signs(values.data(), 64, bits.data());
  std::uint64_t word = 0;
  std::memcpy(&word, bits.data(), 8);
  EXPECT_EQ(word, 1U | std::uint64_t{1} << 41 | std::uint64_t{1} << 63);
}

}  // namespace
}  // namespace deepfog
