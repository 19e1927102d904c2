#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/cnn.hpp"

namespace deepfog::test {

inline torch::Tensor random_images(const ImageShape& shape, std::int64_t rows, std::uint64_t seed) {
  torch::Tensor images = torch::empty({rows, shape.channels, shape.height, shape.width});
  RandomStream stream(seed);
  float* values = images.data_ptr<float>();
  for (std::int64_t i = 0; i < images.numel(); ++i) values[i] = static_cast<float>(2 * stream.uniform() - 1);
  return images;
}

/// Draws every tensor, so that each has an effect: scales and variances around 1, biases and means around 0.
inline Weights random_weights(const CnnSpec& spec, std::uint64_t seed) {
  Cnn network(spec);
  network->initialise(seed);
  Weights weights = network->weights();
  RandomStream stream(seed + 1);
  for (NamedTensor& tensor : weights) {
    const bool matrix = tensor.shape.size() == 2 || tensor.shape.size() == 4;
    const std::string kind = tensor.name.substr(tensor.name.rfind('.') + 1);
    const bool scale = kind == "weight" || kind == "running_var" || kind == "layer_scale";
    if (matrix) continue;
    for (float& value : tensor.values)
      value = static_cast<float>((scale ? 0.6 : -0.2) + 0.4 * stream.uniform());
  }
  return weights;
}

inline Cnn network_of(const CnnSpec& spec, const Weights& weights) {
  Cnn network(spec);
  network->load(weights, "drawn");
  network->eval();
  return network;
}

/// The large networks get small images.
inline std::vector<CnnSpec> six_networks() {
  return {{"alexnet", {3, 64, 64}, 10},       {"vgg16_bn", {3, 32, 32}, 10},
          {"convnext_tiny", {3, 64, 64}, 10}, {"alexnet_small", {3, 32, 32}, 10},
          {"vgg_bn_small", {1, 28, 28}, 10},  {"convnext_small", {3, 32, 32}, 10}};
}

inline std::string name_of(const CnnSpec& spec) {
  return spec.name + " on " + std::to_string(spec.image.height);
}

}  // namespace deepfog::test
