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

/// The stages of one device of a cut network, of CDC's spare, or of the host, with their weights: what a rank
/// of a distributed run computes with. See cut_topology.hpp. This header does not expose LibTorch.
///
/// Values are stored channels last. A `part` or `product` stage sends [rows, pixels, neurons of the device].
/// A `gather` or `decode` stage passes [rows, pixels, channels] to the stages of its node, with zeros in
/// channels that no device sent, followed by one flag per channel, which is 1 if the channel is alive: a part
/// leaves dead channels out of its product. On the host, the values are the scores, [rows, classes], and the
/// flags of the classes.
class CutNode {
 public:
  /// @param node     index into topology.nodes()
  /// @param weights  of this node only (load_node_weights); none for the host
  /// Throws UserError, which names `where`, if the topology is not that of the partition or if tensors do not
  /// fit; it names the first five of these.
  CutNode(const Topology& topology, int node, const CnnSpec& spec, const Partition& partition,
          const Weights& weights, const std::string& where);
  ~CutNode();
  CutNode(CutNode&&) noexcept;

  /// As NodeNetwork::run(); images are [rows, channels * height * width], channels first. The same inputs in
  /// a batch of the same size give the same outputs, bit for bit.
  /// @param between  called before every block of work of about 20 ms: a stage, or a few rows or neurons of
  ///                 one
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between);

  std::int64_t resident_bytes() const;  ///< bytes of the weights, without those selected for dead channels

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
