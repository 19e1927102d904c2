#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// NodeNetwork with packed kernels (binary_kernels.hpp) for the stages that they support. Other stages,
/// gates, and stages that miss an input that counts as zero are run by NodeNetwork. Outputs equal those of
/// NodeNetwork bit for bit, because sums of signs are exact in both. An image is summed exactly here but with
/// rounding there, so a bit can differ if the norm of a sum is zero up to rounding; this does not happen with
/// running statistics from training, but does with an identity norm.
class PackedNode {
 public:
  /// Whether the node has layers and the kernels support all of them.
  static bool fits(const Topology& topology, int node);

  /// As the constructor of NodeNetwork; accepts any node.
  PackedNode(const Topology& topology, int node, const Weights& weights, const std::string& where);
  ~PackedNode();
  PackedNode(PackedNode&&) noexcept;

  /// As NodeNetwork::run. One thread at a time.
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
