#include "evaluation/dense_kernel.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace deepfog {

#define DEEPFOG_PANEL_KERNEL(name)                                                               \
  void panel_kernel_##name(const float*, std::int64_t, std::int64_t, const float*, std::int64_t, \
                           const float*, bool, float*, std::int64_t)
DEEPFOG_PANEL_KERNEL(portable);
#if defined(__x86_64__)
DEEPFOG_PANEL_KERNEL(avx2);
DEEPFOG_PANEL_KERNEL(avx512);
#endif

namespace {

struct Choice {
  PanelKernel kernel;
  const char* name;
};

Choice choose() {
  const char* wanted = std::getenv("DEEPFOG_KERNEL");
  const auto allowed = [&](const char* name) { return wanted == nullptr || std::strcmp(wanted, name) == 0; };
#if defined(__x86_64__)
  if (allowed("avx512") && __builtin_cpu_supports("avx512f")) return {panel_kernel_avx512, "avx512"};
  if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {panel_kernel_avx2, "avx2"};
  }
#endif
  return {panel_kernel_portable, "portable"};
}

const Choice& choice() {
  static const Choice chosen = choose();
  return chosen;
}

}  // namespace

PanelKernel panel_kernel() {
  return choice().kernel;
}
const char* panel_kernel_name() {
  return choice().name;
}

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
    float* panel = weights_.data() + o / kRowPadding * kRowPadding * in + o % kRowPadding;
    for (std::int64_t i = 0; i < in; ++i) panel[i * kRowPadding] = weight[o * in + i];
    bias_.data()[o] = bias == nullptr ? 0.0F : bias[o];
  }
}

void DenseLayer::apply(const float* x, std::int64_t x_stride, std::int64_t rows, float* y,
                       std::int64_t y_stride) const {
  const PanelKernel kernel = panel_kernel();
  for (std::int64_t o = 0; o < padded(out_); o += kRowPadding) {
    kernel(x, x_stride, rows, weights_.data() + o * in_, in_, bias_.data() + o, relu_, y + o, y_stride);
  }
}

}  // namespace deepfog
