#include "evaluation/panel_kernel.hpp"

namespace deepfog {

void panel_kernel_avx2(const float* x, std::int64_t x_stride, std::int64_t rows, const float* panel,
                       std::int64_t in, const float* bias, bool relu, float* y, std::int64_t y_stride) {
  Panel<8, 3>::all(x, x_stride, rows, panel, in, bias, relu, y, y_stride);
}

}  // namespace deepfog
