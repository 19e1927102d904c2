#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// One parameter tensor of the network, and the physical node that holds it.
struct NamedTensor {
  std::string node;  ///< the physical node
  std::string name;  ///< unique within the node, e.g. "f2.layer1.weight", "f2.from_iot.weight"
  std::vector<std::int64_t> shape;
  std::vector<float> values;  ///< row-major
};

/// All parameters of a network, in a fixed order that follows from the topology.
using Weights = std::vector<NamedTensor>;

/// Text such as "a.b[250,23]", for messages about mismatching weights.
std::string describe(const NamedTensor& tensor);

/// Compares names and shapes. Returns the first five mismatches, one line each; empty if the weights fit.
std::vector<std::string> mismatches(const Weights& expected, const Weights& given);

}  // namespace deepfog
