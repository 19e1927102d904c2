#include "partition/channel_merge.hpp"

#include <algorithm>
#include <cstddef>

namespace deepfog {

ChannelMerge::ChannelMerge(const std::vector<const Neurons*>& inputs, std::int64_t channels, bool packed)
    : shares_(inputs.size()), channels_(channels) {
  std::vector<std::int64_t> place(static_cast<std::size_t>(channels), -1);
  for (const Neurons* input : inputs) {
    if (input == nullptr) continue;
    for (const std::int64_t channel : *input) place[static_cast<std::size_t>(channel)] = 0;
  }
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    if (place[static_cast<std::size_t>(channel)] < 0) continue;
    place[static_cast<std::size_t>(channel)] = packed ? static_cast<std::int64_t>(live_.size()) : channel;
    live_.push_back(channel);
  }
  width_ = packed ? static_cast<std::int64_t>(live_.size()) : channels;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    Share& share = shares_[i];
    share.width = static_cast<std::int64_t>(inputs[i]->size());
    for (std::int64_t from = 0; from < share.width; ++from) {
      std::int64_t& to = place[static_cast<std::size_t>((*inputs[i])[static_cast<std::size_t>(from)])];
      if (to < 0) continue;  // an earlier input has it
      const bool goes_on = !share.runs.empty() && share.runs.back().from + share.runs.back().length == from &&
                           share.runs.back().to + share.runs.back().length == to;
      if (goes_on) {
        ++share.runs.back().length;
      } else {
        share.runs.push_back({from, to, 1});
      }
      to = -1;
    }
  }
}

void ChannelMerge::join(const std::vector<const float*>& inputs, std::int64_t pixels, float* output) const {
  if (static_cast<std::int64_t>(live_.size()) < width_) std::fill_n(output, pixels * width_, 0.0F);
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    const Share& share = shares_[i];
    if (share.runs.empty()) continue;
    const float* from = inputs[i];
    float* to = output;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel, from += share.width, to += width_) {
      for (const Run& run : share.runs) std::copy_n(from + run.from, run.length, to + run.to);
    }
  }
}

}  // namespace deepfog
