#include "training/step_kernels.hpp"

#include <cstdlib>
#include <cstring>

namespace deepfog {

StepKernels step_kernels_portable();
#if defined(__x86_64__)
StepKernels step_kernels_avx2();
StepKernels step_kernels_avx512();
#endif

namespace {

StepKernels choose() {
#if defined(__x86_64__)
  const char* wanted = std::getenv("DEEPFOG_KERNEL");
  const auto allowed = [&](const char* name) { return wanted == nullptr || std::strcmp(wanted, name) == 0; };
  if (allowed("avx512") && __builtin_cpu_supports("avx512f")) return step_kernels_avx512();
  if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return step_kernels_avx2();
  }
#endif
  return step_kernels_portable();
}

}  // namespace

const StepKernels& step_kernels() {
  static const StepKernels chosen = choose();
  return chosen;
}

}  // namespace deepfog
