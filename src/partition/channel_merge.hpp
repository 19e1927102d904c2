#pragma once

#include <cstdint>
#include <vector>

#include "models/cut_network_layers.hpp"

namespace deepfog {

/// How the channels of several inputs are merged: each channel comes from the first input, in order, that has
/// it. Values are stored channels last, [pixels, channels]; the rows of a batch are further pixels.
class ChannelMerge {
 public:
  ChannelMerge() = default;

  /// @param inputs    the channels of each input, ascending; null if the input is missing
  /// @param channels  number of channels of the whole
  /// @param packed    the output contains only the live channels, in order, instead of all
  ChannelMerge(const std::vector<const Neurons*>& inputs, std::int64_t channels, bool packed);

  const Neurons& live() const { return live_; }  ///< channels that at least one input has, ascending
  bool complete() const { return static_cast<std::int64_t>(live_.size()) == channels_; }

  /// Copies the values; channels that no input has become zero.
  /// @param inputs  [pixels, channels of the input]; inputs that were null are not read
  /// @param output  [pixels, all channels], or if packed [pixels, live().size()]
  void join(const std::vector<const float*>& inputs, std::int64_t pixels, float* output) const;

 private:
  struct Run {
    std::int64_t from = 0, to = 0, length = 0;
  };
  struct Share {
    std::int64_t width = 0;  ///< of the input
    std::vector<Run> runs;
  };
  std::vector<Share> shares_;  ///< one per input
  Neurons live_;
  std::int64_t channels_ = 0, width_ = 0;  ///< width_: channels of the output
};

}  // namespace deepfog
