#include "kernels/dense_layer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/seed.hpp"

namespace deepfog {
namespace {

std::vector<float> draws(std::int64_t size, RandomStream& stream) {
  std::vector<float> values(size);
  for (float& value : values) value = float(2 * stream.uniform() - 1);
  return values;
}

/// Compares every remainder of rows, panels and inputs with plain loops in double; CMake runs the test once
/// per kernel (DEEPFOG_KERNEL).
TEST(DenseLayer, EqualsPlainLoopsForOddSizes) {
  const char* wanted = std::getenv("DEEPFOG_KERNEL");
  if (wanted != nullptr && std::strcmp(wanted, dense_kernels().name) != 0) {
    GTEST_SKIP() << "this processor has no " << wanted;
  }
  RandomStream stream(1);
  for (std::int64_t out : {1, 3, 31, 32, 33, 70}) {
    for (std::int64_t in : {1, 7, 32, 250}) {
      for (std::int64_t rows : {1, 2, 3, 11, 12, 13, 30}) {
        for (bool relu : {false, true}) {
          const std::vector<float> weight = draws(out * in, stream), bias = draws(out, stream);
          const std::int64_t x_stride = in + 5;
          const std::vector<float> x = draws(rows * x_stride, stream);
          const DenseLayer layer(weight.data(), bias.data(), in, out, relu);
          std::vector<float> y(rows * layer.stride(), NAN);
          layer.apply(x.data(), x_stride, rows, y.data(), layer.stride());
          for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t o = 0; o < layer.stride(); ++o) {
              double sum = o < out ? bias[o] : 0.0;
              for (std::int64_t i = 0; i < in && o < out; ++i) {
                sum += double(weight[o * in + i]) * x[r * x_stride + i];
              }
              if (relu) sum = std::max(0.0, sum);
              ASSERT_NEAR(y[r * layer.stride() + o], sum, 2e-5)
                  << out << " x " << in << ", row " << r << " of " << rows << ", output " << o;
            }
          }
        }
      }
    }
  }
}

TEST(DenseLayer, NoBiasIsZero) {
  const float weight[] = {2, 3};
  const float x[] = {1, 10};
  const DenseLayer layer(weight, nullptr, 2, 1, false);
  std::vector<float> y(layer.stride());
  layer.apply(x, 2, 1, y.data(), layer.stride());
  EXPECT_EQ(y[0], 32.0F);
}

}  // namespace
}  // namespace deepfog
