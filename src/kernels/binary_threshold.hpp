#pragma once

#include <cstdint>
#include <string>

#include "kernels/binary_kernels.hpp"

namespace deepfog {

// Private to the packed kernels.

/// sum * scale + shift, rounded twice: a fused operation would give other results than the network.
inline float normed(float sum, float scale, float shift) {
  const volatile float product = sum * scale;
  return product + shift;
}

/// Norm and sign after a max-pool, as a comparison before it. The norm rises with the sum, or falls if its
/// scale is negative, and a maximum is at least `from` exactly if one of its values is: output = (some sum of
/// the window >= from) != inverted.
template <class Number>
struct Threshold {
  Number from;
  bool inverted;
};

/// For sums in [-limit, limit] that stand for sum / divisor.
Threshold<std::int32_t> integer_threshold(float scale, float shift, std::int32_t limit, float divisor);
Threshold<float> float_threshold(float scale, float shift);

/// Throws std::invalid_argument unless there are outputs * each weights and as many scales and shifts as
/// outputs, all of them finite.
void expect_sizes(const BinaryWeights& weights, std::int64_t each, const std::string& what);

/// Throws std::invalid_argument unless all extents are at least 1.
void expect_image(const ImageSize& image, const std::string& what);

/// Pools the flags of one filter. Pixel (r, c) is flags[r * (width + 2) + c]. The two flags at the end of
/// every row, which this function sets to 0, are the border of the image, as is flags[-1], which must be 0.
/// @param scratch  [height * (width + 2)]
/// @param pooled   [ceil(height / 2), ceil(width / 2)]
void pool_flags(std::uint8_t* flags, const ImageSize& image, bool inverted, std::uint8_t* scratch,
                std::uint8_t* pooled);

}  // namespace deepfog
