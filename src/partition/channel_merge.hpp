#pragma once

#include <cstdint>
#include <vector>

#include "models/cut_network_layers.hpp"

namespace deepfog {

/// How the channels of several inputs are put together: each from the first input, in order, that has it.
/// Values stand channels last, [pixels, channels], with the rows of a batch as further pixels.
class ChannelMerge {
 public:
  ChannelMerge() = default;

  /// @param inputs    the channels of each input, ascending; null: it is not there
  /// @param channels  of the whole
  /// @param packed    the output has the live channels alone, in order, instead of all
  ChannelMerge(const std::vector<const Neurons*>& inputs, std::int64_t channels, bool packed);

  const Neurons& live() const { return live_; }  ///< channels that some input has, ascending
  bool complete() const { return static_cast<std::int64_t>(live_.size()) == channels_; }

  /// Copies; what no input has becomes zero.
  /// @param inputs  [pixels, channels of the input]; those that were null are not read
  /// @param output  [pixels, all channels or, packed, live().size()]
  void join(const std::vector<const float*>& inputs, std::int64_t pixels, float* output) const;

 private:
  struct Run {
    std::int64_t from = 0, to = 0, length = 0;
  };
  struct Share {
    std::int64_t width = 0;  ///< of the input
    std::vector<Run> runs;
  };
  std::vector<Share> shares_;  ///< an input
  Neurons live_;
  std::int64_t channels_ = 0, width_ = 0;  ///< width: of the output
};

}  // namespace deepfog
