#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernels/binary_kernels.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// Collects the tensors of a layer from those of its node. Batch norm uses its running statistics and is
/// rounded as BatchNorm::forward rounds it.
/// @param layer  e.g. "d1.layer1", which must exist
BinaryWeights binary_weights(const Weights& weights, const std::string& layer);

/// The layers of one stage as packed kernels: binary-conv blocks on the image of a source or on signs, and a
/// binary-linear block on signs at the end. It keeps scratch memory, so one thread at a time may use it.
class PackedStage {
 public:
  /// Whether the kernels support this stage: it has a single unchanged input, or a max or concatenation of
  /// signs.
  static bool fits(const Topology& topology, const Stage& stage);

  /// The stage must fit. Returns nothing if a batch norm is not finite, which the kernels do not support.
  /// @param weights  of its node, already checked (NodeNetwork)
  static std::optional<PackedStage> make(const Topology& topology, const Stage& stage,
                                         const Weights& weights);

  /// Stores the inputs, which must stay valid until compute() returns.
  /// @param inputs  see NodeNetwork::run
  /// @return false if all inputs are missing, or if one is missing in a concatenation, because 0 is not a
  ///         sign
  bool take(const std::vector<const float*>& inputs, std::int64_t rows);

  /// The rows that at least one input has, ascending.
  const std::vector<std::int64_t>& present() const { return present_; }

  /// @param output   [present, width()], resized: signs, or the scores of a binary-linear block
  /// @param between  called between layers; may be empty
  void compute(std::vector<float>& output, const std::function<void()>& between);

  std::int64_t width() const { return width_; }

 private:
  using Kernel = std::variant<PackedImageConv, PackedBinaryConv, PackedBinaryLinear>;

  PackedStage() = default;
  bool is_there(std::size_t input, std::int64_t row) const;
  const float* gathered(std::int64_t row);
  void first_layer();

  Aggregation aggregation_ = Aggregation::add;
  bool partial_ = false, channels_last_ = false;
  ImageSize image_;  ///< shape of the source's image
  std::int64_t expansion_width_ = 0, width_ = 0;
  std::vector<std::int64_t> input_widths_;
  std::vector<Kernel> kernels_;
  std::vector<std::int64_t> values_;  ///< number of inputs of every kernel, and of outputs of the last
  std::vector<const float*> inputs_;  ///< stored by take()
  std::vector<std::int64_t> present_;
  std::vector<float> row_;
  std::vector<std::uint8_t> bits_, next_;  ///< of all rows, each in whole bytes
};

}  // namespace deepfog
