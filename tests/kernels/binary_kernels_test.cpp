#include "kernels/binary_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/seed.hpp"
#include "kernels/sign_bits.hpp"

namespace deepfog {
namespace {

using Floats = std::vector<float>;
using Bytes = std::vector<std::uint8_t>;

/// Values in [-1, 1); about one in ten is 0, whose sign is +1.
Floats draw(RandomStream& stream, std::int64_t size) {
  Floats values(static_cast<std::size_t>(size));
  for (float& value : values) {
    value = stream.below(10) == 0 ? 0.0F : static_cast<float>(2 * stream.uniform() - 1);
  }
  return values;
}

/// Draws norms of either sign, some of them constant and some exactly 0 for a possible sum.
BinaryWeights draw_weights(RandomStream& stream, std::int64_t outputs, std::int64_t each, float unit) {
  BinaryWeights weights{draw(stream, outputs * each), draw(stream, outputs), {}};
  for (const float scale : weights.scale) {
    const auto sum =
        static_cast<float>(stream.below(static_cast<std::uint64_t>(each) + 1)) - static_cast<float>(each) / 2;
    weights.shift.push_back(stream.below(2) == 0 ? -sum * unit * scale : (sum + 0.3F) * unit * scale);
  }
  return weights;
}

float sign(float x) {
  return x >= 0 ? 1.0F : -1.0F;
}

float norm(const BinaryWeights& weights, std::int64_t output, float sum) {
  const volatile float product = sum * weights.scale[output];  // two roundings, as in two tensor operations
  return product + weights.shift[output];
}

/// The block by its definition.
/// @param divisor  the sums are divided by it
Bytes plain_conv(const BinaryWeights& weights, const ImageSize& size, const Floats& image, float divisor) {
  const auto [channels, height, width] = size;
  const auto filters = static_cast<std::int64_t>(weights.scale.size());
  Floats outputs;
  for (std::int64_t f = 0; f < filters; ++f) {
    Floats sums(static_cast<std::size_t>(height * width));
    for (std::int64_t r = 0; r < height; ++r) {
      for (std::int64_t c = 0; c < width; ++c) {
        float sum = 0;
        for (std::int64_t tap = 0; tap < 9 * channels; ++tap) {
          const std::int64_t y = r + tap % 9 / 3 - 1, x = c + tap % 3 - 1;
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          sum += sign(weights.weight[f * 9 * channels + tap]) * image[(tap / 9 * height + y) * width + x];
        }
        sums[r * width + c] = sum / divisor;
      }
    }
    for (std::int64_t r = 0; r < height; r += 2) {
      for (std::int64_t c = 0; c < width; c += 2) {
        float most = -std::numeric_limits<float>::infinity();
        for (std::int64_t y = std::max<std::int64_t>(r - 1, 0); y < std::min(r + 2, height); ++y) {
          for (std::int64_t x = std::max<std::int64_t>(c - 1, 0); x < std::min(c + 2, width); ++x) {
            most = std::max(most, sums[y * width + x]);
          }
        }
        outputs.push_back(norm(weights, f, most));
      }
    }
  }
  Bytes bits(static_cast<std::size_t>(sign_bytes(static_cast<std::int64_t>(outputs.size()))));
  pack_signs(outputs.data(), static_cast<std::int64_t>(outputs.size()), bits.data());
  return bits;
}

Bytes packed(const Floats& values) {
  Bytes bits(static_cast<std::size_t>(sign_bytes(static_cast<std::int64_t>(values.size()))));
  pack_signs(values.data(), static_cast<std::int64_t>(values.size()), bits.data());
  return bits;
}

/// Runs a kernel, and checks that it writes no further than its output.
template <class Kernel, class Input>
Bytes run(Kernel& kernel, const Input& input) {
  const auto bytes = static_cast<std::size_t>(sign_bytes(kernel.output().values()));
  Bytes bits(bytes + 1, 0xa5);
  kernel.run(input.data(), bits.data());
  EXPECT_EQ(bits.back(), 0xa5);
  bits.pop_back();
  return bits;
}

ImageSize draw_size(RandomStream& stream, std::int64_t most_channels) {
  const auto up_to = [&](std::int64_t most) {
    return 1 + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(most)));
  };
  return {up_to(most_channels), up_to(35), up_to(35)};
}

std::string text(const ImageSize& size, std::int64_t filters) {
  return std::to_string(filters) + " filters on " + std::to_string(size.channels) + "x" +
         std::to_string(size.height) + "x" + std::to_string(size.width);
}

TEST(PackedBinaryConv, IsTheLoopOverFloats) {
  RandomStream stream(1);
  for (int round = 0; round < 150; ++round) {
    const ImageSize size = draw_size(stream, round % 10 == 0 ? 140 : 24);
    const auto filters = 1 + static_cast<std::int64_t>(stream.below(16));
    SCOPED_TRACE(text(size, filters));
    const BinaryWeights weights = draw_weights(stream, filters, 9 * size.channels, 1);
    PackedBinaryConv kernel(weights, size);
    for (int sample = 0; sample < 2; ++sample) {  // leftovers of the first run must not matter
      Floats image = draw(stream, size.values());
      for (float& value : image) value = sign(value);
      ASSERT_EQ(run(kernel, packed(image)), plain_conv(weights, size, image, 1));
    }
  }
}

TEST(PackedImageConv, SumsOfBytesAreExact) {
  RandomStream stream(2);
  for (int round = 0; round < 150; ++round) {
    const ImageSize size = draw_size(stream, 14);
    const auto filters = 1 + static_cast<std::int64_t>(stream.below(16));
    SCOPED_TRACE(text(size, filters));
    const BinaryWeights weights = draw_weights(stream, filters, 9 * size.channels, 0.5F);
    PackedImageConv kernel(weights, size);
    Floats whole(static_cast<std::size_t>(size.values())), image;
    const bool bright = stream.below(4) == 0;  // sums at the ends of their range
    for (float& value : whole) {
      value = bright ? 255.0F : static_cast<float>(stream.below(256));
      image.push_back(stream.below(2) == 0 ? value / 255.0F : value * static_cast<float>(1.0 / 255));
    }
    ASSERT_EQ(run(kernel, image), plain_conv(weights, size, whole, 255));
  }
}

/// The sums of these numbers are exact in every order.
TEST(PackedImageConv, OtherImagesAreSummedAsFloats) {
  RandomStream stream(3);
  for (int round = 0; round < 150; ++round) {
    const ImageSize size = draw_size(stream, 24);
    const auto filters = 1 + static_cast<std::int64_t>(stream.below(16));
    SCOPED_TRACE(text(size, filters));
    const BinaryWeights weights = draw_weights(stream, filters, 9 * size.channels, 1);
    PackedImageConv kernel(weights, size);
    Floats image(static_cast<std::size_t>(size.values()));
    for (float& value : image) value = static_cast<float>(stream.below(2048)) / 1024 - 1;
    image[stream.below(image.size())] = 0.625F;  // is not k / 255, even if the image is small
    ASSERT_EQ(run(kernel, image), plain_conv(weights, size, image, 1));
    for (float& value : image) value = 1 + 3 * value;
    ASSERT_EQ(run(kernel, image), plain_conv(weights, size, image, 1));
    for (float& value : image) value = static_cast<float>(512 + stream.below(512)) / 1024;
    ASSERT_EQ(run(kernel, image), plain_conv(weights, size, image, 1));
  }
}

TEST(PackedImageConv, ManyBrightChannels) {
  for (std::int64_t channels = 12; channels < 20; ++channels) {
    const auto most =
        static_cast<float>(9 * channels);  // in bytes, more than 16 bits hold from 15 channels on
    const Floats weight(static_cast<std::size_t>(3 * 9 * channels), 1.0F);
    PackedImageConv kernel({weight, {1, 1, -1}, {-most, -most - 0.01F, most}}, {channels, 3, 3});
    EXPECT_EQ(run(kernel, Floats(weight.size() / 3, 1.0F)), (Bytes{0x0f, 0x0f})) << channels;
  }
}

TEST(PackedImageConv, OnePixelDecidesHowAnImageIsSummed) {
  const BinaryWeights weights{Floats(9, 1.0F), {1}, {-0.5F}};
  const ImageSize size{1, 1, 1};
  PackedImageConv kernel(weights, size);
  for (const float pixel : {0.5F, 0.4999F, -0.5F, 1.5F, 300.0F, -1e30F, 128 / 255.0F, 127 / 255.0F}) {
    EXPECT_EQ(run(kernel, Floats{pixel}), Bytes{static_cast<std::uint8_t>(pixel >= 0.5F)}) << pixel;
  }
}

TEST(PackedBinaryLinear, IsTheLoopOverFloats) {
  RandomStream stream(4);
  for (std::int64_t inputs : {1, 7, 8, 63, 64, 65, 140, 1000, 1024, 4097}) {
    const auto classes = 1 + static_cast<std::int64_t>(stream.below(12));
    const BinaryWeights weights = draw_weights(stream, classes, inputs, 1);
    PackedBinaryLinear kernel(weights, inputs);
    Floats values = draw(stream, inputs), expected;
    for (std::int64_t c = 0; c < classes; ++c) {
      float sum = 0;
      for (std::int64_t i = 0; i < inputs; ++i) {
        sum += sign(weights.weight[c * inputs + i]) * sign(values[i]);
      }
      expected.push_back(norm(weights, c, sum));
    }
    Bytes bits = packed(values);
    if (inputs % 8 != 0) bits.back() |= static_cast<std::uint8_t>(0xff << inputs % 8);  // unused bits
    Floats scores(static_cast<std::size_t>(classes) + 1, 77.0F);
    kernel.run(bits.data(), scores.data());
    EXPECT_EQ(scores.back(), 77.0F);
    scores.pop_back();
    EXPECT_EQ(scores, expected) << inputs;
  }
}

TEST(BinaryKernels, NormsAtTheirEdges) {
  const float inf = std::numeric_limits<float>::infinity(), most = std::numeric_limits<float>::max();
  const ImageSize one{1, 1, 1};
  struct Case {
    float scale, shift;
    bool of_minus, of_plus;  // outputs for the sums -1 and +1
  };
  for (const Case& c : {Case{0, 0, true, true}, Case{0, -0.0F, true, true}, Case{0, -1e-30F, false, false},
                        Case{-0.0F, 1, true, true}, Case{1, 1, true, true}, Case{1, 0.5F, false, true},
                        Case{-1, 1, true, true}, Case{-1, 0.5F, true, false}, Case{-1, -2, false, false},
                        Case{most, -most, false, true}, Case{1e-40F, 1e-40F, true, true}}) {
    const BinaryWeights weights{Floats(9, 1.0F), {c.scale}, {c.shift}};
    PackedBinaryConv of_signs(weights, one);
    PackedImageConv of_image(weights, one);
    for (const bool plus : {false, true}) {
      const Bytes expected{static_cast<std::uint8_t>(plus ? c.of_plus : c.of_minus)};
      EXPECT_EQ(run(of_signs, Bytes{static_cast<std::uint8_t>(plus)}), expected) << c.scale << " " << c.shift;
      EXPECT_EQ(run(of_image, Floats{plus ? 1.0F : -1.0F}), expected) << c.scale << " " << c.shift;
    }
  }
  for (const float bad : {inf, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_THROW(PackedBinaryConv({Floats(9), {bad}, {0}}, one), std::invalid_argument);
    EXPECT_THROW(PackedImageConv({Floats(9), {1}, {bad}}, one), std::invalid_argument);
    EXPECT_THROW(PackedBinaryLinear({Floats(9), {bad}, {0}}, 9), std::invalid_argument);
  }
}

TEST(BinaryKernels, SizesThatDoNotFit) {
  const BinaryWeights two{Floats(18), {1, 1}, {0, 0}};
  EXPECT_NO_THROW(PackedBinaryConv(two, {1, 2, 2}));
  EXPECT_THROW(PackedBinaryConv(two, {2, 2, 2}), std::invalid_argument);
  EXPECT_THROW(PackedBinaryConv(two, {1, 0, 2}), std::invalid_argument);
  EXPECT_THROW(PackedImageConv(two, {2, 2, 2}), std::invalid_argument);
  EXPECT_THROW(PackedImageConv(two, {1, 2, 0}), std::invalid_argument);
  EXPECT_THROW(PackedImageConv({{}, {}, {}}, {1, 2, 2}), std::invalid_argument);
  EXPECT_THROW(PackedBinaryConv({Floats(18), {1, 1}, {0}}, {1, 2, 2}), std::invalid_argument);
  EXPECT_NO_THROW(PackedBinaryLinear(two, 9));
  EXPECT_THROW(PackedBinaryLinear(two, 10), std::invalid_argument);
  EXPECT_THROW(PackedBinaryLinear(two, 0), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
