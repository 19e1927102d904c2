#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// The convolutional network that a cut topology is made of and the neurons that each device computes, as
/// plain values for a weights file. See partition/cut_weights.hpp.
struct CutOrigin {
  std::string network;
  std::array<std::int64_t, 3> image{};  ///< channels, height, width
  std::int64_t classes = 0;
  std::string method;
  std::int64_t devices = 0, spare = -1;  ///< devices includes the spare; spare is -1 if there is none
  std::vector<std::int64_t> sizes;       ///< [layers, devices]: number of neurons
  std::vector<std::int64_t> neurons;     ///< the indices of the neurons, one list after the other
  bool drawn = false;  ///< the weights are random, for measurements of time and memory only: accuracies are
                       ///< meaningless
};

}  // namespace deepfog
