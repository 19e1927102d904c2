#include "training/step_kernels_body.hpp"

namespace deepfog {

StepKernels step_kernels_avx2() {
  return make_step_kernels<8, 3>("avx2");
}

}  // namespace deepfog
