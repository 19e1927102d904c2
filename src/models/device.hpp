#pragma once

#include <string>

namespace deepfog {

/// What LibTorch computes on: the processor, or one GPU of this host. Figures are in single precision on
/// both, TF32 is off. They are summed in other orders, so two scores that tie to rounding may come out the
/// other way round: counts may differ by such samples, and weights trained on a GPU are not those of a
/// processor. Written for CUDA's GPUs, but so far not run on one: tested on the processor through the same
/// code.
struct Device {
  int gpu = -1;  ///< number on this host; -1: the processor
  bool is_gpu() const { return gpu >= 0; }
};
inline bool operator==(const Device& a, const Device& b) {
  return a.gpu == b.gpu;
}

/// GPUs that LibTorch sees in this process; 0 where it was built without CUDA.
int visible_gpus();

/// What `--device` means for a rank. Ranks of a host take its GPUs in turn: more ranks than GPUs share them.
/// @param word        cpu | cuda
/// @param local_rank  number of this rank among those of its host
/// @param gpus        that this process sees
/// Throws UserError for another word, and for cuda where there is no GPU.
Device choose_device(const std::string& word, int local_rank, int gpus = visible_gpus());

}  // namespace deepfog
