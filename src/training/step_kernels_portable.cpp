#include "training/step_kernels_body.hpp"

namespace deepfog {

StepKernels step_kernels_portable() {
  return make_step_kernels<4, 2>("portable");
}

}  // namespace deepfog
