#pragma once

// The bodies of the dense kernels, compiled once per instruction set (dense_kernels_*.cpp). They use the
// compiler's vector types (vector_size), so the same source serves all sets.

#include <cmath>
#include <cstring>

#include "kernels/dense_kernels.hpp"

namespace deepfog {
namespace {

/// @tparam Lanes floats per register
/// @tparam Rows  rows kept in registers, which take Rows * 32 / Lanes accumulators
template <int Lanes, int Rows, bool Transposed>
struct Tile {
  static constexpr int kVectors = kPanelWidth / Lanes;
  typedef float Vector __attribute__((vector_size(Lanes * sizeof(float))));

  static Vector load(const float* from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
  }

  static void rows(const float* x, std::int64_t x_stride, const float* panel, std::int64_t panel_stride,
                   std::int64_t depth, const float* start, std::int64_t start_stride, bool relu, float* y,
                   std::int64_t y_stride) {
    Vector sum[Rows][kVectors];
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(start + r * start_stride + v * Lanes);
    }
    for (std::int64_t k = 0; k < depth; ++k) {
      Vector w[kVectors];
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) w[v] = load(panel + k * panel_stride + v * Lanes);
#pragma GCC unroll 32
      for (int r = 0; r < Rows; ++r) {
        const float value = Transposed ? x[k * x_stride + r] : x[r * x_stride + k];
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) sum[r][v] += value * w[v];
      }
    }
    const Vector zero = {};
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) {
        const Vector out = relu ? (sum[r][v] > zero ? sum[r][v] : zero) : sum[r][v];
        std::memcpy(y + r * y_stride + v * Lanes, &out, sizeof out);
      }
    }
  }

  /// Remaining rows are handled by tiles of half the height.
  static void all(const float* x, std::int64_t x_stride, std::int64_t count, const float* panel,
                  std::int64_t panel_stride, std::int64_t depth, const float* start,
                  std::int64_t start_stride, bool relu, float* y, std::int64_t y_stride) {
    const std::int64_t x_row = Transposed ? 1 : x_stride;
    std::int64_t r = 0;
    for (; r + Rows <= count; r += Rows) {
      rows(x + r * x_row, x_stride, panel, panel_stride, depth, start + r * start_stride, start_stride, relu,
           y + r * y_stride, y_stride);
    }
    if constexpr (Rows > 1) {
      if (r < count) {
        Tile<Lanes, Rows / 2, Transposed>::all(x + r * x_row, x_stride, count - r, panel, panel_stride, depth,
                                               start + r * start_stride, start_stride, relu, y + r * y_stride,
                                               y_stride);
      }
    }
  }
};

inline void mask(const float* y, std::int64_t y_stride, std::int64_t rows, std::int64_t width, float* d,
                 std::int64_t d_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < width; ++c) {
      d[r * d_stride + c] = y[r * y_stride + c] > 0.0F ? d[r * d_stride + c] : 0.0F;
    }
  }
}

inline void add_scaled(const float* __restrict x, std::int64_t x_stride, std::int64_t rows,
                       std::int64_t width, float scale, float* __restrict y, std::int64_t y_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < width; ++c) y[r * y_stride + c] += scale * x[r * x_stride + c];
  }
}

inline void column_sums(const float* __restrict d, std::int64_t d_stride, std::int64_t rows,
                        std::int64_t width, float* __restrict sums) {
  std::memset(sums, 0, static_cast<std::size_t>(width) * sizeof(float));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < width; ++c) sums[c] += d[r * d_stride + c];
  }
}

inline void update(const OptimiserStep& step, std::int64_t size, const float* __restrict gradient,
                   float* __restrict values, float* __restrict first, float* __restrict second) {
  const float rate = step.rate, decay = step.weight_decay, scale = 1.0F / step.root;
  switch (step.kind) {
    case OptimiserStep::Kind::adam:
      for (std::int64_t i = 0; i < size; ++i) {
        const float g = gradient[i] + decay * values[i];
        first[i] = 0.9F * first[i] + static_cast<float>(1 - 0.9) * g;
        second[i] = 0.999F * second[i] + static_cast<float>(1 - 0.999) * g * g;
        values[i] -= rate * first[i] / (std::sqrt(second[i]) * scale + 1e-8F);
      }
      break;
    case OptimiserStep::Kind::adagrad:
      for (std::int64_t i = 0; i < size; ++i) {
        const float g = gradient[i] + decay * values[i];
        second[i] += g * g;
        values[i] -= rate * g / (std::sqrt(second[i]) + 1e-10F);
      }
      break;
    case OptimiserStep::Kind::rmsprop:
      for (std::int64_t i = 0; i < size; ++i) {
        const float g = gradient[i] + decay * values[i];
        second[i] = 0.99F * second[i] + static_cast<float>(1 - 0.99) * g * g;
        values[i] -= rate * g / (std::sqrt(second[i]) + 1e-8F);
      }
      break;
    case OptimiserStep::Kind::sgd:
      for (std::int64_t i = 0; i < size; ++i) {
        first[i] = 0.9F * first[i] + gradient[i] + decay * values[i];
        values[i] -= rate * first[i];
      }
      break;
  }
}

/// @tparam Rows  of the product; @tparam TransposedRows  of the transposed one
template <int Lanes, int Rows, int TransposedRows>
DenseKernels make_dense_kernels(const char* name) {
  return {Tile<Lanes, Rows, false>::all,
          Tile<Lanes, TransposedRows, true>::all,
          mask,
          add_scaled,
          column_sums,
          update,
          name};
}

}  // namespace
}  // namespace deepfog
