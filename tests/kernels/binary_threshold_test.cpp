#include "kernels/binary_threshold.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace deepfog {
namespace {

TEST(BinaryThreshold, OfIntegersAgreesWithTheNormOfEverySum) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<std::pair<float, float>> norms = {{0, 1},  {0, -1},   {0, 0},    {1, 0},
                                                {-1, 0}, {1, 1e9F}, {-1, 1e9F}};
  for (int i = 0; i < 50; ++i) norms.emplace_back(normal(random), 5 * normal(random));
  for (const auto& [scale, shift] : norms) {
    for (const float divisor : {1.0F, 3.0F}) {
      const auto threshold = integer_threshold(scale, shift, 20, divisor);
      for (std::int32_t sum = -20; sum <= 20; ++sum) {
        const bool fires = normed(static_cast<float>(sum) / divisor, scale, shift) >= 0;
        EXPECT_EQ((sum >= threshold.from) != threshold.inverted, fires)
            << scale << ' ' << shift << ' ' << sum;
      }
    }
  }
}

TEST(BinaryThreshold, OfFloatsIsExactToTheNeighbouringFloat) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  const float infinity = std::numeric_limits<float>::infinity();
  for (int i = 0; i < 200; ++i) {
    const float scale = normal(random), shift = normal(random);
    const auto threshold = float_threshold(scale, shift);
    for (const float sum : {threshold.from, std::nextafter(threshold.from, infinity),
                            std::nextafter(threshold.from, -infinity), normal(random), 0.0F}) {
      EXPECT_EQ((sum >= threshold.from) != threshold.inverted, normed(sum, scale, shift) >= 0)
          << scale << ' ' << shift << ' ' << sum;
    }
  }
}

TEST(BinaryThreshold, PoolingIsAMaximumOfThreeByThreeInStepsOfTwo) {
  std::mt19937 random(3);
  for (const std::int64_t height : {1, 2, 5, 8}) {
    for (const std::int64_t width : {1, 2, 7, 16}) {
      const std::int64_t stride = width + 2, down = (height + 1) / 2, across = (width + 1) / 2;
      std::vector<std::uint8_t> flags(static_cast<std::size_t>(height * stride) + 1, 1);
      flags[0] = 0;  // the borders behind the rows hold 1 and must be cleared
      for (std::int64_t r = 0; r < height; ++r) {
        for (std::int64_t c = 0; c < width; ++c) {
          flags[static_cast<std::size_t>(1 + r * stride + c)] = random() % 5 == 0;
        }
      }
      const auto fires = [&](std::int64_t r, std::int64_t c) {
        return r >= 0 && r < height && c >= 0 && c < width &&
               flags[static_cast<std::size_t>(1 + r * stride + c)];
      };
      for (const bool inverted : {false, true}) {
        std::vector<std::uint8_t> scratch(static_cast<std::size_t>(height * stride));
        std::vector<std::uint8_t> pooled(static_cast<std::size_t>(down * across) + 1, 9);
        pool_flags(flags.data() + 1, {1, height, width}, inverted, scratch.data(), pooled.data());
        for (std::int64_t i = 0; i < down * across; ++i) {
          bool any = false;
          for (int near = 0; near < 9; ++near) {
            any |= fires(i / across * 2 + near / 3 - 1, i % across * 2 + near % 3 - 1);
          }
          EXPECT_EQ(pooled[static_cast<std::size_t>(i)], any != inverted)
              << height << 'x' << width << " at " << i;
        }
        EXPECT_EQ(pooled.back(), 9) << "written behind the end";
      }
    }
  }
}

TEST(BinaryThreshold, SizesAndNormsAreChecked) {
  const float infinity = std::numeric_limits<float>::infinity();
  BinaryWeights good;
  good.weight.resize(6);
  good.scale = {1, 2};
  good.shift = {0, 0};
  EXPECT_NO_THROW(expect_sizes(good, 3, "layer"));
  EXPECT_THROW(expect_sizes(good, 2, "layer"), std::invalid_argument);
  EXPECT_THROW(expect_sizes({}, 3, "layer"), std::invalid_argument);
  BinaryWeights bad = good;
  bad.shift.pop_back();
  EXPECT_THROW(expect_sizes(bad, 3, "layer"), std::invalid_argument);
  for (const float value : {infinity, -infinity, std::nanf("")}) {
    bad = good;
    bad.scale[1] = value;
    EXPECT_THROW(expect_sizes(bad, 3, "layer"), std::invalid_argument) << value;
    bad = good;
    bad.shift[0] = value;
    EXPECT_THROW(expect_sizes(bad, 3, "layer"), std::invalid_argument) << value;
  }
  EXPECT_NO_THROW(expect_image({1, 1, 1}, "image"));
  for (const ImageSize& image : {ImageSize{0, 1, 1}, ImageSize{1, 0, 1}, ImageSize{1, 1, -1}}) {
    EXPECT_THROW(expect_image(image, "image"), std::invalid_argument);
  }
}

}  // namespace
}  // namespace deepfog
