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

/// How the thresholds of exits are found, after training. `share`: at every exit but the last this share of
/// the validation samples that reach it leaves; `best`: the highest validation accuracy, and of equals the
/// thresholds where most leave early.
struct ThresholdRule {
  std::string how = "topology";  ///< topology (what it says) | fixed | share | best
  double value = 0;              ///< the threshold of every exit, or the share
};

/// How one model is trained. Words as in the config files.
struct TrainingSpec {
  std::string training = "standard";  ///< standard | failout
  std::vector<double>
      failout_rates;        ///< [n] probability that a node is failed in a batch; empty for standard
  Combination without = 0;  ///< nodes that are failed in every batch and in validation, a bit each: trained
                            ///< as if they did not exist
  ThresholdRule threshold;  ///< of networks with exits
  std::string optimiser = "adam";  ///< adam | adagrad | sgd | rmsprop
  double learning_rate = 0.001;
  double weight_decay = 0;
  std::int64_t epochs = 10;
  std::int64_t batch_size = 64;
  std::int64_t max_train_samples = 0;  ///< train on a fixed random subset; 0: all
  std::string class_weights = "none";  ///< none | balanced (N / (C * count), deepFogGuard section 4.2)
  std::string normalise = "none";      ///< none | standard: (x - mean) / deviation of the training samples
};

/// One trained network, at the epoch with the highest validation accuracy (the first of equals). Of a network
/// with exits this is the mean over its exits, each answering all samples.
struct TrainedModel {
  Weights weights;
  double validation_accuracy = 0;
  std::int64_t best_epoch = 0;    ///< counted from 1
  std::int64_t null_batches = 0;  ///< skipped because failout left no information flow
  double seconds = 0;
  Normalisation normalisation;  ///< of its data set; set by whoever called normalise()
};

/// Called after each epoch with (epoch from 1, mean loss, validation accuracy); false stops the training
/// early, with Interrupted thrown.
using EpochCallback = std::function<bool(std::int64_t epoch, double loss, double validation_accuracy)>;
struct Interrupted {};
/// The same of several runs, with the run's place among their seeds.
using RunsCallback =
    std::function<bool(std::size_t run, std::int64_t epoch, double loss, double validation_accuracy)>;

/// How a training goes on after its process has died: what save() was last given, put into `resume`,
/// continues it bit for bit.
struct Checkpoints {
  std::function<void(std::vector<char> state)> save;  ///< empty: no checkpoints
  double every_s = 60;
  std::vector<char> resume;  ///< empty: from the start
};

/// Trains one network in this process. The same arguments give the same weights, bit for bit, on the same
/// machine with the same number of threads; on a GPU that is not promised (max pooling adds its gradients in
/// no fixed order). Labels must be in 0..classes-1. Throws Failure when the loss stops being finite.
/// @param device  training and validation samples are copied to a GPU whole
/// @param checkpoints  Throws Failure when `resume` is of another training
TrainedModel train(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                   std::uint64_t seed, const EpochCallback& after_epoch, const Device& device = {},
                   const Checkpoints& checkpoints = {});

/// The samples as the network sees them: mean and deviation of dataset.train applied to all three splits in
/// place.
/// @param how  none | standard. Returns what was done.
Normalisation normalise(Dataset& dataset, const std::string& how);

/// Threads of LibTorch (and its BLAS) in this process, for the calling thread and those it starts later.
void set_threads(int threads);

/// What LibTorch runs on, for the record: version, and the real path of the BLAS library that was loaded.
struct NumericsInfo {
  std::string torch_version, blas_library;
  bool reference_blas = false;  ///< about 50 times slower than OpenBLAS: worth a loud warning
};
NumericsInfo numerics_info();

/// Graphics processors as LibTorch sees them.
struct GpuInfo {
  bool cuda = false;  ///< LibTorch was built with CUDA
  int count = 0;      ///< usable here
};
GpuInfo gpu_info();

/// Threads that LibTorch takes when nobody tells it how many.
int default_threads();

}  // namespace deepfog
