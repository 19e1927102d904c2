#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"
#include "partition/partition.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// The stages of one device of a cut network, of CDC's spare, or of the host, with its own weights: what a
/// rank of a distributed run computes with. See cut_topology.hpp. LibTorch stays behind this header.
///
/// Values stand channels last: what `part` and `product` send is [rows, pixels, neurons of the device]. What
/// `gather` and `decode` give to the stages of the same node is [rows, pixels, channels], zeros in channels
/// that nobody sent, and behind the last row one flag a channel, 1 where it is alive: a part leaves dead
/// channels out of its product. On the host these are the scores, [rows, classes], and the classes' flags.
class CutNode {
 public:
  /// @param node     index into topology.nodes()
  /// @param weights  of this node only (load_node_weights); none on the host
  /// Throws UserError naming `where` for a topology that is not that of the partition, and naming the first
  /// five tensors that do not fit.
  CutNode(const Topology& topology, int node, const CnnSpec& spec, const Partition& partition,
          const Weights& weights, const std::string& where);
  ~CutNode();
  CutNode(CutNode&&) noexcept;

  /// As NodeNetwork::run(); images are [rows, channels * height * width], channel first. The same inputs in a
  /// batch of the same size give the same outputs, bit for bit.
  /// @param between  called before every piece of work of some 20 ms: a stage, or a few rows or neurons of
  /// one
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between);

  std::int64_t resident_bytes() const;  ///< of the weights, without those selected for dead channels

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
