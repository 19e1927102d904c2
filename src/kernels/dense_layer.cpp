#include "kernels/dense_layer.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace deepfog {

AlignedFloats::AlignedFloats(std::int64_t size) : size_(size) {
  const std::size_t bytes = (static_cast<std::size_t>(size) * sizeof(float) + 63) / 64 * 64;
  if (bytes == 0) return;
  data_.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
  if (data_ == nullptr) throw std::bad_alloc();
  std::memset(data_.get(), 0, bytes);
}

void AlignedFloats::Free::operator()(float* memory) const {
  std::free(memory);
}

DenseLayer::DenseLayer(const float* weight, const float* bias, std::int64_t in, std::int64_t out, bool relu)
    : in_(in), out_(out), relu_(relu), weights_(padded(out) * in), bias_(padded(out)) {
  for (std::int64_t o = 0; o < out; ++o) {
    float* panel = weights_.data() + o / kPanelWidth * kPanelWidth * in + o % kPanelWidth;
    for (std::int64_t i = 0; i < in; ++i) panel[i * kPanelWidth] = weight[o * in + i];
    bias_.data()[o] = bias == nullptr ? 0.0F : bias[o];
  }
}

void DenseLayer::apply(const float* x, std::int64_t x_stride, std::int64_t rows, float* y,
                       std::int64_t y_stride) const {
  const Product product = dense_kernels().product;
  for (std::int64_t o = 0; o < padded(out_); o += kPanelWidth) {
    product(x, x_stride, rows, weights_.data() + o * in_, kPanelWidth, in_, bias_.data() + o, 0, relu_, y + o,
            y_stride);
  }
}

}  // namespace deepfog
