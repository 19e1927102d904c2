#pragma once

#include <vector>

#include "partition/scored_network.hpp"

namespace deepfog {

/// The effect of the ablation of each neuron on the output distribution: adds to `sums`, [neurons] of each
/// layer in double, the sums over a block of images of the Jensen-Shannon divergences. See scores.hpp.
/// Handles the layers that are not `exact`, to first order.
/// @param classes  how many of the most probable classes of each image are told apart
void add_linear_divergences(const ScoredNetwork& network, const at::Tensor& images,
                            const std::vector<bool>& exact, int classes, std::vector<at::Tensor>& sums);

/// Handles the layers that are `exact` by recomputing the layers behind them. Ablations are stacked along the
/// batch as far as `memory_bytes` allow, but at least one ablation is computed for all images of the block.
void add_exact_divergences(const ScoredNetwork& network, const at::Tensor& images,
                           const std::vector<bool>& exact, std::int64_t memory_bytes,
                           std::vector<at::Tensor>& sums);

}  // namespace deepfog
