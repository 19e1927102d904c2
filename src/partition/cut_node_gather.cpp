#include <algorithm>

#include "partition/cut_node_parts.hpp"

namespace deepfog {

// Gathers the inputs that arrive at a device. The set of live devices seldom changes, so the last plan
// usually fits.
const ChannelMerge& CutNode::Parts::planned(int stage, std::vector<const Neurons*> channels, std::int64_t all,
                                            bool packed) {
  Gathering& gathering = gatherings[static_cast<std::size_t>(stage)];
  if (gathering.channels != channels) {
    gathering.plan = ChannelMerge(channels, all, packed);
    gathering.channels = std::move(channels);
  }
  return gathering.plan;
}

void CutNode::Parts::flag(const Neurons& live, int layer, std::vector<float>& output,
                          std::int64_t rows) const {
  float* flags = output.data() + rows * gathered_width(plan, layer);
  std::fill_n(flags, channels(layer), 0.0F);
  for (const std::int64_t channel : live) flags[channel] = 1;
}

/// Converts an image to the layout that the stages exchange: channels last.
void CutNode::Parts::show(int layer, const float* image, std::int64_t rows,
                          std::vector<float>& output) const {
  const std::int64_t count = channels(layer), size = pixels(layer);
  float* to = output.data();
  for (std::int64_t row = 0; row < rows; ++row, image += count * size) {
    for (std::int64_t pixel = 0; pixel < size; ++pixel) {
      for (std::int64_t channel = 0; channel < count; ++channel) *to++ = image[channel * size + pixel];
    }
  }
  std::fill_n(to, count, 1.0F);
}

bool CutNode::Parts::gather(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                            std::vector<float>& output) {
  const CutStage& of = stages[static_cast<std::size_t>(stage)];
  std::vector<const Neurons*> sent(inputs.size(), nullptr);
  bool something = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    something = true;
    if (of.senders[i] >= 0) sent[i] = &neurons(of.layer - 1, of.senders[i]);
  }
  if (!something) return false;
  output.resize(static_cast<std::size_t>(rows * gathered_width(plan, of.layer) + channels(of.layer)));
  if (of.senders.front() == CutStage::image) {
    show(of.layer, inputs.front(), rows, output);
    return true;
  }
  const ChannelMerge& joined = planned(stage, std::move(sent), channels(of.layer), false);
  joined.join(inputs, rows * pixels(of.layer), output.data());
  flag(joined.live(), of.layer, output, rows);
  return true;
}

}  // namespace deepfog
