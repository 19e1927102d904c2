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

/// A layer's tensors among those of its node, batch norm by the running figures, rounded as StageLayer::norm
/// rounds it. @param layer  "d1.layer1", say, which must be there
BinaryWeights binary_weights(const Weights& weights, const std::string& layer);

/// The layers of one stage as packed kernels: binary-conv blocks on the image of a source or on signs, a
/// binary-linear block on signs at the end. Keeps its scratch: one thread at a time.
class PackedStage {
 public:
  /// Whether the kernels can do this stage: one input as it is, or a max or concatenation of signs.
  static bool fits(const Topology& topology, const Stage& stage);

  /// Of a stage that fits; nothing when a batch norm is not finite, which the kernels do not do.
  /// @param weights  of its node, checked (NodeNetwork)
  static std::optional<PackedStage> make(const Topology& topology, const Stage& stage,
                                         const Weights& weights);

  /// Notes what arrived, which must stay until compute() is done.
  /// @param inputs  see NodeNetwork::run
  /// @return false: something is missing in a concatenation, and 0 is no sign; or all is
  bool take(const std::vector<const float*>& inputs, std::int64_t rows);

  /// The rows that any input has, ascending.
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
  ImageSize image_;  ///< of a source
  std::int64_t expansion_width_ = 0, width_ = 0;
  std::vector<std::int64_t> input_widths_;
  std::vector<Kernel> kernels_;
  std::vector<std::int64_t> values_;  ///< what goes into every kernel, and what comes of the last
  std::vector<const float*> inputs_;  ///< what take() noted
  std::vector<std::int64_t> present_;
  std::vector<float> row_;
  std::vector<std::uint8_t> bits_, next_;  ///< of all rows, whole bytes each
};

}  // namespace deepfog
