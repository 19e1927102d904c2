#include "models/cnn_builder.hpp"

namespace deepfog {
namespace {

std::string numbered(const std::string& module, std::size_t index) {
  return module + "." + std::to_string(index);
}

/// Numbers the modules of a Sequential, including those without tensors: "features.0", "features.1", ...
class Sequence {
 public:
  Sequence(CnnBuilder& builder, std::string module) : builder_(builder), module_(std::move(module)) {}
  std::string next() { return numbered(module_, count_++); }
  void relu() { plain(StepKind::relu); }
  void plain(StepKind kind) {
    ++count_;
    builder_.plain(kind);
  }
  void max_pool(std::int64_t kernel, std::int64_t stride) {
    ++count_;
    builder_.max_pool(kernel, stride);
  }
  void dropout(double rate) {
    ++count_;
    builder_.dropout(rate);
  }

 private:
  CnnBuilder& builder_;
  std::string module_;
  std::size_t count_ = 0;
};

/// torchvision.models.alexnet: Krizhevsky, "One weird trick for parallelizing convolutional neural networks".
struct AlexNetSizes {
  std::int64_t kernel, stride, padding;  ///< of the first convolution
  std::vector<std::int64_t> channels;    ///< of the five convolutions
  std::int64_t pooled, hidden;
  double dropout;
};

void build_alexnet(CnnBuilder& builder, const AlexNetSizes& sizes) {
  Sequence features(builder, "features");
  for (std::size_t i = 0; i < sizes.channels.size(); ++i) {
    if (i == 0) {
      builder.convolution(features.next(), sizes.channels[i], sizes.kernel, sizes.stride, sizes.padding);
    } else {
      const std::int64_t kernel = i == 1 ? 5 : 3;
      builder.convolution(features.next(), sizes.channels[i], kernel, 1, kernel / 2);
    }
    features.relu();
    if (i == 0 || i == 1 || i == 4) features.max_pool(3, 2);
  }
  builder.adaptive_average_pool(sizes.pooled);
  builder.flatten();
  Sequence classifier(builder, "classifier");
  for (int i = 0; i < 2; ++i) {
    classifier.dropout(sizes.dropout);
    builder.linear(classifier.next(), sizes.hidden);
    classifier.relu();
  }
  builder.linear(classifier.next(), builder.spec().classes);
}

/// torchvision.models.vgg, with batch norm. A 0 among the channels stands for a pooling.
struct VggSizes {
  std::vector<std::int64_t> channels;
  std::int64_t pooled;
  std::vector<std::int64_t> hidden;
  double dropout;
};

void build_vgg_bn(CnnBuilder& builder, const VggSizes& sizes) {
  Sequence features(builder, "features");
  for (const std::int64_t channels : sizes.channels) {
    if (channels == 0) {
      features.max_pool(2, 2);
      continue;
    }
    builder.convolution(features.next(), channels, 3, 1, 1);
    builder.batch_norm(features.next());
    features.relu();
  }
  builder.adaptive_average_pool(sizes.pooled);
  builder.flatten();
  Sequence classifier(builder, "classifier");
  for (const std::int64_t hidden : sizes.hidden) {
    builder.linear(classifier.next(), hidden);
    classifier.relu();
    classifier.dropout(sizes.dropout);
  }
  builder.linear(classifier.next(), builder.spec().classes);
}

/// torchvision.models.convnext.
struct ConvNextSizes {
  std::int64_t patch;  ///< kernel and stride of the stem
  std::vector<std::int64_t> channels, blocks;
  double stochastic_depth;  ///< rate of the last block; rises linearly from 0 along the network
  double layer_scale;       ///< initial value
};

void build_convnext_block(CnnBuilder& builder, const std::string& name, std::int64_t channels, double rate,
                          double layer_scale) {
  builder.plain(StepKind::keep);
  builder.depthwise(name + ".block.0", 7, 3);  // block.1 and block.6 only permute dimensions
  builder.layer_norm(name + ".block.2");
  builder.linear(name + ".block.3", 4 * channels);
  builder.plain(StepKind::gelu);
  builder.linear(name + ".block.5", channels);
  builder.layer_scale(name + ".layer_scale", layer_scale);
  builder.add(rate);
}

void build_convnext(CnnBuilder& builder, const ConvNextSizes& sizes) {
  std::int64_t blocks = 0, block = 0;
  for (const std::int64_t count : sizes.blocks) blocks += count;
  for (std::size_t stage = 0; stage < sizes.channels.size(); ++stage) {
    const std::string before = numbered("features", 2 * stage), within = numbered("features", 2 * stage + 1);
    if (stage == 0) {
      builder.convolution(before + ".0", sizes.channels[0], sizes.patch, sizes.patch, 0);
      builder.layer_norm(before + ".1");
    } else {
      builder.layer_norm(before + ".0");
      builder.convolution(before + ".1", sizes.channels[stage], 2, 2, 0);
    }
    for (std::int64_t i = 0; i < sizes.blocks[stage]; ++i, ++block) {
      const double rate = sizes.stochastic_depth * double(block) / (double(blocks) - 1);
      build_convnext_block(builder, within + "." + std::to_string(i), sizes.channels[stage], rate,
                           sizes.layer_scale);
    }
  }
  builder.adaptive_average_pool(1);
  builder.layer_norm("classifier.0");
  builder.flatten();
  builder.linear("classifier.2", builder.spec().classes);
}

template <class Build, class Sizes>
CnnRecipe recipe(const std::string& name, const Build& build, const Sizes& sizes) {
  return {name, [build, sizes](CnnBuilder& builder) { build(builder, sizes); }};
}

}  // namespace

const std::vector<CnnRecipe>& cnn_recipes() {
  static const std::vector<CnnRecipe> recipes = {
      recipe("alexnet", build_alexnet, AlexNetSizes{11, 4, 2, {64, 192, 384, 256, 256}, 6, 4096, 0.5}),
      recipe("vgg16_bn", build_vgg_bn,
             VggSizes{{64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0},
                      7,
                      {4096, 4096},
                      0.5}),
      recipe("convnext_tiny", build_convnext, ConvNextSizes{4, {96, 192, 384, 768}, {3, 3, 9, 3}, 0.1, 1e-6}),
      recipe("alexnet_small", build_alexnet, AlexNetSizes{5, 1, 2, {16, 48, 96, 64, 64}, 3, 256, 0.2}),
      recipe("vgg_bn_small", build_vgg_bn,
             VggSizes{{16, 0, 32, 32, 0, 64, 64, 0, 128, 128, 0}, 2, {256}, 0.2}),
      recipe("convnext_small", build_convnext, ConvNextSizes{2, {32, 64, 128}, {1, 2, 1}, 0.05, 0.1}),
  };
  return recipes;
}

}  // namespace deepfog
