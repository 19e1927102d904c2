#include "training/image_trainer.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "models/cnn.hpp"
#include "topology/weights_codec.hpp"
#include "training/diverged.hpp"
#include "training/optimiser.hpp"
#include "training/training_loop.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kValidationBlock = 256;
constexpr std::int64_t kPadding = 4;
constexpr double kWarmUp = 0.05;  ///< fraction of the steps
constexpr double kPi = 3.14159265358979323846;

std::string words(const ImageShape& shape) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width);
}

void check(const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec) {
  if (spec.augmentation != "none" && spec.augmentation != "crop" && spec.augmentation != "crop_flip") {
    throw UserError("augmentation", "unknown '" + spec.augmentation + "'", "none, crop, crop_flip");
  }
  if (spec.optimiser != "sgd" && spec.optimiser != "adam") {
    throw UserError("optimiser", "unknown '" + spec.optimiser + "'", "sgd, adam");
  }
  if (spec.batch_size < 2 || spec.epochs < 1) {
    throw UserError("training", "batch_size must be at least 2 and epochs at least 1");
  }
  if (spec.max_train_samples == 1) throw UserError("max_train_samples", "1", "0 for all, or 2 and more");
  if (dataset.train.size() < 2 || dataset.validation.size() == 0) {
    throw UserError(dataset.name,
                    "no validation or fewer than two training samples in split '" + dataset.split + "'");
  }
  for (const SampleSet* set : {&dataset.train, &dataset.validation}) {
    if (set->features != network.image.values()) {
      throw UserError(dataset.name,
                      std::to_string(set->features) + " values a sample are not " + words(network.image));
    }
    for (const std::int64_t label : set->labels) {
      if (label >= 0 && label < network.classes) continue;
      throw UserError(dataset.name, "label " + std::to_string(label),
                      "0 to " + std::to_string(network.classes - 1));
    }
  }
}

/// Augments images for training, with new random draws each time.
class Augmentation {
 public:
  std::uint64_t state() const { return stream_.state(); }
  void set_state(std::uint64_t state) { stream_ = RandomStream(state); }
  Augmentation(const std::string& how, const ImageShape& shape, std::uint64_t seed)
      : crop_(how != "none"), flip_(how == "crop_flip"), shape_(shape), stream_(seed) {}

  /// @param from, to  one image, channels first
  void copy(const float* from, float* to) {
    const std::int64_t reach = 2 * kPadding + 1;
    const std::int64_t down = crop_ ? std::int64_t(stream_.below(reach)) - kPadding : 0;
    const std::int64_t right = crop_ ? std::int64_t(stream_.below(reach)) - kPadding : 0;
    const bool mirrored = flip_ && stream_.below(2) == 1;
    for (std::int64_t row = 0; row < shape_.channels * shape_.height; ++row, to += shape_.width) {
      const std::int64_t channel = row / shape_.height, y = row % shape_.height + down;
      const bool inside = y >= 0 && y < shape_.height;
      copy_row(inside ? from + (channel * shape_.height + y) * shape_.width : nullptr, right, mirrored, to);
    }
  }

 private:
  void copy_row(const float* from, std::int64_t right, bool mirrored, float* to) const {
    for (std::int64_t x = 0; x < shape_.width; ++x) {
      const std::int64_t at = (mirrored ? shape_.width - 1 - x : x) + right;
      to[x] = from != nullptr && at >= 0 && at < shape_.width ? from[at] : 0.0F;
    }
  }

  bool crop_, flip_;
  ImageShape shape_;
  RandomStream stream_;
};

/// Trains a convolutional network on augmented images.
class ImageSteps : public TrainingSteps {
 public:
  /// @param batches  number of batches per epoch
  ImageSteps(const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec,
             std::uint64_t seed, std::int64_t batches)
      : spec_(spec),
        network_(network),
        train_(dataset.train),
        validation_(dataset.validation),
        shape_(network.image),
        augmentation_(spec.augmentation, network.image, derive_seed(seed, "", "", 0, "augmentation")),
        steps_(batches * spec.epochs) {
    network_->initialise(derive_seed(seed, "", "", 0, "weights"));
    network_->seed_noise(derive_seed(seed, "", "", 0, "noise"));
    optimiser_ =
        make_optimiser(spec.optimiser, spec.learning_rate, spec.weight_decay, true, network_->parameters());
  }

  double step(const std::int64_t* rows, std::int64_t count, Combination) override {
    network_->train();
    torch::Tensor images = torch::empty(image_sizes(count)), labels = torch::empty({count}, torch::kInt64);
    for (std::int64_t i = 0; i < count; ++i) {
      augmentation_.copy(train_.values.data() + rows[i] * train_.features,
                         images.data_ptr<float>() + i * train_.features);
      labels.data_ptr<std::int64_t>()[i] = train_.labels[static_cast<std::size_t>(rows[i])];
    }
    for (auto& group : optimiser_->param_groups()) group.options().set_lr(rate_now());
    ++step_;
    optimiser_->zero_grad();
    torch::Tensor loss = torch::cross_entropy_loss(network_->forward(images), labels);
    loss.backward();
    optimiser_->step();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) throw Diverged(value);
    return value;
  }

  double validation_accuracy() override {
    torch::NoGradGuard no_grad;
    network_->eval();
    std::int64_t correct = 0;
    for (std::int64_t begin = 0; begin < validation_.size(); begin += kValidationBlock) {
      const std::int64_t rows = std::min(kValidationBlock, validation_.size() - begin);
      float* values = const_cast<float*>(validation_.values.data()) + begin * validation_.features;
      auto* labels = const_cast<std::int64_t*>(validation_.labels.data()) + begin;
      const torch::Tensor scores = network_->forward(torch::from_blob(values, image_sizes(rows)));
      const torch::Tensor expected = torch::from_blob(labels, {rows}, torch::kInt64);
      correct += scores.argmax(1).eq(expected).sum().item<std::int64_t>();
    }
    return double(correct) / double(validation_.size());
  }

  Weights weights() const override { return network_->weights(); }

  void save(Encoder& encoder) const override {
    encoder.put(step_);
    encoder.put(augmentation_.state());
    put_weights(encoder, network_->weights());
    encoder.put_list(network_->noise_state());
    put_optimiser(encoder, *optimiser_);
  }

  void restore(Decoder& decoder) override {
    step_ = decoder.get<std::int64_t>();
    augmentation_.set_state(decoder.get<std::uint64_t>());
    network_->load(get_weights_like(decoder, network_->weights()), "training checkpoint");
    network_->set_noise_state(decoder.get_list<std::uint8_t>());
    get_optimiser(decoder, *optimiser_);
  }

 private:
  std::vector<std::int64_t> image_sizes(std::int64_t rows) const {
    return {rows, shape_.channels, shape_.height, shape_.width};
  }

  double rate_now() const {
    const double done = double(step_ + 1) / double(steps_ + 1);
    const double rise = std::min(1.0, done / kWarmUp);
    const double fall = std::max(0.0, (done - kWarmUp) / (1 - kWarmUp));
    return spec_.learning_rate * rise * 0.5 * (1 + std::cos(kPi * fall));
  }

  const ImageTrainingSpec& spec_;
  Cnn network_;
  const SampleSet& train_;
  const SampleSet& validation_;
  ImageShape shape_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  Augmentation augmentation_;
  std::int64_t step_ = 0, steps_;
};

}  // namespace

TrainedModel train_images(const CnnSpec& network, const Dataset& dataset, const ImageTrainingSpec& spec,
                          std::uint64_t seed, const EpochCallback& after_epoch,
                          const Checkpoints& checkpoints) {
  check(network, dataset, spec);
  const std::int64_t samples = dataset.train.size();
  const std::int64_t used = spec.max_train_samples > 0 ? std::min(samples, spec.max_train_samples) : samples;
  const std::int64_t batches = (used + spec.batch_size - 1) / spec.batch_size;
  TrainingRun run(std::make_unique<ImageSteps>(network, dataset, spec, seed, batches), spec, samples, seed, 0,
                  2);
  train_run(run, after_epoch, checkpoints);
  return std::move(run.trained());
}

ImageShape image_shape_of(const Dataset& dataset) {
  if (dataset.sources.size() != 1 || dataset.sources[0].shape.size() != 3) {
    throw UserError(dataset.name, "its samples are not images",
                    "one source with a shape of channels, height and width");
  }
  const std::vector<std::int64_t>& shape = dataset.sources[0].shape;
  return {shape[0], shape[1], shape[2]};
}

Normalisation normalise_channels(Dataset& dataset, const ImageShape& shape) {
  const SampleSet& train = dataset.train;
  if (train.features != shape.values() || train.size() == 0) {
    throw UserError(dataset.name, "no training images of " + words(shape));
  }
  const std::int64_t pixels = shape.height * shape.width;
  Normalisation normalisation;
  for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
    double sum = 0, squares = 0;
    for (std::int64_t row = 0; row < train.size(); ++row) {
      const float* values = train.values.data() + row * train.features + channel * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) {
        sum += values[i];
        squares += double(values[i]) * values[i];
      }
    }
    const double count = double(train.size() * pixels), mean = sum / count;
    const double deviation = std::sqrt(std::max(0.0, squares / count - mean * mean));
    normalisation.centre.insert(normalisation.centre.end(), pixels, float(mean));
    normalisation.deviation.insert(normalisation.deviation.end(), pixels,
                                   deviation > 0 ? float(deviation) : 1.0F);
  }
  for (SampleSet* set : {&dataset.train, &dataset.validation, &dataset.test}) normalisation.apply(*set);
  return normalisation;
}

}  // namespace deepfog
