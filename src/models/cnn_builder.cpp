#include "models/cnn_builder.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kLargestImage = 1 << 14;  ///< pixels per side, and channels: products cannot overflow

}  // namespace

Step& CnnBuilder::append(StepKind kind, const std::string& name, const ImageShape& out) {
  const std::int64_t smallest =
      std::min({shape_.channels, shape_.height, shape_.width, out.height, out.width});
  const ImageShape& image = spec_.image;
  if (smallest < 1 || std::max({image.channels, image.height, image.width}) > kLargestImage) {
    throw UserError(spec_.name,
                    "images of " + std::to_string(image.channels) + "x" + std::to_string(image.height) + "x" +
                        std::to_string(image.width) + " do not fit",
                    "channels x height x width; the network halves height and width several times");
  }
  Step step;
  step.kind = kind;
  step.name = name;
  step.in = shape_;
  step.out = shape_ = out;
  steps_.push_back(step);
  return steps_.back();
}

Step& CnnBuilder::window(StepKind kind, const std::string& name, std::int64_t channels, std::int64_t kernel,
                         std::int64_t stride, std::int64_t padding) {
  const auto places = [&](std::int64_t size) {  // number of windows that fit: none if the image is smaller
    const std::int64_t room = size + 2 * padding - kernel;
    return room < 0 ? 0 : room / stride + 1;
  };
  Step& step = append(kind, name, {channels, places(shape_.height), places(shape_.width)});
  step.kernel = kernel;
  step.stride = stride;
  step.padding = padding;
  return step;
}

void CnnBuilder::convolution(const std::string& name, std::int64_t channels, std::int64_t kernel,
                             std::int64_t stride, std::int64_t padding) {
  window(StepKind::convolution, name, channels, kernel, stride, padding);
}

void CnnBuilder::depthwise(const std::string& name, std::int64_t kernel, std::int64_t padding) {
  window(StepKind::convolution, name, shape_.channels, kernel, 1, padding).depthwise = true;
}

void CnnBuilder::max_pool(std::int64_t kernel, std::int64_t stride) {
  window(StepKind::max_pool, "", shape_.channels, kernel, stride, 0);
}

void CnnBuilder::adaptive_average_pool(std::int64_t size) {
  append(StepKind::adaptive_average_pool, "", {shape_.channels, size, size});
}

void CnnBuilder::linear(const std::string& name, std::int64_t features) {
  append(StepKind::linear, name, {features, shape_.height, shape_.width});
}

void CnnBuilder::batch_norm(const std::string& name) {
  append(StepKind::batch_norm, name, shape_).epsilon = 1e-5;
}

void CnnBuilder::layer_norm(const std::string& name) {
  append(StepKind::layer_norm, name, shape_).epsilon = 1e-6;
}

void CnnBuilder::layer_scale(const std::string& tensor, double initial) {
  append(StepKind::layer_scale, tensor, shape_).initial = initial;
}

void CnnBuilder::flatten() {
  append(StepKind::flatten, "", {shape_.values(), 1, 1});
}

void CnnBuilder::dropout(double rate) {
  append(StepKind::dropout, "", shape_).rate = rate;
}

void CnnBuilder::add(double rate) {
  append(StepKind::add, "", shape_).rate = rate;
}

}  // namespace deepfog
