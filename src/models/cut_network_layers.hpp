#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"

namespace deepfog {

/// Ids of neurons or channels, ascending.
using Neurons = std::vector<std::int64_t>;

/// A convolution or linear layer whose output channels (its *neurons*) are computed by different devices
/// (RobustDiCE, section 4: horizontal partitioning of every layer). After it the devices exchange their
/// parts; the next layer reads the whole, *gathered*, with zeros where nobody had a neuron.
struct CutLayer {
  std::string name;  ///< TorchVision's module, e.g. "features.0": its tensors are name.weight, name.bias
  enum class Kind { convolution, linear } kind = Kind::convolution;
  std::int64_t neurons = 0;
  std::int64_t inputs = 0;                ///< channels of the gathered input: the neurons of the layer before
  std::vector<std::int64_t> input_shape;  ///< of one channel of the gathered input: {height, width} or {}
  std::vector<std::int64_t> output_shape;  ///< of one neuron after its own operations: {height, width} or {}
  bool dense_input = false;  ///< a layer norm mixes the channels first: dead ones stay in the product
  bool depthwise = false;    ///< neuron c reads channel c alone
  int residual = -1;         ///< layer whose gathered input is added to the output; -1: none
  int last_use = 0;  ///< the last layer that needs this layer's gathered input: itself, or one that adds it
  std::int64_t neuron_bytes = 0;  ///< float32 of one neuron in the state dict: weights, bias, batch norm ...
  std::int64_t shared_bytes = 0;  ///< of the layer norms before it, which every device holds whole
  std::int64_t multiplications = 0;  ///< of one neuron and one image with all inputs alive

  /// Values that one neuron sends for one image.
  std::int64_t output_values() const { return output_shape.empty() ? 1 : output_shape[0] * output_shape[1]; }
};

/// The steps of a cut layer: on the whole gathered input, the product, and within each neuron.
struct CutSteps {
  std::vector<Step> before;  ///< layer norm, flatten
  Step product;              ///< convolution or linear
  std::vector<Step> folded;  ///< batch norm, layer scale: part of the product's weights
  std::vector<Step> after;   ///< relu, gelu, pooling, add
};

/// A network cut at every convolution and linear layer. Dropout and stochastic depth are left out: they do
/// nothing at inference.
struct CutPlan {
  CnnSpec spec;
  std::vector<CutLayer> layers;
  std::vector<CutSteps> steps;  ///< one a layer

  /// Bytes a device holds for so many neurons of a layer. All neurons of all layers: those of the state dict.
  std::int64_t weight_bytes(int layer, std::int64_t neurons) const {
    const CutLayer& of = layers.at(static_cast<std::size_t>(layer));
    return of.shared_bytes + neurons * of.neuron_bytes;
  }
};
CutPlan cut_plan(const CnnPlan& plan);

}  // namespace deepfog
