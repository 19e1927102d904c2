#pragma once

// The body of the dense kernel, compiled once an instruction set (panel_kernel_*.cpp). Vectors are the
// compiler's own (vector_size), so there is one text for all of them.

#include <cstdint>
#include <cstring>

namespace deepfog {
namespace {

constexpr std::int64_t kPanel = 32;

/// @tparam Lanes floats a register; @tparam Rows rows kept in registers: Rows * 32 / Lanes accumulators
template <int Lanes, int Rows>
struct Panel {
  static constexpr int kVectors = kPanel / Lanes;
  typedef float Vector __attribute__((vector_size(Lanes * sizeof(float))));

  static Vector load(const float* from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
  }

  static void rows(const float* x, std::int64_t x_stride, const float* panel, std::int64_t in,
                   const float* bias, bool relu, float* y, std::int64_t y_stride) {
    Vector sum[Rows][kVectors];
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(bias + v * Lanes);
    }
    for (std::int64_t k = 0; k < in; ++k) {
      Vector w[kVectors];
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) w[v] = load(panel + k * kPanel + v * Lanes);
#pragma GCC unroll 32
      for (int r = 0; r < Rows; ++r) {
        const float value = x[r * x_stride + k];
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) sum[r][v] += value * w[v];
      }
    }
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) {
        const Vector zero = {};
        const Vector out = relu ? (sum[r][v] > zero ? sum[r][v] : zero) : sum[r][v];
        std::memcpy(y + r * y_stride + v * Lanes, &out, sizeof out);
      }
    }
  }

  static void all(const float* x, std::int64_t x_stride, std::int64_t count, const float* panel,
                  std::int64_t in, const float* bias, bool relu, float* y, std::int64_t y_stride) {
    std::int64_t r = 0;
    for (; r + Rows <= count; r += Rows)
      rows(x + r * x_stride, x_stride, panel, in, bias, relu, y + r * y_stride, y_stride);
    for (; r < count; ++r) {
      Panel<Lanes, 1>::rows(x + r * x_stride, x_stride, panel, in, bias, relu, y + r * y_stride, y_stride);
    }
  }
};

}  // namespace
}  // namespace deepfog
