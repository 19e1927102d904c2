#include <algorithm>

#include "core/error.hpp"
#include "models/cut_network_parts.hpp"

namespace deepfog {

CutNetwork CutNetwork::coded(const std::vector<std::vector<Neurons>>& sets) const {
  const at::NoGradGuard no_grad;
  if (sets.size() != layers().size() || parts_->coded) {
    throw Failure(plan().spec.name + ": sums need one list of sets for each layer of whole neurons");
  }
  auto parts = std::make_unique<Parts>();
  parts->plan = plan();
  parts->coded = true;
  for (std::size_t l = 0; l < sets.size(); ++l) {
    const Parts::Layer& of = parts_->layers[l];
    std::size_t most = 0;
    for (const Neurons& set : sets[l]) most = std::max(most, set.size());
    std::vector<std::int64_t> shape = of.weight.sizes().vec();
    shape[0] = static_cast<std::int64_t>(most);
    Parts::Layer sum{all_of(shape[0]), at::zeros(shape), at::zeros({shape[0]}), of.norms, {}};
    std::vector<at::Tensor> apart, channels;  // depthwise: each device's neurons read channels of their own
    for (const Neurons& set : sets[l]) {
      const auto size = static_cast<std::int64_t>(set.size());
      const Neurons rows = parts_->places(static_cast<int>(l), set);
      sum.bias.narrow(0, 0, size).add_(of.bias.index_select(0, index_of(rows)));
      at::Tensor weight = layers()[l].depthwise ? at::zeros(shape) : sum.weight;
      weight.narrow(0, 0, size).add_(of.weight.index_select(0, index_of(rows)));
      apart.push_back(weight);
      Neurons reads(most, 0);
      std::copy(set.begin(), set.end(), reads.begin());
      channels.push_back(index_of(reads));
    }
    if (layers()[l].depthwise) {
      sum.weight = at::cat(apart, 1);
      sum.channels = at::stack(channels, 1);
    }
    parts->layers.push_back(sum);
  }
  return CutNetwork(std::move(parts));
}

}  // namespace deepfog
