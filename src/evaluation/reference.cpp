#include <torch/torch.h>

#include "core/error.hpp"
#include "evaluation/sweep.hpp"
#include "models/network.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kBlock = 2048;   // rows a forward pass; stays in cache at the widths in use
constexpr std::int64_t kSmallest = 64;  // fewer rows take other BLAS kernels and round differently

/// End of the block that begins at `begin`; a small tail joins the block before it.
std::int64_t block_end(std::int64_t begin, std::int64_t size) {
  const std::int64_t end = begin + kBlock;
  return size - end < kSmallest ? size : end;
}

void count(const torch::Tensor& predicted, const std::int64_t* labels, std::int64_t classes,
           Combination combination, SweepCounts& counts) {
  const std::int64_t* prediction = predicted.data_ptr<std::int64_t>();
  std::int64_t* table =
      counts.confusion.empty() ? nullptr : counts.confusion.data() + combination * classes * classes;
  std::int64_t correct = 0;
  for (std::int64_t i = 0; i < predicted.size(0); ++i) {
    correct += prediction[i] == labels[i];
    if (table != nullptr) ++table[labels[i] * classes + prediction[i]];
  }
  counts.correct[combination] += correct;
}

}  // namespace

SweepCounts sweep_reference(const Topology& topology, const std::vector<Columns>& columns,
                            const Weights& weights, const SampleView& samples, bool with_confusion) {
  if (topology.failing() > 24) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "the plain loop over all combinations takes at most 24");
  }
  const torch::NoGradGuard no_grad;
  Network network(topology, columns);
  network->load(weights, topology.name());
  const std::int64_t classes = topology.classes();
  const Combination combinations = Combination{1} << topology.failing();
  SweepCounts counts;
  counts.samples = samples.size;
  counts.correct.assign(combinations, 0);
  if (with_confusion) counts.confusion.assign(combinations * classes * classes, 0);
  for (std::int64_t begin = 0, end = 0; begin < samples.size; begin = end) {
    end = block_end(begin, samples.size);
    const torch::Tensor block =
        torch::from_blob(const_cast<float*>(samples.values + begin * samples.features),
                         {end - begin, samples.features}, torch::kFloat32);
    for (Combination combination = 0; combination < combinations; ++combination) {
      const torch::Tensor scores = network->forward(block, combination);
      if (!scores.defined()) continue;
      count(scores.argmax(1).contiguous(), samples.labels + begin, classes, combination, counts);
    }
  }
  return counts;
}

}  // namespace deepfog
