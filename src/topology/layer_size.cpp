#include "topology/layer_size.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kTaps = 9;  // of a 3x3 window

/// The shape after a 3x3 convolution or max-pool that is padded with zeros.
Shape convolved(const Shape& shape, std::int64_t filters, std::int64_t stride) {
  return {filters, (shape[1] + stride - 1) / stride, (shape[2] + stride - 1) / stride};
}

/// Whether the kind is conv or binary_conv, whose max-pool has the stride.
bool is_pooled_conv(LayerKind kind) {
  return kind == LayerKind::conv || kind == LayerKind::binary_conv;
}

bool is_conv(LayerKind kind) {
  return is_pooled_conv(kind) || kind == LayerKind::conv3 || kind == LayerKind::separable ||
         kind == LayerKind::residual_conv;
}

double pixels(const Shape& shape) {
  return static_cast<double>(shape[1]) * static_cast<double>(shape[2]);
}

StageCost dense(std::int64_t inputs, std::int64_t outputs, bool norm) {
  StageCost cost{(inputs + (norm ? 2 : 1)) * outputs, norm ? 2 * outputs : 0, 0};
  cost.multiply_adds = static_cast<double>(inputs) * static_cast<double>(outputs);
  return cost;
}

/// The cost of a convolution with batch norm.
/// @param pixels  number of positions at which the filters are computed
StageCost filters(std::int64_t weights, std::int64_t outputs, double pixels) {
  return {weights + 2 * outputs, 2 * outputs, static_cast<double>(weights) * pixels};
}

StageCost operator+(const StageCost& one, const StageCost& other) {
  return {one.parameters + other.parameters, one.kept + other.kept, one.multiply_adds + other.multiply_adds};
}

}  // namespace

VectorSize size_of(const Shape& shape) {
  return {shape[0] * shape[1] * shape[2], shape};
}

std::string wanted_by(const Layer& layer, const VectorSize& inputs) {
  const bool series = layer.kind == LayerKind::gru || layer.kind == LayerKind::last;
  if (series && (inputs.shape.empty() || inputs.shape[1] != 1)) return "series";
  const bool images = is_conv(layer.kind) || layer.kind == LayerKind::pool;
  return images && inputs.shape.empty() ? "images" : "";
}

VectorSize behind(const Layer& layer, const VectorSize& inputs) {
  if (is_conv(layer.kind)) {
    return size_of(convolved(inputs.shape, layer.width, is_pooled_conv(layer.kind) ? 2 : layer.stride));
  }
  if (layer.kind == LayerKind::dropout) return inputs;
  if (layer.kind == LayerKind::pool || layer.kind == LayerKind::last) return {inputs.shape[0], {}};
  if (layer.kind == LayerKind::gru) return size_of({layer.width, 1, inputs.shape[2]});
  return {layer.width, {}};
}

StageCost cost_of(const Layer& layer, const VectorSize& inputs) {
  const std::int64_t width = layer.width, channels = inputs.shape.empty() ? 0 : inputs.shape[0];
  switch (layer.kind) {
    case LayerKind::linear:
    case LayerKind::relu:
      return dense(inputs.width, width, false);
    case LayerKind::norm_linear:
    case LayerKind::binary_linear:
      return dense(inputs.width, width, true);
    case LayerKind::residual:
      return dense(inputs.width, width, false) + dense(width, width, false);
    case LayerKind::conv:
    case LayerKind::binary_conv:
      return filters(kTaps * channels * width, width, pixels(inputs.shape));
    case LayerKind::conv3:
      return filters(kTaps * channels * width, width, pixels(behind(layer, inputs).shape));
    case LayerKind::separable: {
      const double out = pixels(behind(layer, inputs).shape);
      return filters(kTaps * channels, channels, out) + filters(channels * width, width, out);
    }
    case LayerKind::residual_conv: {
      const double out = pixels(behind(layer, inputs).shape);
      return filters(kTaps * channels * width, width, out) + filters(kTaps * width * width, width, out);
    }
    case LayerKind::gru: {  // three gates, each with a bias for the input and one for the state
      const StageCost step = dense(channels, 3 * width, false) + dense(width, 3 * width, false);
      return {step.parameters, 0, step.multiply_adds * static_cast<double>(inputs.shape[2])};
    }
    default:
      return {};
  }
}

}  // namespace deepfog
