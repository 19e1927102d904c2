#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "partition/cut_node.hpp"
#include "resilience/combination.hpp"
#include "topology/samples.hpp"

namespace deepfog {

/// A whole cut network in one process, for checks: what a distributed run must equal. One CutNode a node,
/// walked over the topology, so that for the same batch every figure is the same, bit for bit.
class SimulatedCut {
 public:
  /// @param weights_of  of a node by its index, asked once each
  /// Throws UserError as CutNode does.
  SimulatedCut(const Topology& topology, const std::vector<Columns>& columns, const CnnSpec& spec,
               const Partition& partition, const std::function<Weights(int node)>& weights_of,
               const std::string& where);

  /// [rows, classes] when the nodes of the combination are alive; empty: Φ.
  std::vector<float> scores(const SampleView& samples, Combination combination);

  /// The largest score a row (the first of equals) of scores(); empty: Φ.
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination);

  /// The same when exactly these hyperconnections were used by their receivers: one entry a hyperconnection,
  /// 1 = its vector went in. A used link whose sender has no output is Failure.
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used);

 private:
  template <class Used>
  std::vector<float> walk(const SampleView& samples, const Used& used);

  Topology topology_;
  std::vector<Columns> columns_;
  std::vector<CutNode> nodes_;
  std::vector<int> last_use_;  ///< a stage: the last one that reads it
};

}  // namespace deepfog
