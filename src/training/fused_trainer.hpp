#pragma once

#include <vector>

#include "training/trainer.hpp"

namespace deepfog {

/// Trains the runs of one model, which differ only in their seeds, in this process and on one thread: one
/// model a seed, in order. Every run has its own weights, shuffles, failout draws and best epoch, all drawn
/// as train() draws them. Its steps are those of train() up to the order in which floats are added: on the
/// networks of tests/training the weights of every tensor stay within 1e-4 of its largest element. Training
/// amplifies such differences where a sample falls on the edge of a relu, as it does between two BLAS kernels
/// under train(): single runs on camera part within 10 epochs, by a few validation samples. A run depends on
/// its seed alone: bit for bit the same on its own or among others, on the same machine. Same errors as
/// train().
/// @param checkpoints  of a single run; several runs have none
///
/// What the runs share: the sums of sources at the stages, made once, and all buffers. The arithmetic is our
/// own (step_network.hpp); without AVX2 or AVX-512 train() is the faster one.
std::vector<TrainedModel> train_fused(const Topology& topology, const Dataset& dataset,
                                      const TrainingSpec& spec, const std::vector<std::uint64_t>& seeds,
                                      const RunsCallback& after_epoch, const Checkpoints& checkpoints = {});

}  // namespace deepfog
