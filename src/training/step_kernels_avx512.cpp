#include "training/step_kernels_body.hpp"

namespace deepfog {

StepKernels step_kernels_avx512() {
  return make_step_kernels<16, 8>("avx512");
}

}  // namespace deepfog
