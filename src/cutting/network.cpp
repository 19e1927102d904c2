#include "cutting/network.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "core/seed.hpp"
#include "cutting/choose.hpp"
#include "models/cnn.hpp"
#include "partition/scores.hpp"
#include "storage/dataset_file.hpp"
#include "storage/sha256.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

const SampleSet& calibration_set(const Dataset& data) {
  return data.train.size() > 0 ? data.train : data.validation;
}

/// Everything that the network and its scores follow from; the partitions do not count.
std::string key_of(const CuttingJob& job, std::int64_t run) {
  const CuttingSpec& s = job.spec;
  const ImageTrainingSpec& t = s.training;
  std::string text = "network 1 " + s.network + " " + s.weights + " " + job.data.content_sha256 + " " +
                     job.data.split + " " + std::to_string(s.seed) + " " + std::to_string(run) + " " +
                     std::to_string(s.threads) + " " + std::to_string(s.calibration) + " " + s.ablation;
  if (s.weights == "train") {
    char rates[80];
    std::snprintf(rates, sizeof rates, "%.17g %.17g", t.learning_rate, t.weight_decay);
    text += " " + t.optimiser + " " + rates + " " + std::to_string(t.epochs) + " " +
            std::to_string(t.batch_size) + " " + std::to_string(t.max_train_samples) + " " + t.augmentation;
  } else if (!s.random()) {
    text += " " + job.weights_sha256;
  }
  return sha256(text);
}

std::uint64_t seed_of(const CuttingJob& job, std::int64_t run, const std::string& purpose) {
  return derive_seed(job.spec.seed, job.spec.name, job.spec.network, run, purpose);
}

void train_here(const CuttingJob& job, std::int64_t run, const TrainingProgress& progress,
                StoredNetwork& network) {
  Dataset data = job.data;  // normalised in place
  network.normalisation = normalise_channels(data, job.cnn.image);
  const std::int64_t epochs = job.spec.training.epochs;
  TrainedModel trained =
      train_images(job.cnn, data, job.spec.training, seed_of(job, run, "train"),
                   [&](std::int64_t epoch, double, double) { return progress(epoch, epochs); });
  network.weights = std::move(trained.weights);
  network.validation_accuracy = trained.validation_accuracy;
  network.best_epoch = trained.best_epoch;
  network.train_seconds = trained.seconds;
}

void draw(const CuttingJob& job, std::int64_t run, StoredNetwork& network) {
  Cnn module(job.cnn);
  module->initialise(seed_of(job, run, "train"));
  network.weights = module->weights();
}

/// As exported from TorchVision (data/export_torchvision.py), or saved by an earlier study. Returns the sum
/// of what stands in the file.
std::string read_file(const CuttingJob& job, StoredNetwork& network) {
  network.weights = load_weights(job.spec.weights);
  const std::string sum = checksum(network.weights);
  network.normalisation = load_weights_origin(job.spec.weights).normalisation;
  const auto features = static_cast<std::size_t>(job.cnn.image.values());
  if (!network.normalisation.empty() && network.normalisation.centre.size() != features) {
    throw UserError(job.spec.weights + ":/normalisation",
                    std::to_string(network.normalisation.centre.size()) + " features",
                    std::to_string(features) + ", those of " + job.data.name);
  }
  Cnn module(job.cnn);
  module->load(network.weights, job.spec.weights);
  network.weights = module->weights();  // in our order, under our node
  return sum;
}

/// The calibration images as the network sees them: [images, channels, height, width].
torch::Tensor calibration_images(const CuttingJob& job, const StoredNetwork& network, std::int64_t run) {
  const bool in_file = calibration_part(job.data) == "test";
  const std::int64_t of = in_file ? job.data.test.size() : calibration_set(job.data).size();
  const std::int64_t count = std::min(job.spec.calibration, of), features = job.cnn.image.values();
  auto order = RandomStream(seed_of(job, run, "calibration")).permutation(of);
  order.resize(static_cast<std::size_t>(count));
  std::sort(order.begin(), order.end());
  SampleSet images;
  images.features = features;
  images.labels.assign(static_cast<std::size_t>(count), 0);
  for (const std::int64_t row : order) {
    SampleSet read;
    if (in_file) read = load_test_rows(job.spec.dataset_path, job.data.split, row, row + 1);
    const float* values =
        in_file ? read.values.data() : calibration_set(job.data).values.data() + row * features;
    images.values.insert(images.values.end(), values, values + features);
  }
  network.normalisation.apply(images);
  const ImageShape& shape = job.cnn.image;
  return torch::tensor(at::ArrayRef<float>(images.values))
      .reshape({count, shape.channels, shape.height, shape.width});
}

StoredNetwork make_network(const CuttingJob& job, std::int64_t run, const TrainingProgress& progress) {
  StoredNetwork network;
  if (job.spec.weights == "train") {
    train_here(job, run, progress, network);
  } else if (job.spec.random()) {
    draw(job, run, network);
  } else if (read_file(job, network) != job.weights_sha256) {
    throw Failure(job.spec.weights + ": changed while the study was running");
  }
  return network;
}

bool needs_scores(const CuttingJob& job) {
  for (const CutExperimentSpec& experiment : job.spec.experiments) {
    for (const CutModelSpec& model : experiment.models) {
      if (model.method == "robustdice") return true;
    }
  }
  return false;
}

/// All three scores, whichever are asked for: the file serves other partitions later.
void score(const CuttingJob& job, std::int64_t run, StoredNetwork& network) {
  ScoreSpec how;
  how.ablation = job.spec.ablation == "exact"    ? Ablation::exact
                 : job.spec.ablation == "linear" ? Ablation::linear
                                                 : Ablation::automatic;
  const Stopwatch watch;
  const torch::Tensor images = calibration_images(job, network, run);
  network.scores = importance_scores(job.cnn, network.weights, images, how, job.spec.network).scores;
  network.score_seconds = watch.seconds();
  for (const CutLayer& layer : job.layers) network.layers.push_back(layer.name);
}

void check_experiments(const CuttingJob& job) {
  for (const CutExperimentSpec& experiment : job.spec.experiments) {
    for (const CutLayer& layer : job.layers) {
      if (layer.neurons >= experiment.devices) continue;
      throw UserError("[experiment." + experiment.name + "] devices = " + std::to_string(experiment.devices),
                      layer.name + " has only " + std::to_string(layer.neurons) + " neurons",
                      "as many devices at most");
    }
    for (const CutModelSpec& model : experiment.models) {
      const auto given = model.thresholds.size();
      const std::string where = "[model." + model.name + "]";
      if (given > 1 && given != job.layers.size()) {
        throw UserError(where + " threshold", std::to_string(given) + " figures",
                        "one, or one for each of the " + std::to_string(job.layers.size()) + " layers");
      }
      check_budget(model, experiment.devices, job.layers, where + " of " + experiment.name);
      if (model.searches() && job.data.validation.size() == 0) {
        throw UserError(where, "a search by accuracy, but " + job.data.name + " has no validation images",
                        "threshold or memory");
      }
      if (model.searches() && job.spec.random())
        throw UserError(where, "a search by accuracy of random weights", "threshold or memory");
    }
  }
}

}  // namespace

std::string CuttingJob::network_path(std::int64_t run) const {
  return folder() + "/network.run" + std::to_string(run) + ".h5";
}

std::string CuttingJob::weights_path(const std::string& experiment, const std::string& model,
                                     std::int64_t run) const {
  return folder() + "/" + experiment + "." + model + ".run" + std::to_string(run) + ".h5";
}

std::string calibration_part(const Dataset& data) {
  if (data.train.size() > 0) return "train";
  return data.validation.size() > 0 ? "validation" : "test";
}

CuttingJob load_cutting_job(const CuttingSpec& spec) {
  CuttingJob job;
  job.spec = spec;
  const bool trains = spec.weights == "train";
  job.data = load_dataset(spec.dataset_path, spec.split, 0, trains ? Parts::all : Parts::test);
  job.cnn = {spec.network, image_shape_of(job.data), job.data.classes()};
  job.layers = cut_plan(plan_cnn(job.cnn)).layers;
  job.test_samples = job.data.test.size();
  if (spec.samples > 0 && spec.samples < job.test_samples) {
    job.test_stride = job.test_samples / spec.samples;
    job.test_samples = spec.samples;
  }
  check_experiments(job);
  if (!trains && !spec.random()) {
    StoredNetwork fits;
    job.weights_sha256 = read_file(job, fits);
  }
  return job;
}

void prepare_network(const CuttingJob& job, std::int64_t run, const TrainingProgress& progress) {
  const std::string path = job.network_path(run), key = key_of(job, run);
  const std::optional<StoredNetwork> stored = load_network(path, key);
  // Made for partitions that asked for no scores: these alone are missing.
  const bool lacks_scores = needs_scores(job) && (!stored || stored->scores.empty());
  if (stored && !lacks_scores) return;
  StoredNetwork network = stored ? *stored : make_network(job, run, progress);
  network.key = key;
  if (lacks_scores) score(job, run, network);
  std::filesystem::create_directories(job.folder());
  save_network(path, network);
}

StoredNetwork read_network(const CuttingJob& job, std::int64_t run) {
  const std::string path = job.network_path(run);
  std::optional<StoredNetwork> stored = load_network(path, key_of(job, run));
  if (!stored) throw Failure(path + ": gone or changed while the study was running");
  return std::move(*stored);
}

SampleSet search_samples(const CuttingJob& job, const StoredNetwork& network) {
  SampleSet set;
  set.features = job.data.validation.features;
  const std::int64_t count = std::min(job.spec.search_images, job.data.validation.size());
  const auto& all = job.data.validation;
  set.values.assign(all.values.begin(), all.values.begin() + count * all.features);
  set.labels.assign(all.labels.begin(), all.labels.begin() + count);
  network.normalisation.apply(set);
  return set;
}

SampleSet test_samples(const CuttingJob& job, const StoredNetwork& network, std::int64_t begin,
                       std::int64_t end) {
  const SampleSet all = load_test_rows(job.spec.dataset_path, job.data.split, begin * job.test_stride,
                                       (end - 1) * job.test_stride + 1);
  SampleSet set;
  set.features = all.features;
  for (std::int64_t row = 0; row < all.size(); row += job.test_stride) {
    const float* values = all.values.data() + row * all.features;
    set.values.insert(set.values.end(), values, values + all.features);
    set.labels.push_back(all.labels[static_cast<std::size_t>(row)]);
  }
  network.normalisation.apply(set);
  return set;
}

}  // namespace deepfog
