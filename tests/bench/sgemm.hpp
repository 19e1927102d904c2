#pragma once

#include <dlfcn.h>
#include <torch/torch.h>

#include "timing.hpp"

namespace deepfog::bench {

/// Operations a second of one thread.
struct Rate {
  double wall = 0;
  double cpu = 0;  ///< by processor time
};

/// Of one large product through LibTorch's BLAS, over half a second: the figure that nobody beats.
inline Rate sgemm_rate(std::int64_t m, std::int64_t n, std::int64_t k) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::rand({m, k}), b = torch::rand({k, n});
  torch::Tensor c = torch::empty({m, n});
  torch::mm_out(c, a, b);
  const Timer timer;
  std::int64_t products = 0;
  for (; timer.seconds() < 0.5; ++products) torch::mm_out(c, a, b);
  const double operations = 2.0 * double(m) * double(n) * double(k) * double(products);
  return {operations / timer.seconds(), operations / timer.cpu_seconds()};
}

/// The processor whose kernels OpenBLAS has chosen (OPENBLAS_CORETYPE overrules it); "unknown" for another
/// BLAS.
inline const char* blas_core() {
  const auto name = reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return name != nullptr ? name() : "unknown";
}

}  // namespace deepfog::bench
