#pragma once

#include <cstdint>
#include <memory>

#include "kernels/dense_kernels.hpp"

namespace deepfog {

/// Floats that a row of `width` activations takes; the padding is always zero.
inline std::int64_t padded(std::int64_t width) {
  return (width + kPanelWidth - 1) / kPanelWidth * kPanelWidth;
}

/// Zero-initialised floats whose memory begins at a cache line.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::int64_t size);
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::int64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float, Free> data_;
  std::int64_t size_ = 0;
};

/// One dense layer with its weights packed for the kernel: panels of 32 outputs, [panel][in][32]. Weights
/// past the last output are zero, so a padded row of outputs needs no special case.
class DenseLayer {
 public:
  /// @param weight [out, in] row-major
  /// @param bias   [out] or null
  DenseLayer(const float* weight, const float* bias, std::int64_t in, std::int64_t out, bool relu);
  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }
  std::int64_t stride() const { return padded(out_); }  ///< floats per row of y

  /// Computes y[r, :] = act(x[r, 0..in) W^T + b) for `rows` rows; x_stride >= in, y_stride >= stride(). The
  /// padding of y becomes zero.
  void apply(const float* x, std::int64_t x_stride, std::int64_t rows, float* y, std::int64_t y_stride) const;

 private:
  std::int64_t in_, out_;
  bool relu_;
  AlignedFloats weights_, bias_;
};

}  // namespace deepfog
