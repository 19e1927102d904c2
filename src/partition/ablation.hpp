#pragma once

#include <vector>

#include "partition/scored_network.hpp"

namespace deepfog {

/// What the ablation of each neuron does to the output distribution: sums over a block of images of the
/// Jensen-Shannon divergences, [neurons] of each layer in double, are added to `sums`. See scores.hpp.

/// To first order, of the layers that are not `exact`.
/// @param classes  the most probable ones of each image, each told apart
void add_linear_divergences(const ScoredNetwork& network, const at::Tensor& images,
                            const std::vector<bool>& exact, int classes, std::vector<at::Tensor>& sums);

/// By computing the layers behind again, of the layers that are `exact`: removals are stacked along the batch
/// as far as `memory_bytes` go, one ablation for all images of the block at least.
void add_exact_divergences(const ScoredNetwork& network, const at::Tensor& images,
                           const std::vector<bool>& exact, std::int64_t memory_bytes,
                           std::vector<at::Tensor>& sums);

}  // namespace deepfog
