#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"
#include "partition/robust_partition.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// How s3 is found for the neurons of a layer.
enum class Ablation {
  automatic,  ///< exact from the last layer back as far as ScoreSpec::exact_multiplications go, else linear
  exact,      ///< the layers behind are computed again for every neuron that is removed
  linear      ///< to first order in what the ablation changes
};

struct ScoreSpec {
  std::array<bool, kScores> use{true, true, true};  ///< the others stay zero and cost nothing
  Ablation ablation = Ablation::automatic;
  double exact_multiplications = 2e12;  ///< of all exact layers and images: what automatic takes as cheap
  int classes = 8;                      ///< linear: the most probable ones, each told apart; the rest as one
  std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< about what activations may take
};

struct ImportanceScores {
  Scores scores;            ///< [layer][neuron], not normalised
  std::vector<bool> exact;  ///< [layer] how its s3 was found
  std::int64_t images = 0;  ///< size of the calibration set
};

/// Step 1 of RobustDiCE's Algorithm 1 (lines 7 to 9) for every neuron of every cut layer. A neuron is an
/// output channel; W and b are those of its convolution or linear layer in the state dict, without norms.
///
///   s1  sum of |W| and |b|.
///   s2  sum of |dy/dW * W| and |dy/db * b|. The paper has a vector y; taken here: the score (before softmax)
///       of the class that is predicted, its derivative the mean over the calibration images.
///   s3  Jensen-Shannon divergence (in nats, 0 to ln 2) between the network's output distribution and that
///       without the neuron, mean over the calibration images. Without it: zeros in the gathered input of the
///       next layer and wherever that is added later, as when no device that has it is alive; of the last
///       layer: its score is zero.
///
/// s3 by exact ablation costs the multiplications of all layers behind for every neuron and image: for VGG16
/// 1.1e15 with 64 images, hours on one core. Linear: the change of a score is -(derivative of the score with
/// respect to the neuron's activations) * (the activations), summed over the pixels; the divergence is that
/// of the distributions with and without these changes. One backward pass to the first layer gives that for
/// all neurons of all layers, one a score: those of the `classes` most probable of each image, and
/// log(sum(exp)) of all others together. That costs `classes` + 3 forward passes or so, 2e13 operations for
/// VGG16 with 64 images: all three scores take 4 minutes of one core (benchmark partition_vgg16). On two
/// small networks trained on CIFAR-10 (alexnet_small, vgg_bn_small; 64 images) the ranks of linear and exact
/// s3 within a layer correlate at 0.96 to 1.00 with all classes told apart and at 0.91 to 1.00 with three of
/// the ten; exact s3 from 8 of the 64 images, which for VGG16 costs more, correlates at 0.59 to 0.95: more
/// images serve better than exactness. Automatic is exact for the last layers, as far as that is cheap; the
/// very last always is. Scores are compared within a layer alone: layers need not be alike in this.
///
/// Rounding depends on the number of threads and the machine, and neurons whose distance is near a threshold
/// may be grouped otherwise then: scores are found once, and what follows is kept.
///
/// @param images  the calibration set [images, channels, height, width], one at least
/// Throws UserError naming `where` for weights that do not fit and for no images or classes; Failure when a
/// score is not finite.
ImportanceScores importance_scores(const CnnSpec& spec, const Weights& weights, const at::Tensor& images,
                                   const ScoreSpec& how, const std::string& where);

/// Multiplications of exact s3 of a layer for one image: its neurons times all layers behind.
double exact_multiplications(const std::vector<CutLayer>& layers, int layer);

/// Jensen-Shannon divergence of softmax distributions, in nats. Computed in double.
/// @param scores, others  [..., classes]; shapes that broadcast
/// @return [...]
at::Tensor jensen_shannon(const at::Tensor& scores, const at::Tensor& others);

}  // namespace deepfog
