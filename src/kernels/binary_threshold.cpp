#include "kernels/binary_threshold.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DEEPFOG_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define DEEPFOG_CLONES
#endif

namespace deepfog {
namespace {

/// The first number from low to high for which `holds`, which must stay true once it is; high + 1 if there is
/// none.
template <class Holds>
std::int64_t first_of(std::int64_t low, std::int64_t high, const Holds& holds) {
  std::int64_t end = high + 1;
  while (low < end) {
    const std::int64_t middle = low + (end - low) / 2;
    if (holds(middle)) {
      end = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// Enumerates the floats in ascending order: number 0 is 0.0, number 1 is the next float above, and the last
/// is infinity.
float float_of(std::int64_t number) {
  const auto bits = static_cast<std::uint32_t>(number < 0 ? -number : number);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return number < 0 ? -value : value;
}

constexpr std::int64_t kInfinity = 0x7f800000;

}  // namespace

Threshold<std::int32_t> integer_threshold(float scale, float shift, std::int32_t limit, float divisor) {
  const bool falls = scale < 0;
  const auto on = [&](std::int64_t sum) {
    return (normed(static_cast<float>(sum) / divisor, scale, shift) >= 0) != falls;
  };
  return {static_cast<std::int32_t>(first_of(-limit, limit, on)), falls};
}

Threshold<float> float_threshold(float scale, float shift) {
  const bool falls = scale < 0;
  const auto on = [&](std::int64_t number) { return (normed(float_of(number), scale, shift) >= 0) != falls; };
  return {float_of(first_of(1 - kInfinity, kInfinity - 1, on)), falls};
}

void expect_sizes(const BinaryWeights& weights, std::int64_t each, const std::string& what) {
  const auto& [weight, scale, shift] = weights;
  if (scale.empty() || scale.size() != shift.size() ||
      weight.size() != scale.size() * static_cast<std::size_t>(each)) {
    throw std::invalid_argument(what + ": " + std::to_string(weight.size()) + " weights, " +
                                std::to_string(scale.size()) + " scales and " + std::to_string(shift.size()) +
                                " shifts for " + std::to_string(each) + " inputs an output");
  }
  for (std::size_t i = 0; i < scale.size(); ++i) {
    if (!std::isfinite(scale[i]) || !std::isfinite(shift[i])) {
      throw std::invalid_argument(what + ": the norm of output " + std::to_string(i) + " is not finite");
    }
  }
}

void expect_image(const ImageSize& image, const std::string& what) {
  if (image.channels < 1 || image.height < 1 || image.width < 1) {
    throw std::invalid_argument(what + ": image of " + std::to_string(image.channels) + "x" +
                                std::to_string(image.height) + "x" + std::to_string(image.width));
  }
}

DEEPFOG_CLONES void pool_flags(std::uint8_t* flags, const ImageSize& image, bool inverted,
                               std::uint8_t* __restrict scratch, std::uint8_t* __restrict pooled) {
  const std::int64_t width = image.width, stride = width + 2, most = image.height * stride;
  const std::uint8_t flip = inverted ? 1 : 0;
  for (std::int64_t r = 0; r < image.height; ++r) flags[r * stride + width] = flags[(r + 1) * stride - 1] = 0;
  // One loop over all pixels, because loops over short rows would cost more than their work.
  for (std::int64_t p = 0; p < most - 1; ++p) scratch[p] = flags[p - 1] | flags[p] | flags[p + 1];
  for (std::int64_t r = 0; r < image.height; r += 2, pooled += (width + 1) / 2) {
    const std::uint8_t* at = scratch + r * stride;
    const std::uint8_t* above = r > 0 ? at - stride : at;
    const std::uint8_t* below = r + 1 < image.height ? at + stride : at;
    for (std::int64_t c = 0; c < (width + 1) / 2; ++c) {
      pooled[c] = (above[2 * c] | at[2 * c] | below[2 * c]) ^ flip;
    }
  }
}

}  // namespace deepfog
