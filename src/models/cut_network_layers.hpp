#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"

namespace deepfog {

/// Indices of neurons or channels, ascending.
using Neurons = std::vector<std::int64_t>;

/// A convolution or linear layer whose output channels (its *neurons*) are computed by different devices
/// (RobustDiCE, section 4: horizontal partitioning of every layer). After the layer, the devices exchange
/// their parts; the next layer reads the whole, *gathered* output, with zeros for neurons that no device
/// supplied.
struct CutLayer {
  std::string name;  ///< TorchVision's module, e.g. "features.0": its tensors are name.weight, name.bias
  enum class Kind { convolution, linear } kind = Kind::convolution;
  std::int64_t neurons = 0;
  std::int64_t inputs = 0;                ///< channels of the gathered input: the neurons of the layer before
  std::vector<std::int64_t> input_shape;  ///< of one channel of the gathered input: {height, width} or {}
  std::vector<std::int64_t> output_shape;  ///< of one neuron after its own operations: {height, width} or {}
  bool dense_input = false;  ///< a layer norm mixes the channels first, so dead channels stay in the product
  bool depthwise = false;    ///< neuron c reads channel c only
  int residual = -1;         ///< layer whose gathered input is added to the output; -1: none
  int last_use = 0;  ///< the last layer that needs this layer's gathered input: this one, or one that adds it
  std::int64_t neuron_bytes = 0;  ///< float32 of one neuron in the state dict: weights, bias, batch norm ...
  std::int64_t shared_bytes = 0;  ///< bytes of the layer norms before it, which every device holds completely
  std::int64_t multiplications = 0;  ///< of one neuron and one image if all inputs are alive

  /// The number of values that one neuron sends per image.
  std::int64_t output_values() const { return output_shape.empty() ? 1 : output_shape[0] * output_shape[1]; }
};

/// The steps of a cut layer: on the whole gathered input, the product, and inside each neuron.
struct CutSteps {
  std::vector<Step> before;  ///< layer norm, flatten
  Step product;              ///< convolution or linear
  std::vector<Step> folded;  ///< batch norm, layer scale: folded into the weights of the product
  std::vector<Step> after;   ///< relu, gelu, pooling, add
};

/// A network cut at every convolution and linear layer. Dropout and stochastic depth are left out because
/// they do nothing at inference.
struct CutPlan {
  CnnSpec spec;
  std::vector<CutLayer> layers;
  std::vector<CutSteps> steps;  ///< one entry per layer

  /// Bytes that a device holds for this number of neurons of a layer. The sum for all neurons of all layers
  /// is the size of the state dict.
  std::int64_t weight_bytes(int layer, std::int64_t neurons) const {
    const CutLayer& of = layers.at(static_cast<std::size_t>(layer));
    return of.shared_bytes + neurons * of.neuron_bytes;
  }
};
CutPlan cut_plan(const CnnPlan& plan);

}  // namespace deepfog
