#include "models/device.hpp"

#include <torch/torch.h>

#include "core/error.hpp"
#include "models/torch_device.hpp"

namespace deepfog {

int visible_gpus() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

Device choose_device(const std::string& word, int local_rank, int gpus) {
  if (word == "cpu") return {};
  if (word != "cuda") throw UserError("--device", "unknown '" + word + "'", "cpu, cuda allowed");
  if (gpus < 1) throw UserError("--device cuda", "this LibTorch sees no GPU", "cpu allowed");
  return {local_rank % gpus};
}

torch::Device torch_device(const Device& device) {
  if (!device.is_gpu()) return torch::kCPU;
  // TF32 has 10 bits of mantissa instead of 23, so products would be off by a thousandth.
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);  // the same algorithm every time
  at::globalContext().setBenchmarkCuDNN(false);
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(device.gpu)};
}

}  // namespace deepfog
