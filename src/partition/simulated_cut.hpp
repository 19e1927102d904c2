#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "partition/cut_node.hpp"
#include "resilience/combination.hpp"
#include "topology/samples.hpp"

namespace deepfog {

/// A whole cut network in one process, for checks: a distributed run must equal it. It runs one CutNode per
/// node along the topology, so that all values are equal, bit for bit, for the same batch.
class SimulatedCut {
 public:
  /// @param weights_of  returns the weights of a node by index; called once per node
  /// Throws UserError as CutNode does.
  SimulatedCut(const Topology& topology, const std::vector<Columns>& columns, const CnnSpec& spec,
               const Partition& partition, const std::function<Weights(int node)>& weights_of,
               const std::string& where);

  /// [rows, classes] if exactly the nodes of the combination are alive; empty for Φ.
  std::vector<float> scores(const SampleView& samples, Combination combination);

  /// The class with the largest of the scores() per row (the first of equals); empty for Φ.
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination);

  /// labels() for the case that the receivers used exactly these hyperconnections: one entry per
  /// hyperconnection, where 1 means that its vector was used. Throws Failure if a used hyperconnection has a
  /// sender without output.
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used);

 private:
  template <class Used>
  std::vector<float> walk(const SampleView& samples, const Used& used);

  Topology topology_;
  std::vector<Columns> columns_;
  std::vector<CutNode> nodes_;
  std::vector<int> last_use_;  ///< one per stage: the last stage that reads it
};

}  // namespace deepfog
