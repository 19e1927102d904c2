#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"
#include "partition/robust_partition.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// How s3 is computed for the neurons of a layer.
enum class Ablation {
  automatic,  ///< exact from the last layer backwards within ScoreSpec::exact_multiplications, otherwise
              ///< linear
  exact,      ///< recomputes the layers behind for every ablated neuron
  linear      ///< to first order in the change that the ablation makes
};

struct ScoreSpec {
  std::array<bool, kScores> use{true, true, true};  ///< unused scores stay zero and cost nothing
  Ablation ablation = Ablation::automatic;
  double exact_multiplications = 2e12;  ///< limit for automatic, over all exact layers and images
  int classes = 8;  ///< linear: how many of the most probable classes are told apart; the rest count as one
  std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< approximate limit for activations
};

struct ImportanceScores {
  Scores scores;            ///< [layer][neuron], not normalised
  std::vector<bool> exact;  ///< [layer] how s3 was computed
  std::int64_t images = 0;  ///< size of the calibration set
};

/// Step 1 of RobustDiCE's Algorithm 1 (lines 7 to 9) for every neuron of every cut layer. A neuron is an
/// output channel; W and b are those of its convolution or linear layer in the state dict, without norms.
///
///   s1  sum of |W| and |b|.
///   s2  sum of |dy/dW * W| and |dy/db * b|. In the paper, y is a vector; here it is the score (before
///       softmax) of the predicted class, and its derivative is the mean over the calibration images.
///   s3  Jensen-Shannon divergence (in nats, 0 to ln 2) between the network's output distribution and that
///       without the neuron, averaged over the calibration images. "Without the neuron" means zeros in the
///       gathered input of the next layer and wherever that is added later, as if no device that has the
///       neuron were alive; in the last layer, its score is zero.
///
/// Exact ablation costs the multiplications of all layers behind for every neuron and image: for VGG16 1.1e15
/// with 64 images, which is hours on one core. Linear ablation takes the change of a score as -(derivative of
/// the score with respect to the neuron's activations) * (the activations), summed over the pixels; the
/// divergence is that of the distributions with and without these changes. One backward pass to the first
/// layer gives this for all neurons of all layers, and one pass is needed per score: those of the `classes`
/// most probable classes of each image, and log(sum(exp)) of all others together. That costs about as much as
/// `classes` + 3 forward passes, 2e13 operations for VGG16 with 64 images: all three scores take 4 minutes of
/// one core (benchmark partition_vgg16). On two small networks trained on CIFAR-10 (alexnet_small,
/// vgg_bn_small; 64 images), the ranks of linear and exact s3 within a layer correlate at 0.96 to 1.00 with
/// all classes told apart and at 0.91 to 1.00 with three of the ten. Exact s3 from 8 of the 64 images, which
/// costs more for VGG16, correlates at 0.59 to 0.95: more images are better than exactness. Automatic
/// ablation is exact for the last layers as long as that is cheap, and always for the very last one. Scores
/// are compared within a layer only, so the layers may differ in this.
///
/// Rounding depends on the number of threads and the machine, and may change the groups of neurons whose
/// distance is near a threshold. Scores are therefore computed once and stored.
///
/// @param images  the calibration set [images, channels, height, width], at least one image
/// Throws UserError, which names `where`, if the weights do not fit or if there are no images or classes;
/// Failure if a score is not finite.
ImportanceScores importance_scores(const CnnSpec& spec, const Weights& weights, const at::Tensor& images,
                                   const ScoreSpec& how, const std::string& where);

/// Multiplications of exact s3 of a layer per image: the number of its neurons times those of all layers
/// behind.
double exact_multiplications(const std::vector<CutLayer>& layers, int layer);

/// Jensen-Shannon divergence of softmax distributions, in nats. Computed in double.
/// @param scores, others  [..., classes]; their shapes must broadcast
/// @return [...]
at::Tensor jensen_shannon(const at::Tensor& scores, const at::Tensor& others);

}  // namespace deepfog
