#include "models/cnn_plan.hpp"

#include <algorithm>
#include <iterator>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "models/cnn_builder.hpp"

namespace deepfog {
namespace {

/// The first dimension of a weight tensor has one row per neuron.
std::vector<std::int64_t> weight_shape(const Step& step) {
  if (step.kind == StepKind::linear) return {step.out.channels, step.in.channels};
  if (step.kind != StepKind::convolution) return {step.out.channels};
  return {step.out.channels, step.depthwise ? 1 : step.in.channels, step.kernel, step.kernel};
}

}  // namespace

const std::vector<std::string>& cnn_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const CnnRecipe& recipe : cnn_recipes()) list.push_back(recipe.name);
    return list;
  }();
  return names;
}

CnnPlan plan_cnn(const CnnSpec& spec) {
  const auto& recipes = cnn_recipes();
  const auto found = std::find_if(recipes.begin(), recipes.end(),
                                  [&](const CnnRecipe& recipe) { return recipe.name == spec.name; });
  if (found == recipes.end()) {
    throw UserError("network", "unknown '" + spec.name + "'", listing(cnn_names()));
  }
  if (spec.classes < 1) throw UserError(spec.name, std::to_string(spec.classes) + " classes", "at least 1");
  CnnBuilder builder(spec);
  found->build(builder);
  return {spec, builder.steps()};
}

std::vector<CnnTensor> tensors_of(const Step& step) {
  switch (step.kind) {
    case StepKind::convolution:
    case StepKind::linear:
    case StepKind::layer_norm:
      return {{step.name + ".weight", weight_shape(step)}, {step.name + ".bias", {step.out.channels}}};
    case StepKind::batch_norm:
      return {{step.name + ".weight", weight_shape(step)},
              {step.name + ".bias", weight_shape(step)},
              {step.name + ".running_mean", weight_shape(step)},
              {step.name + ".running_var", weight_shape(step)}};
    case StepKind::layer_scale:
      return {{step.name, {step.out.channels, 1, 1}}};
    default:
      return {};
  }
}

std::vector<CnnTensor> state_dict(const CnnPlan& plan) {
  std::vector<CnnTensor> tensors;
  for (const Step& step : plan.steps) {
    auto place = tensors.end();
    if (step.kind == StepKind::layer_scale) {  // tensors of a module come before those of its submodules
      const std::string module = step.name.substr(0, step.name.rfind('.') + 1);
      place = std::find_if(tensors.begin(), tensors.end(),
                           [&](const CnnTensor& tensor) { return tensor.name.rfind(module, 0) == 0; });
    }
    const std::vector<CnnTensor> own = tensors_of(step);
    tensors.insert(place, own.begin(), own.end());
  }
  return tensors;
}

std::int64_t multiplications(const Step& step) {
  if (step.kind != StepKind::convolution && step.kind != StepKind::linear) return 0;
  std::int64_t per_pixel = 1;
  for (const std::int64_t extent : weight_shape(step)) per_pixel *= extent;
  return per_pixel * step.out.height * step.out.width;
}

std::int64_t multiplications(const CnnPlan& plan) {
  std::int64_t sum = 0;
  for (const Step& step : plan.steps) sum += multiplications(step);
  return sum;
}

}  // namespace deepfog
