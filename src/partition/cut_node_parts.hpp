#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "models/cut_network.hpp"
#include "partition/channel_merge.hpp"
#include "partition/cut_node.hpp"
#include "partition/cut_stages.hpp"
#include "partition/cut_topology.hpp"

namespace deepfog {

/// Views images in memory, [rows, height, width, channels] or [rows, channels], as a tensor in the layout of
/// the models. Shares the memory.
at::Tensor images_at(const float* values, std::int64_t rows, std::int64_t channels,
                     const std::vector<std::int64_t>& pixels);

/// The inverse: [rows, height, width, channels] or [rows, channels]. Copies nothing if the memory already has
/// that layout.
at::Tensor channels_last(const at::Tensor& tensor);

/// The data and functions of a CutNode.
struct CutNode::Parts {
  struct Gathering {
    std::vector<const Neurons*> channels;  ///< of each input; null if it is missing
    ChannelMerge plan;
  };

  std::int64_t pixels(int layer) const {
    const std::vector<std::int64_t>& shape = layer == static_cast<int>(plan.layers.size())
                                                 ? plan.layers.back().output_shape
                                                 : plan.layers[static_cast<std::size_t>(layer)].input_shape;
    return shape.empty() ? 1 : shape[0] * shape[1];
  }
  std::int64_t channels(int layer) const { return gathered_width(plan, layer) / pixels(layer); }
  const Neurons& neurons(int layer, int device) const {
    return partition.neurons[static_cast<std::size_t>(layer)][static_cast<std::size_t>(device)];
  }
  const ChannelMerge& planned(int stage, std::vector<const Neurons*> channels, std::int64_t all, bool packed);
  void flag(const Neurons& live, int layer, std::vector<float>& output, std::int64_t rows) const;

  void show(int layer, const float* image, std::int64_t rows, std::vector<float>& output) const;
  bool gather(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
              std::vector<float>& output);
  bool decode(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
              std::vector<float>& output);
  struct Products;
  std::vector<float> recovered(const CutStage& of, const Products& arrived, int device,
                               std::int64_t points) const;
  Products sorted(const CutStage& of, const std::vector<const float*>& inputs, std::int64_t rows) const;
  /// The earlier input that the layer adds; undefined if there is none.
  at::Tensor residual(int layer, const float* kept, std::int64_t rows) const;
  Neurons live_channels(int layer, const float* gathered, std::int64_t rows) const;
  bool compute(const CutStage& of, const std::vector<const float*>& inputs, std::int64_t rows,
               std::vector<float>& output, const std::function<void()>& between) const;

  CutPlan plan;
  Partition partition;
  std::string node;
  std::vector<CutStage> stages;
  std::vector<bool> own;
  std::vector<Gathering> gatherings;  ///< per stage: the last one, which usually still fits
  std::unique_ptr<CutNetwork> network;
};

}  // namespace deepfog
