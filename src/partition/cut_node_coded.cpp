#include <algorithm>

#include "partition/cut_node_parts.hpp"

namespace deepfog {

// CDC: the inputs are products. A missing one is recovered, and the rest of the layer is computed here.

struct CutNode::Parts::Products {
  std::vector<const float*> values;  ///< of each input; null if it is missing or not from a data device
  std::vector<const Neurons*> sent;  ///< the neurons that it contains
  std::vector<float> recovered;      ///< what the missing device would have sent
  const float* spare = nullptr;      ///< [pixels, sums]
  const float* kept = nullptr;       ///< the earlier input that is added
  bool something = false;
};

/// [rows * pixels, neurons of the missing device]: the spare's sums minus the products of the other devices.
std::vector<float> CutNode::Parts::recovered(const CutStage& of, const Products& arrived, int device,
                                             std::int64_t points) const {
  const int layer = of.layer - 1;
  const std::int64_t own = rows_held(partition, layer, device),
                     sums = rows_held(partition, layer, partition.spare);
  std::vector<float> values(static_cast<std::size_t>(points * own));
  for (std::int64_t p = 0; p < points; ++p)
    std::copy_n(arrived.spare + p * sums, own, values.data() + p * own);
  for (std::size_t i = 0; i < arrived.values.size(); ++i) {
    if (arrived.values[i] == nullptr) continue;
    const std::int64_t other = rows_held(partition, layer, of.senders[i]), both = std::min(own, other);
    for (std::int64_t p = 0; p < points; ++p) {
      const float* less = arrived.values[i] + p * other;
      float* value = values.data() + p * own;
      for (std::int64_t j = 0; j < both; ++j) value[j] -= less[j];
    }
  }
  return values;
}

CutNode::Parts::Products CutNode::Parts::sorted(const CutStage& of, const std::vector<const float*>& inputs,
                                                std::int64_t rows) const {
  const int layer = of.layer - 1;
  Products arrived;
  arrived.values.assign(inputs.size(), nullptr);
  arrived.sent.assign(inputs.size(), nullptr);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    arrived.something = arrived.something || inputs[i] != nullptr;
    if (of.senders[i] == CutStage::kept) {
      arrived.kept = inputs[i];
    } else if (of.senders[i] == partition.spare) {
      arrived.spare = inputs[i];
    } else if (inputs[i] == nullptr) {
      missing.push_back(i);
    } else {
      arrived.values[i] = inputs[i];
      arrived.sent[i] = &neurons(layer, of.senders[i]);
    }
  }
  if (missing.size() != 1 || arrived.spare == nullptr) return arrived;
  const int device = of.senders[missing.front()];
  arrived.recovered = recovered(of, arrived, device, rows * product_values(plan, layer));
  arrived.values[missing.front()] = arrived.recovered.data();
  arrived.sent[missing.front()] = &neurons(layer, device);
  return arrived;
}

bool CutNode::Parts::decode(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                            std::vector<float>& output) {
  const CutStage& of = stages[static_cast<std::size_t>(stage)];
  const int layer = of.layer - 1;
  const CutLayer& before = plan.layers[static_cast<std::size_t>(layer)];
  const Products arrived = sorted(of, inputs, rows);
  if (!arrived.something) return false;
  const ChannelMerge& joined = planned(stage, arrived.sent, before.neurons, true);
  const Neurons& live = joined.live();
  const auto count = static_cast<std::int64_t>(live.size());
  const std::int64_t points = rows * pixels(of.layer), all = channels(of.layer);
  output.resize(static_cast<std::size_t>(points * all + all));
  flag(live, of.layer, output, rows);
  if (live.empty()) {
    std::fill_n(output.data(), points * all, 0.0F);
    return true;
  }
  const std::int64_t products = rows * product_values(plan, layer);
  std::vector<float> packed(static_cast<std::size_t>(products * count));
  joined.join(arrived.values, products, packed.data());
  const ImageShape& out = plan.steps[static_cast<std::size_t>(layer)].product.out;
  std::vector<std::int64_t> shape;
  if (!before.output_shape.empty()) shape = {out.height, out.width};
  const at::Tensor product = images_at(packed.data(), rows, count, shape);
  const at::Tensor finished =
      channels_last(network->finish(layer, product, live, residual(layer, arrived.kept, rows)));
  ChannelMerge({&live}, all, false).join({finished.data_ptr<float>()}, points, output.data());
  return true;
}

}  // namespace deepfog
