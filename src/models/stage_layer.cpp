#include "models/stage_layer.hpp"

#include <cmath>

namespace deepfog {

void fill_glorot(torch::Tensor weight, RandomStream& stream) {
  const std::int64_t window = weight.dim() == 4 ? weight.size(2) * weight.size(3) : 1;
  const double bound = std::sqrt(6.0 / double((weight.size(0) + weight.size(1)) * window));
  float* values = weight.data_ptr<float>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>((2.0 * stream.uniform() - 1.0) * bound);
  }
}

StageLayer::StageLayer(const Layer& layer, std::int64_t inputs, const Shape& shape)
    : body_(make_body(layer, {inputs, shape}, tensors_)) {}

void StageLayer::initialise(RandomStream& stream) {
  for (const LayerTensor& tensor : tensors()) {
    const std::size_t dot = tensor.name.rfind('.');
    if (tensor.tensor.dim() > 1) {
      fill_glorot(tensor.tensor, stream);
    } else if (tensor.name.substr(dot == std::string::npos ? 0 : dot + 1) == "bias") {
      tensor.tensor.zero_();
    }
  }
}

}  // namespace deepfog
