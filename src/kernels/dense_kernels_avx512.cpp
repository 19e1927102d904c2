#include "kernels/dense_kernels_body.hpp"

namespace deepfog {

DenseKernels dense_kernels_avx512() {
  return make_dense_kernels<16, 12, 8>("avx512");
}

}  // namespace deepfog
