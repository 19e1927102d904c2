#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// The shape [channels, height, width] of one image; {features, 1, 1} once it is flattened.
struct ImageShape {
  std::int64_t channels = 0, height = 0, width = 0;
  std::int64_t values() const { return channels * height * width; }
  bool operator==(const ImageShape& other) const {
    return channels == other.channels && height == other.height && width == other.width;
  }
};

/// A convolutional network: one of cnn_names(), the shape of its images and its number of classes.
struct CnnSpec {
  std::string name;
  ImageShape image{3, 224, 224};
  std::int64_t classes = 1000;
};

enum class StepKind {
  convolution,
  linear,      ///< over the features, or over the channels at every pixel
  batch_norm,  ///< one mean and variance per channel
  layer_norm,  ///< over the channels at every pixel
  relu,
  gelu,
  max_pool,
  adaptive_average_pool,
  flatten,
  dropout,
  layer_scale,  ///< one factor per channel
  keep,         ///< keeps its input ...
  add           ///< ... which is added here; in training, a row's own part is dropped with probability `rate`
                ///< (stochastic depth)
};

/// One operation of a network.
struct Step {
  StepKind kind;
  std::string name;  ///< TorchVision's module, e.g. "features.0"; for layer_scale, the tensor itself
  ImageShape in, out;
  std::int64_t kernel = 0, stride = 0, padding = 0;  ///< of convolution and pooling, which are square
  bool depthwise = false;                            ///< channel c of the output reads channel c only
  double epsilon = 0;                                ///< of the norms
  double rate = 0;                                   ///< of dropout and stochastic depth
  double initial = 1;                                ///< of layer scale before training
};

/// A network as a list of operations. Both the module that trains (Cnn) and the layers that are distributed
/// over devices (CutNetwork) are built from it. Plain C++.
struct CnnPlan {
  CnnSpec spec;
  std::vector<Step> steps;
};

/// One entry of a state dict.
struct CnnTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// alexnet, vgg16_bn and convnext_tiny as in TorchVision 0.15 (Krizhevsky 2014, Simonyan and Zisserman 2014,
/// Liu et al. 2022), and alexnet_small, vgg_bn_small and convnext_small: the same kinds of layers with 19 to
/// 24 million operations per 32x32 image (convnext_small is not TorchVision's network of that name).
const std::vector<std::string>& cnn_names();

/// Throws UserError for an unknown name, fewer than one class, or an image that is too small for the network.
CnnPlan plan_cnn(const CnnSpec& spec);

/// The tensors of a step under TorchVision's names, without num_batches_tracked of batch norm, which counts
/// training steps and is not a weight.
std::vector<CnnTensor> tensors_of(const Step& step);

/// The tensors of the whole network, in the order of TorchVision's state dict.
std::vector<CnnTensor> state_dict(const CnnPlan& plan);

/// The number of multiplications by weights in one forward pass of one image.
std::int64_t multiplications(const Step& step);
std::int64_t multiplications(const CnnPlan& plan);

}  // namespace deepfog
