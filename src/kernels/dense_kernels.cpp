#include "kernels/dense_kernels.hpp"

#include <cstdlib>
#include <cstring>

namespace deepfog {

DenseKernels dense_kernels_portable();
#if defined(__x86_64__)
DenseKernels dense_kernels_avx2();
DenseKernels dense_kernels_avx512();
#endif

namespace {

DenseKernels choose() {
#if defined(__x86_64__)
  const char* wanted = std::getenv("DEEPFOG_KERNEL");
  const auto allowed = [&](const char* name) { return wanted == nullptr || std::strcmp(wanted, name) == 0; };
  if (allowed("avx512") && __builtin_cpu_supports("avx512f")) return dense_kernels_avx512();
  if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return dense_kernels_avx2();
  }
#endif
  return dense_kernels_portable();
}

}  // namespace

const DenseKernels& dense_kernels() {
  static const DenseKernels chosen = choose();
  return chosen;
}

}  // namespace deepfog
