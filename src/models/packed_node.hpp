#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// NodeNetwork with packed kernels (binary_kernels.hpp) for the stages that they can do; the others, gates
/// and what misses an input that counts as zero are run as NodeNetwork runs them. Outputs are NodeNetwork's,
/// bit for bit: sums of signs are exact in both. An image is summed exactly here and with rounding there, so
/// that a bit can differ where the norm of a sum is zero within rounding; with running figures of training
/// that does not happen, with a norm of the identity it does.
class PackedNode {
 public:
  /// Whether the kernels do all layers of this node, of which there are some.
  static bool fits(const Topology& topology, int node);

  /// As NodeNetwork's; of any node.
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
