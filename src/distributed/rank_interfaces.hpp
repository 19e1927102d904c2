#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "distributed/sample_window.hpp"
#include "inference/node_interfaces.hpp"
#include "inference/node_links.hpp"
#include "models/node_network.hpp"
#include "models/packed_node.hpp"
#include "partition/cut_node.hpp"

namespace deepfog {

/// Computes with the node's own part of the weights file; in a cut network, with its device's rows.
class RankEngine : public StageEngine {
 public:
  RankEngine(const Job& job, int node);
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) override;

 private:
  std::optional<NodeNetwork> network_;
  std::optional<PackedNode> packed_;
  std::optional<CutNode> cut_;  ///< exactly one of the three engines is set
};

/// The data of the sensors connected to the node. The rank reads them from the data set itself, since sources
/// never fail (deepFogGuard, section 4.3), a part at a time if they are large. Nodes without sensors read
/// nothing.
class RankSamples : public SampleSource {
 public:
  /// @param most_bytes  see SampleWindow
  RankSamples(const Job& job, const NodeLinks& node_links,
              std::int64_t most_bytes = SampleWindow::kMostBytes);
  const float* rows(int source, std::int64_t first, std::int64_t rows) override;

 private:
  void take(std::int64_t first, std::int64_t rows);
  std::vector<Columns> columns_;
  std::vector<bool> wired_;                 ///< per source: connected to this node
  std::vector<std::vector<float>> values_;  ///< per source: [rows in memory, width]
  std::int64_t begin_ = 0, size_ = 0;       ///< rows in memory
  SampleWindow window_;
};

/// This process: crash() and hang() really happen.
class RankMachine : public Machine {
 public:
  void crash() override;
  /// A child process that does not use MPI continues this process. Throws Failure if it cannot be created.
  void hang(std::int64_t length_us) override;
};

}  // namespace deepfog
