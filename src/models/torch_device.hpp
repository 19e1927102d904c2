#pragma once

#include <torch/torch.h>

#include "models/device.hpp"

namespace deepfog {

/// The corresponding LibTorch device. From then on, products on a GPU are computed in full single precision.
torch::Device torch_device(const Device& device);

}  // namespace deepfog
