#pragma once

#include <cstdint>
#include <string>

#include "models/cnn_plan.hpp"
#include "topology/normalisation.hpp"
#include "topology/samples.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// How a convolutional network is trained on images. Words as in the config files. The learning rate is the
/// highest one: it rises to it over the first twentieth of the steps and falls to 0 along half a cosine
/// (Loshchilov and Hutter 2017, Equation 5, without restarts). Optimisers: sgd (Nesterov, momentum 0.9) |
/// adam.
struct ImageTrainingSpec : TrainingSpec {
  ImageTrainingSpec() {
    optimiser = "sgd";
    learning_rate = 0.05;
    weight_decay = 0.0005;
  }
  /// none | crop | crop_flip: a window of the image's size at a random place of the image with 4 pixels of
  /// zeros around it; mirrored left to right every other time (He et al. 2016, section 4.2).
  std::string augmentation = "crop_flip";
};

/// Trains one network in this process; the epoch with the highest validation accuracy (the first of equals)
/// is kept. The same arguments give the same weights, bit for bit, on the same machine with the same number
/// of threads. Throws UserError when specs and samples do not fit, Failure when the loss stops being finite,
/// and Interrupted when the callback says so.
/// @param dataset  features in the order channels, height, width; normalised by the caller
TrainedModel train_images(const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec,
                          std::uint64_t seed, const EpochCallback& after_epoch,
                          const Checkpoints& checkpoints = {});

/// The shape of a data set that is images: of one source, which says it. Throws UserError for any other.
ImageShape image_shape_of(const Dataset& dataset);

/// (x - mean) / deviation of each channel over the training images, applied to all three splits in place.
/// @return what was done, a feature each
Normalisation normalise_channels(Dataset& dataset, const ImageShape& shape);

}  // namespace deepfog
