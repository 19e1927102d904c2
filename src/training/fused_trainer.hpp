#pragma once

#include <vector>

#include "training/trainer.hpp"

namespace deepfog {

/// Trains the runs of one model, which differ only in their seeds, in this process and on one thread: one
/// model per seed, in order. Every run has its own weights, shuffles, failout draws and best epoch, all drawn
/// as train() draws them. The steps are those of train() up to the order in which floats are added: on the
/// networks of tests/training, the weights of every tensor stay within 1e-4 of its largest element. Training
/// amplifies such differences if a sample falls on the edge of a relu, as it does between two BLAS kernels
/// with train(): single runs on camera diverge within 10 epochs by a few validation samples. A run depends on
/// its seed only: on the same machine, it is the same bit for bit on its own or among others. Throws the same
/// errors as train().
///
/// The runs share the sums of sources at the stages, which are computed once, and all buffers. The arithmetic
/// is our own (step_network.hpp); without AVX2 or AVX-512, train() is faster.
/// @param checkpoints  for a single run only
std::vector<TrainedModel> train_fused(const Topology& topology, const Dataset& dataset,
                                      const TrainingSpec& spec, const std::vector<std::uint64_t>& seeds,
                                      const RunsCallback& after_epoch, const Checkpoints& checkpoints = {});

}  // namespace deepfog
