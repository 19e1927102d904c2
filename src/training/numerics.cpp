#include <dlfcn.h>
#include <malloc.h>
#include <torch/torch.h>

#include <climits>
#include <cstdlib>

#include "training/trainer.hpp"

namespace deepfog {

void set_threads(int threads) {
  at::set_num_threads(threads);
  // Adam's moments of units without gradient decay into denormals, which are a hundred times slower than
  // normal numbers.
  at::globalContext().setFlushDenormal(true);
#ifdef M_MMAP_THRESHOLD
  // glibc maps and unmaps every tensor above 128 kB; at these sizes, the page faults would cost more than the
  // arithmetic.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

NumericsInfo numerics_info() {
  NumericsInfo info;
  info.torch_version = TORCH_VERSION;
  info.blas_library = "unknown";
  Dl_info library;
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm != nullptr && dladdr(sgemm, &library) != 0 && library.dli_fname != nullptr) {
    char* real = realpath(library.dli_fname, nullptr);
    info.blas_library = real != nullptr ? real : library.dli_fname;
    std::free(real);
  }
  // Debian keeps the reference BLAS in .../blas/libblas.so.3*; fast libraries have their own folder or name.
  info.reference_blas = info.blas_library.find("/blas/libblas.so") != std::string::npos;
  return info;
}

GpuInfo gpu_info() {
  GpuInfo info;
  info.cuda = at::globalContext().hasCUDART();
  info.count = visible_gpus();
  return info;
}

int default_threads() {
  return at::get_num_threads();
}

}  // namespace deepfog
