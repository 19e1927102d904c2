#include "kernels/dense_kernels_body.hpp"

namespace deepfog {

DenseKernels dense_kernels_avx2() {
  return make_dense_kernels<8, 3, 3>("avx2");
}

}  // namespace deepfog
