#pragma once

#include <cstdint>
#include <string>

#include "models/cnn_plan.hpp"
#include "topology/normalisation.hpp"
#include "topology/samples.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// How a convolutional network is trained on images; the words are those of the config files. The learning
/// rate is the highest one: it rises to this value over the first twentieth of the steps and then falls to 0
/// along half a cosine (Loshchilov and Hutter 2017, Equation 5, without restarts). Optimisers: sgd (Nesterov,
/// momentum 0.9) | adam.
struct ImageTrainingSpec : TrainingSpec {
  ImageTrainingSpec() {
    optimiser = "sgd";
    learning_rate = 0.05;
    weight_decay = 0.0005;
  }
  /// none | crop | crop_flip: a window of the image's size at a random position in the image, which is padded
  /// with 4 pixels of zeros; with crop_flip also mirrored left to right with probability 1/2 (He et al. 2016,
  /// section 4.2).
  std::string augmentation = "crop_flip";
};

/// Trains one network in this process and keeps the epoch with the highest validation accuracy (the first of
/// equals). The same arguments give the same weights, bit for bit, on the same machine with the same number
/// of threads. Throws UserError if specs and samples do not fit, Failure if the loss is no longer finite, and
/// Interrupted if the callback returns false.
/// @param dataset  features in the order channels, height, width; already normalised
TrainedModel train_images(const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec,
                          std::uint64_t seed, const EpochCallback& after_epoch,
                          const Checkpoints& checkpoints = {});

/// The image shape of a data set with one source that states its shape. Throws UserError for any other data
/// set.
ImageShape image_shape_of(const Dataset& dataset);

/// Applies (x - mean) / deviation of each channel over the training images to all three splits, in place.
/// @return the normalisation, with one entry per feature
Normalisation normalise_channels(Dataset& dataset, const ImageShape& shape);

}  // namespace deepfog
