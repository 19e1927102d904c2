#include "models/cut_network_layers.hpp"

#include <optional>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kBytesPerValue = 4;

std::vector<std::int64_t> pixels(const ImageShape& shape, bool flat) {
  if (flat) return {};
  return {shape.height, shape.width};
}

std::int64_t bytes_of(const Step& step) {
  std::int64_t values = 0;
  for (const CnnTensor& tensor : tensors_of(step)) {
    std::int64_t product = 1;
    for (const std::int64_t extent : tensor.shape) product *= extent;
    values += product;
  }
  return values * kBytesPerValue;
}

/// Reads the steps one by one; a product starts a new layer.
class Cutter {
 public:
  explicit Cutter(const CnnSpec& spec) { plan_.spec = spec; }

  void read(const Step& step) {
    switch (step.kind) {
      case StepKind::convolution:
      case StepKind::linear:
        return begin(step);
      case StepKind::layer_norm:
      case StepKind::flatten:
        before_.push_back(step);
        return;
      case StepKind::keep:
        kept_ = static_cast<int>(plan_.layers.size());  // the input of the next layer
        return;
      case StepKind::dropout:
        return;
      default:
        return within(step);
    }
  }

  CutPlan finished() {
    if (plan_.layers.empty() || !before_.empty()) throw Failure(plan_.spec.name + ": cannot be cut");
    return plan_;
  }

 private:
  void begin(const Step& step) {
    CutLayer layer;
    layer.name = step.name;
    layer.kind = step.kind == StepKind::linear ? CutLayer::Kind::linear : CutLayer::Kind::convolution;
    layer.neurons = step.out.channels;
    const ImageShape& gathered = before_.empty() ? step.in : before_.front().in;
    layer.inputs = gathered.channels;
    layer.input_shape = pixels(gathered, flat_);
    for (const Step& other : before_) {
      flat_ = flat_ || other.kind == StepKind::flatten;
      layer.dense_input = layer.dense_input || other.kind == StepKind::layer_norm;
      layer.shared_bytes += bytes_of(other);
    }
    layer.output_shape = pixels(step.out, flat_);
    layer.depthwise = step.depthwise;
    layer.neuron_bytes = bytes_of(step) / layer.neurons;
    layer.multiplications = multiplications(step) / layer.neurons;
    layer.last_use = static_cast<int>(plan_.layers.size());
    plan_.layers.push_back(layer);
    plan_.steps.push_back({before_, step, {}, {}});
    before_.clear();
  }

  void within(const Step& step) {
    if (plan_.layers.empty() || !before_.empty()) {
      throw Failure(plan_.spec.name + ": an operation within neurons follows one that mixes them");
    }
    CutLayer& layer = plan_.layers.back();
    CutSteps& steps = plan_.steps.back();
    layer.output_shape = pixels(step.out, flat_);
    layer.neuron_bytes += bytes_of(step) / layer.neurons;
    const bool affine = step.kind == StepKind::batch_norm || step.kind == StepKind::layer_scale;
    if (step.kind == StepKind::add) {
      layer.residual = kept_;
      plan_.layers.at(static_cast<std::size_t>(kept_)).last_use = static_cast<int>(plan_.layers.size()) - 1;
    }
    if (affine && !steps.after.empty()) throw Failure(plan_.spec.name + ": " + step.name + " comes too late");
    (affine ? steps.folded : steps.after).push_back(step);
  }

  CutPlan plan_;
  std::vector<Step> before_;
  bool flat_ = false;
  int kept_ = -1;
};

}  // namespace

CutPlan cut_plan(const CnnPlan& plan) {
  Cutter cutter(plan.spec);
  for (const Step& step : plan.steps) cutter.read(step);
  return cutter.finished();
}

}  // namespace deepfog
