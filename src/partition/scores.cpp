#include "partition/scores.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "partition/ablation.hpp"
#include "partition/scored_network.hpp"

namespace deepfog {
namespace {

/// Stores one value per neuron, [neurons], as one of the three scores.
void put(const at::Tensor& values, int which, LayerScores& scores) {
  const at::Tensor doubles = values.to(at::kDouble).contiguous();
  const double* from = doubles.data_ptr<double>();
  for (std::size_t n = 0; n < scores.size(); ++n) scores[n][static_cast<std::size_t>(which)] = from[n];
}

/// [neurons]: the sum over a neuron's weights and its bias.
at::Tensor summed(const at::Tensor& weight, const at::Tensor& bias) {
  return weight.abs().flatten(1).sum(1, false, at::kDouble) + bias.abs();
}

void put_magnitudes(const ScoredNetwork& network, Scores& scores) {
  const at::NoGradGuard no_grad;
  for (int l = 0; l < network.layers(); ++l) {
    put(summed(network.weight(l), network.bias(l)), 0, scores[static_cast<std::size_t>(l)]);
  }
}

void put_sensitivities(ScoredNetwork& network, const std::vector<at::Tensor>& blocks, Scores& scores) {
  network.differentiate_weights(true);
  double images = 0;
  for (const at::Tensor& block : blocks) {
    const at::Tensor y = std::get<0>(network.trace(block).back().max(1));
    y.sum().backward();
    images += double(block.size(0));
  }
  network.differentiate_weights(false);
  const at::NoGradGuard no_grad;
  for (int l = 0; l < network.layers(); ++l) {
    const at::Tensor weight = network.weight(l), bias = network.bias(l);
    put(summed(weight.grad() * weight, bias.grad() * bias) / images, 1, scores[static_cast<std::size_t>(l)]);
    weight.mutable_grad() = at::Tensor();
    bias.mutable_grad() = at::Tensor();
  }
}

void put_divergences(const ScoredNetwork& network, const std::vector<at::Tensor>& blocks,
                     const ScoreSpec& how, const std::vector<bool>& exact, Scores& scores) {
  std::vector<at::Tensor> sums;
  for (const LayerScores& layer : scores) {
    sums.push_back(at::zeros({static_cast<std::int64_t>(layer.size())}, at::kDouble));
  }
  double images = 0;
  for (const at::Tensor& block : blocks) {
    add_linear_divergences(network, block, exact, how.classes, sums);
    add_exact_divergences(network, block, exact, how.memory_bytes, sums);
    images += double(block.size(0));
  }
  for (std::size_t l = 0; l < scores.size(); ++l) put(sums[l] / images, 2, scores[l]);
}

void check_images(const at::Tensor& images, const ScoreSpec& how, const ImageShape& shape,
                  const std::string& where) {
  if (how.classes < 1) {
    throw UserError(where, std::to_string(how.classes) + " classes told apart", "1 or more");
  }
  if (!how.use[1] && !how.use[2]) return;
  if (!images.defined() || images.dim() != 4 || images.size(0) < 1) {
    throw UserError(where, "no calibration images", "1 or more");
  }
  const ImageShape given{images.size(1), images.size(2), images.size(3)};
  if (!(given == shape)) {
    const auto text = [](const ImageShape& s) {
      return std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" + std::to_string(s.width);
    };
    throw UserError(where, "calibration images are " + text(given), text(shape));
  }
}

/// Splits the images into blocks whose activations in a backward pass fit into memory.
std::vector<at::Tensor> blocks_of(const at::Tensor& images, const ScoredNetwork& network,
                                  std::int64_t memory_bytes) {
  if (!images.defined()) return {};
  const std::int64_t room = memory_bytes / (network.values_per_image() * std::int64_t{sizeof(float)});
  return images.to(at::kFloat).split(std::max<std::int64_t>(room, 1));
}

std::vector<bool> exact_layers(const std::vector<CutLayer>& layers, std::int64_t images,
                               const ScoreSpec& how) {
  std::vector<bool> exact(layers.size(), how.ablation == Ablation::exact);
  exact.back() = true;
  double sum = 0;
  for (int l = static_cast<int>(layers.size()) - 2; l >= 0 && how.ablation == Ablation::automatic; --l) {
    sum += exact_multiplications(layers, l) * double(images);
    if (sum > how.exact_multiplications) break;
    exact[static_cast<std::size_t>(l)] = true;
  }
  return exact;
}

void check_finite(const Scores& scores, const std::vector<CutLayer>& layers) {
  for (std::size_t l = 0; l < scores.size(); ++l) {
    for (std::size_t n = 0; n < scores[l].size(); ++n) {
      for (std::size_t a = 0; a < kScores; ++a) {
        if (std::isfinite(scores[l][n][a])) continue;
        throw Failure(layers[l].name + ", neuron " + std::to_string(n) + ": score s" + std::to_string(a + 1) +
                      " is not finite");
      }
    }
  }
}

}  // namespace

double exact_multiplications(const std::vector<CutLayer>& layers, int layer) {
  double behind = 0;
  for (std::size_t l = static_cast<std::size_t>(layer) + 1; l < layers.size(); ++l) {
    behind += double(layers[l].neurons) * double(layers[l].multiplications);
  }
  return behind * double(layers[static_cast<std::size_t>(layer)].neurons);
}

ImportanceScores importance_scores(const CnnSpec& spec, const Weights& weights, const at::Tensor& images,
                                   const ScoreSpec& how, const std::string& where) {
  ScoredNetwork network(spec, weights, where);
  check_images(images, how, spec.image, where);
  const std::vector<CutLayer>& layers = network.plan().layers;
  ImportanceScores found;
  found.images = images.defined() ? images.size(0) : 0;
  found.exact = exact_layers(layers, found.images, how);
  for (const CutLayer& layer : layers) {
    found.scores.emplace_back(static_cast<std::size_t>(layer.neurons), Score{});
  }
  const std::vector<at::Tensor> blocks = blocks_of(images, network, how.memory_bytes);
  if (how.use[0]) put_magnitudes(network, found.scores);
  if (how.use[1]) put_sensitivities(network, blocks, found.scores);
  if (how.use[2]) put_divergences(network, blocks, how, found.exact, found.scores);
  check_finite(found.scores, layers);
  return found;
}

}  // namespace deepfog
