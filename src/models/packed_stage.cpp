#include "models/packed_stage.hpp"

#include <algorithm>
#include <cmath>

#include "core/processor_clones.hpp"
#include "kernels/sign_bits.hpp"

namespace deepfog {
namespace {

constexpr float kEpsilon = 1e-5F;  // as in BatchNorm

const Hyperconnection& link_of(const Topology& topology, int link) {
  return topology.hyperconnections()[static_cast<std::size_t>(link)];
}

/// Whether the stage has a single input, which is an image of numbers.
bool reads_source(const Topology& topology, const Stage& stage) {
  return stage.incoming.size() == 1 && topology.is_source(link_of(topology, stage.incoming[0]).from);
}

const std::vector<float>& values_of(const Weights& weights, const std::string& name) {
  return std::find_if(weights.begin(), weights.end(), [&](const NamedTensor& t) { return t.name == name; })
      ->values;
}

bool is_finite(const BinaryWeights& weights) {
  const auto finite = [](float x) { return std::isfinite(x); };
  return std::all_of(weights.scale.begin(), weights.scale.end(), finite) &&
         std::all_of(weights.shift.begin(), weights.shift.end(), finite);
}

DEEPFOG_CLONES void part_three(const float* __restrict from, std::int64_t plane, float* __restrict to) {
  for (std::int64_t p = 0; p < plane; ++p) {
    to[p] = from[3 * p];
    to[p + plane] = from[3 * p + 1];
    to[p + 2 * plane] = from[3 * p + 2];
  }
}

void put_channels_first(const float* from, const ImageSize& image, float* to) {
  const std::int64_t plane = image.height * image.width;
  if (image.channels == 3) return part_three(from, plane, to);  // camera images: vectorised
  for (std::int64_t c = 0; c < image.channels; ++c, to += plane) {
    for (std::int64_t p = 0; p < plane; ++p) to[p] = from[p * image.channels + c];
  }
}

}  // namespace

BinaryWeights binary_weights(const Weights& weights, const std::string& layer) {
  BinaryWeights found{values_of(weights, layer + ".weight"), {}, {}};
  const std::vector<float>& scale = values_of(weights, layer + ".norm.scale");
  const std::vector<float>& shift = values_of(weights, layer + ".norm.shift");
  const std::vector<float>& mean = values_of(weights, layer + ".norm.mean");
  const std::vector<float>& variance = values_of(weights, layer + ".norm.variance");
  for (std::size_t i = 0; i < scale.size(); ++i) {
    found.scale.push_back(scale[i] / std::sqrt(variance[i] + kEpsilon));
    const volatile float product = mean[i] * found.scale[i];  // must not be fused with the subtraction
    found.shift.push_back(shift[i] - product);
  }
  return found;
}

bool PackedStage::fits(const Topology& topology, const Stage& stage) {
  if (stage.layers.empty() || stage.incoming.empty()) return false;
  const bool one = stage.incoming.size() == 1, image = reads_source(topology, stage);
  if (!one && stage.aggregation != Aggregation::max && stage.aggregation != Aggregation::concat) return false;
  for (const int link : stage.incoming) {
    const Hyperconnection& h = link_of(topology, link);
    if (h.weight != 1.0 || h.expansion != Expansion::pad || (!image && !h.binary)) return false;
  }
  for (std::size_t l = 0; l < stage.layers.size(); ++l) {
    const bool last = l + 1 == stage.layers.size(), of_image = l == 0 && image;
    const bool linear = stage.layers[l].kind == LayerKind::binary_linear && last && !of_image;
    if (!linear && stage.layers[l].kind != LayerKind::binary_conv) return false;
  }
  return true;
}

std::optional<PackedStage> PackedStage::make(const Topology& topology, const Stage& stage,
                                             const Weights& weights) {
  PackedStage made;
  made.aggregation_ = stage.aggregation;
  made.partial_ = stage.partial;
  made.expansion_width_ = stage.expansion_width;
  for (const int link : stage.incoming) made.input_widths_.push_back(link_of(topology, link).width);
  const bool of_source = reads_source(topology, stage);
  if (of_source) {
    made.channels_last_ = topology.sources()[link_of(topology, stage.incoming[0]).from].channels_last;
  }
  const Shape& shape = stage.expansion_shape;
  ImageSize image = shape.empty() ? ImageSize{} : ImageSize{shape[0], shape[1], shape[2]};
  made.image_ = image;
  made.values_ = {stage.expansion_width};
  for (std::size_t l = 0; l < stage.layers.size(); ++l) {
    const BinaryWeights own = binary_weights(weights, stage.name + ".layer" + std::to_string(l + 1));
    if (!is_finite(own)) return std::nullopt;
    if (stage.layers[l].kind == LayerKind::binary_linear) {
      made.kernels_.emplace_back(PackedBinaryLinear(own, made.values_.back()));
      made.values_.push_back(stage.layers[l].width);
      continue;
    }
    if (l == 0 && of_source) {
      made.kernels_.emplace_back(PackedImageConv(own, image));
    } else {
      made.kernels_.emplace_back(PackedBinaryConv(own, image));
    }
    image = binary_conv_output(image, stage.layers[l].width);
    made.values_.push_back(image.values());
  }
  made.width_ = made.values_.back();
  made.row_.resize(static_cast<std::size_t>(stage.expansion_width));
  return made;
}

bool PackedStage::is_there(std::size_t input, std::int64_t row) const {
  return inputs_[input] != nullptr && !(partial_ && std::isnan(inputs_[input][row * input_widths_[input]]));
}

bool PackedStage::take(const std::vector<const float*>& inputs, std::int64_t rows) {
  inputs_ = inputs;
  present_.clear();
  if (std::all_of(inputs.begin(), inputs.end(), [](const float* x) { return x == nullptr; })) return false;
  for (std::int64_t row = 0; row < rows; ++row) {
    std::size_t there = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) there += is_there(i, row) ? 1 : 0;
    if (there > 0) present_.push_back(row);
    if (there > 0 && there < inputs.size() && aggregation_ == Aggregation::concat) return false;
  }
  return true;
}

/// Aggregates one row of the inputs, [expansion width].
const float* PackedStage::gathered(std::int64_t row) {
  if (inputs_.size() == 1) {
    const float* only = inputs_[0] + row * expansion_width_;
    if (!channels_last_) return only;
    put_channels_first(only, image_, row_.data());
    return row_.data();
  }
  float* to = row_.data();
  if (aggregation_ == Aggregation::max) std::fill(row_.begin(), row_.end(), -1.0F);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!is_there(i, row)) continue;
    const std::int64_t width = input_widths_[i];
    const float* from = inputs_[i] + row * width;
    if (aggregation_ == Aggregation::max) {
      for (std::int64_t v = 0; v < width; ++v) to[v] = std::max(to[v], from[v]);
    } else {
      to = std::copy_n(from, width, to);
    }
  }
  return row_.data();
}

/// Fills bits_ with the output of the first layer if it reads an image, otherwise with its inputs, which are
/// signs.
void PackedStage::first_layer() {
  const std::int64_t stride = sign_bytes(values_[1]);
  auto* image = std::get_if<PackedImageConv>(&kernels_[0]);
  const std::int64_t packed = image != nullptr ? stride : sign_bytes(values_[0]);
  bits_.resize(present_.size() * static_cast<std::size_t>(packed));
  std::uint8_t* to = bits_.data();
  for (const std::int64_t row : present_) {
    if (image != nullptr) {
      image->run(gathered(row), to);
    } else {
      pack_signs(gathered(row), values_[0], to);
    }
    to += packed;
  }
}

void PackedStage::compute(std::vector<float>& output, const std::function<void()>& between) {
  const auto rows = static_cast<std::int64_t>(present_.size());
  output.resize(static_cast<std::size_t>(rows * width_));
  if (rows == 0) return;
  first_layer();
  for (std::size_t l = 0; l < kernels_.size(); ++l) {
    if (l > 0 && between) between();
    const std::int64_t in = sign_bytes(values_[l]), out = sign_bytes(values_[l + 1]);
    if (auto* linear = std::get_if<PackedBinaryLinear>(&kernels_[l])) {
      for (std::int64_t r = 0; r < rows; ++r) linear->run(bits_.data() + r * in, output.data() + r * width_);
      return;
    }
    if (auto* conv = std::get_if<PackedBinaryConv>(&kernels_[l])) {
      next_.resize(static_cast<std::size_t>(rows * out));
      for (std::int64_t r = 0; r < rows; ++r) conv->run(bits_.data() + r * in, next_.data() + r * out);
      bits_.swap(next_);
    }
  }
  const std::int64_t out = sign_bytes(width_);
  for (std::int64_t r = 0; r < rows; ++r) {
    unpack_signs(bits_.data() + r * out, width_, output.data() + r * width_);
  }
}

}  // namespace deepfog
