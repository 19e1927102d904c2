#pragma once

#include <string>

namespace deepfog {

/// The device on which LibTorch computes: the processor or one GPU of this host. Both compute in single
/// precision with TF32 off. Their sums are taken in different orders, so two scores that are equal up to
/// rounding may be ranked differently: counts may differ by such samples, and weights trained on a GPU differ
/// from weights trained on a processor. The tests run this code on the processor; it has not been run on a
/// GPU yet.
struct Device {
  int gpu = -1;  ///< index on this host; -1: the processor
  bool is_gpu() const { return gpu >= 0; }
};
inline bool operator==(const Device& a, const Device& b) {
  return a.gpu == b.gpu;
}

/// The number of GPUs that LibTorch sees in this process; 0 if it was built without CUDA.
int visible_gpus();

/// Interprets `--device` for a rank. The ranks of a host take its GPUs in turn; if there are more ranks than
/// GPUs, they share them.
/// @param word        cpu | cuda
/// @param local_rank  index of this rank among those of its host
/// @param gpus        number of GPUs that this process sees
/// Throws UserError for any other word, and for cuda if there is no GPU.
Device choose_device(const std::string& word, int local_rank, int gpus = visible_gpus());

}  // namespace deepfog
