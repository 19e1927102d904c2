#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// Which convolutional network a cut topology is made of and which device computes which neurons, as plain
/// values: what a weights file says of it. See partition/cut_weights.hpp.
struct CutOrigin {
  std::string network;
  std::array<std::int64_t, 3> image{};  ///< channels, height, width
  std::int64_t classes = 0;
  std::string method;
  std::int64_t devices = 0, spare = -1;  ///< with the spare; -1: none
  std::vector<std::int64_t> sizes;       ///< [layers, devices]: how many neurons each has
  std::vector<std::int64_t> neurons;     ///< their ids, one list after another
  bool drawn = false;  ///< weights drawn at random, for time and memory alone: accuracies mean nothing
};

}  // namespace deepfog
