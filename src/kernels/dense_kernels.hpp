#pragma once

#include <cstdint>

namespace deepfog {

/// The outputs per panel: weights are stored as [panel][in][32], and rows of activations are padded to whole
/// panels.
inline constexpr std::int64_t kPanelWidth = 32;

/// The parameters of one step of an optimiser over a flat array. Values that depend on the step are already
/// computed. The formulas and their constants are LibTorch's.
struct OptimiserStep {
  enum class Kind { adam, adagrad, rmsprop, sgd };
  Kind kind = Kind::adam;
  float rate = 0;          ///< adam: learning rate / (1 - 0.9^step)
  float weight_decay = 0;  ///< multiplied by the parameter and added to the gradient
  float root = 1;          ///< adam: sqrt(1 - 0.999^step)
};

/// y[r, 0..32) = act(start[r, :] + sum over k < depth of x(r, k) panel[k, :]) for `rows` rows. start_stride 0
/// repeats one row (a bias); start = y adds to the existing values. x(r, k) is x[r * x_stride + k], or
/// x[k * x_stride + r] in the transposed product. Strides are in floats.
using Product = void (*)(const float* x, std::int64_t x_stride, std::int64_t rows, const float* panel,
                         std::int64_t panel_stride, std::int64_t depth, const float* start,
                         std::int64_t start_stride, bool relu, float* y, std::int64_t y_stride);

/// The inner loops of dense layers and of their training, compiled once per instruction set.
struct DenseKernels {
  Product product, transposed_product;
  /// Sets d[r, c] = 0 if y[r, c] is 0: the derivative of relu.
  void (*mask)(const float* y, std::int64_t y_stride, std::int64_t rows, std::int64_t width, float* d,
               std::int64_t d_stride);
  /// y[r, c] += scale * x[r, c]
  void (*add_scaled)(const float* x, std::int64_t x_stride, std::int64_t rows, std::int64_t width,
                     float scale, float* y, std::int64_t y_stride);
  /// sums[c] = sum of d[r, c] over the rows
  void (*column_sums)(const float* d, std::int64_t d_stride, std::int64_t rows, std::int64_t width,
                      float* sums);
  /// `first` and `second` are the optimiser's state, zero before the first step.
  void (*update)(const OptimiserStep& step, std::int64_t size, const float* gradient, float* values,
                 float* first, float* second);
  const char* name;  ///< "avx512", "avx2" or "portable"
};

/// The kernels for this processor; DEEPFOG_KERNEL=NAME selects another set that the processor supports.
const DenseKernels& dense_kernels();

}  // namespace deepfog
