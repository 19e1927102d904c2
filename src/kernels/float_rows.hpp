#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "kernels/dense_kernels.hpp"

namespace deepfog {

/// Rows of floats, `stride` floats apart in memory.
struct RowsView {
  const float* data = nullptr;
  std::int64_t stride = 0;
  const float* row(std::int64_t r) const { return data + r * stride; }
};

/// A zero-initialised matrix of floats, padded to whole panels. Rows are an odd number of cache lines apart,
/// so that walking down a column does not use only a few sets of the cache.
class FloatRows {
 public:
  FloatRows() = default;
  FloatRows(std::int64_t rows, std::int64_t width)
      : stride_((width + kPanelWidth - 1) / kPanelWidth * kPanelWidth + kLine) {
    const std::size_t bytes = static_cast<std::size_t>(rows * stride_) * sizeof(float);
    data_.reset(static_cast<float*>(std::aligned_alloc(kLine * sizeof(float), bytes)));
    if (data_ == nullptr) throw std::bad_alloc();
    std::memset(data_.get(), 0, bytes);
  }
  std::int64_t stride() const { return stride_; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  float* row(std::int64_t r) { return data_.get() + r * stride_; }
  RowsView view() const { return {data_.get(), stride_}; }

 private:
  static constexpr std::int64_t kLine = 16;
  struct Free {
    void operator()(float* memory) const { std::free(memory); }
  };
  std::unique_ptr<float, Free> data_;
  std::int64_t stride_ = 0;
};

}  // namespace deepfog
