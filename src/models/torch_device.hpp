#pragma once

#include <torch/torch.h>

#include "models/device.hpp"

namespace deepfog {

/// The same in LibTorch's word. On a GPU products are computed in whole single precision from here on.
torch::Device torch_device(const Device& device);

}  // namespace deepfog
