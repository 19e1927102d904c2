#include "kernels/dense_kernels_body.hpp"

namespace deepfog {

DenseKernels dense_kernels_portable() {
  return make_dense_kernels<4, 2, 2>("portable");
}

}  // namespace deepfog
