#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/device.hpp"
#include "resilience/combination.hpp"
#include "topology/normalisation.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// How the thresholds of exits are chosen after training. `share`: at every exit but the last, this share of
/// the validation samples that reach it leaves. `best`: the highest validation accuracy and, among equals,
/// the highest thresholds.
struct ThresholdRule {
  std::string how = "topology";  ///< topology (as it states) | fixed | share | best
  double value = 0;              ///< the threshold of every exit, or the share
};

/// How one model is trained; the words are those of the config files.
struct TrainingSpec {
  std::string training = "standard";  ///< standard | failout
  std::vector<double> failout_rates;  ///< [n] probability that a node fails in a batch; empty for standard
  Combination without = 0;  ///< bit mask of nodes that are failed in every batch and in validation: the
                            ///< network is trained as if they did not exist
  ThresholdRule threshold;  ///< for networks with exits
  std::string optimiser = "adam";  ///< adam | adagrad | sgd | rmsprop
  double learning_rate = 0.001;
  double weight_decay = 0;
  std::int64_t epochs = 10;
  std::int64_t batch_size = 64;
  std::int64_t max_train_samples = 0;  ///< size of a fixed random subset to train on; 0: all samples
  std::string class_weights = "none";  ///< none | balanced (N / (C * count), deepFogGuard section 4.2)
  std::string normalise = "none";      ///< none | standard: (x - mean) / deviation of the training samples
};

/// One trained network at the epoch with the highest validation accuracy (the first of equals). With exits,
/// this is the mean over the exits if each answers all samples.
struct TrainedModel {
  Weights weights;
  double validation_accuracy = 0;
  std::int64_t best_epoch = 0;    ///< starts at 1
  std::int64_t null_batches = 0;  ///< skipped because no information flowed under failout
  double seconds = 0;
  Normalisation normalisation;  ///< of its data set; set by the caller of normalise()
};

/// Called after each epoch, which counts from 1, with the mean loss and the validation accuracy. If it
/// returns false, training stops and throws Interrupted.
using EpochCallback = std::function<bool(std::int64_t epoch, double loss, double validation_accuracy)>;
struct Interrupted {};
/// The same for several runs; `run` is an index into their seeds.
using RunsCallback =
    std::function<bool(std::size_t run, std::int64_t epoch, double loss, double validation_accuracy)>;

/// How a training continues after its process has died: if `resume` is the state that save() received last,
/// training continues bit for bit.
struct Checkpoints {
  std::function<void(std::vector<char> state)> save;  ///< empty: no checkpoints are made
  double every_s = 60;
  std::vector<char> resume;  ///< empty: starts from the beginning
};

/// Trains one network in this process. The same arguments give the same weights, bit for bit, on the same
/// machine with the same number of threads; on a GPU this is not guaranteed, because max pooling adds its
/// gradients in no fixed order. Labels must be in 0..classes-1. Throws Failure if the loss is no longer
/// finite or if `checkpoints.resume` belongs to another training.
/// @param device  all training and validation samples are copied to a GPU
TrainedModel train(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                   std::uint64_t seed, const EpochCallback& after_epoch, const Device& device = {},
                   const Checkpoints& checkpoints = {});

/// Normalises the samples: applies mean and deviation of dataset.train to all three splits, in place.
/// @param how  none | standard
/// @return the normalisation that was applied
Normalisation normalise(Dataset& dataset, const std::string& how);

/// Sets the number of threads of LibTorch (and its BLAS) in this process, for the calling thread and threads
/// that it starts later.
void set_threads(int threads);

/// The libraries in use, for the record: LibTorch's version and the real path of the loaded BLAS library.
struct NumericsInfo {
  std::string torch_version, blas_library;
  bool reference_blas = false;  ///< about 50 times slower than OpenBLAS: callers should warn
};
NumericsInfo numerics_info();

/// GPUs as LibTorch sees them.
struct GpuInfo {
  bool cuda = false;  ///< LibTorch was built with CUDA
  int count = 0;      ///< usable in this process
};
GpuInfo gpu_info();

/// The number of threads that LibTorch uses by default.
int default_threads();

}  // namespace deepfog
