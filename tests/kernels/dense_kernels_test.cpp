#include "kernels/dense_kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/seed.hpp"

namespace deepfog {

DenseKernels dense_kernels_portable();
#if defined(__x86_64__)
DenseKernels dense_kernels_avx2();
DenseKernels dense_kernels_avx512();
#endif

namespace {

std::vector<DenseKernels> available() {
  std::vector<DenseKernels> kernels = {dense_kernels_portable()};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back(dense_kernels_avx2());
  if (__builtin_cpu_supports("avx512f")) kernels.push_back(dense_kernels_avx512());
#endif
  return kernels;
}

std::vector<float> random_floats(std::size_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  std::vector<float> values(size);
  for (float& value : values) value = float(2 * stream.uniform() - 1);
  return values;
}

constexpr std::int64_t kStride = 50;

/// Checks both layouts against sums in double; rows past the last must not change.
void check_product(const DenseKernels& kernels, bool transposed, std::int64_t rows, bool relu, bool add) {
  constexpr std::int64_t kDepth = 37;
  const std::vector<float> x = random_floats(kStride * kStride, 1),
                           panel = random_floats(kDepth * kStride, 2);
  const std::vector<float> bias = random_floats(kPanelWidth, 3), before = random_floats(60 * kStride, 4);
  std::vector<float> y = before;
  const Product product = transposed ? kernels.transposed_product : kernels.product;
  product(x.data(), kStride, rows, panel.data(), kStride, kDepth, add ? y.data() : bias.data(),
          add ? kStride : 0, relu, y.data(), kStride);
  for (std::int64_t r = 0; r < 60; ++r) {
    for (std::int64_t c = 0; c < kStride; ++c) {
      double expected = before[r * kStride + c];
      if (r < rows && c < kPanelWidth) {
        if (!add) expected = bias[c];
        for (std::int64_t k = 0; k < kDepth; ++k) {
          expected += double(x[transposed ? k * kStride + r : r * kStride + k]) * panel[k * kStride + c];
        }
        if (relu) expected = std::max(0.0, expected);
      }
      ASSERT_NEAR(y[r * kStride + c], expected, 1e-5) << kernels.name << " row " << r << " of " << rows;
    }
  }
}

TEST(DenseKernels, ProductsOfAnyNumberOfRows) {
  for (const DenseKernels& kernels : available()) {
    for (std::int64_t rows = 0; rows <= 33; ++rows) {
      for (int way = 0; way < 8; ++way) check_product(kernels, way & 1, rows, way & 2, way & 4);
    }
  }
}

TEST(DenseKernels, MaskAddAndSums) {
  for (const DenseKernels& kernels : available()) {
    const std::vector<float> y = random_floats(3 * kStride, 5), d = random_floats(3 * kStride, 6);
    std::vector<float> masked = d, added = d, sums(20);
    kernels.mask(y.data(), kStride, 3, 20, masked.data(), kStride);
    kernels.add_scaled(y.data(), kStride, 3, 20, 0.5F, added.data(), kStride);
    kernels.column_sums(d.data(), kStride, 3, 20, sums.data());
    for (std::int64_t i = 0; i < 3 * kStride; ++i) {
      const bool inside = i % kStride < 20;
      EXPECT_EQ(masked[i], inside && y[i] <= 0 ? 0.0F : d[i]);
      EXPECT_NEAR(added[i], inside ? d[i] + 0.5 * y[i] : d[i], 1e-6);
    }
    for (int c = 0; c < 20; ++c)
      EXPECT_NEAR(sums[c], double(d[c]) + d[kStride + c] + d[2 * kStride + c], 1e-6);
  }
}

TEST(DenseKernels, AdamByHand) {
  for (const DenseKernels& kernels : available()) {
    std::vector<float> value(19, 1.0F), first(19), second(19);
    const std::vector<float> gradient(19, 0.5F);
    OptimiserStep step;  // the first step of Adam moves by the learning rate, whatever the gradient
    step.rate = 0.01F / 0.1F;
    step.root = std::sqrt(0.001F);
    kernels.update(step, 19, gradient.data(), value.data(), first.data(), second.data());
    for (int i = 0; i < 19; ++i) {
      EXPECT_NEAR(value[i], 0.99, 1e-5) << kernels.name;
      EXPECT_NEAR(first[i], 0.05, 1e-6);
      EXPECT_NEAR(second[i], 0.00025, 1e-8);
    }
  }
}

}  // namespace
}  // namespace deepfog
