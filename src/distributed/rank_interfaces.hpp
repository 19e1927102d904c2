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

/// The node's own part of the weights file; of a cut network its device's rows.
class RankEngine : public StageEngine {
 public:
  RankEngine(const Job& job, int node);
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) override;

 private:
  std::optional<NodeNetwork> network_;
  std::optional<PackedNode> packed_;
  std::optional<CutNode> cut_;  ///< one of the three
};

/// The sensors wired to the node: read from the data set by the rank itself, since sources never fail
/// (deepFogGuard, section 4.3), a part at a time where they are large. Other nodes read nothing.
class RankSamples : public SampleSource {
 public:
  /// @param most_bytes  see SampleWindow
  RankSamples(const Job& job, const NodeLinks& node_links,
              std::int64_t most_bytes = SampleWindow::kMostBytes);
  const float* rows(int source, std::int64_t first, std::int64_t rows) override;

 private:
  void take(std::int64_t first, std::int64_t rows);
  std::vector<Columns> columns_;
  std::vector<bool> wired_;                 ///< a source: to this node
  std::vector<std::vector<float>> values_;  ///< a source: [rows in memory, width]
  std::int64_t begin_ = 0, size_ = 0;       ///< rows in memory
  SampleWindow window_;
};

/// This process: crash() and hang() are meant.
class RankMachine : public Machine {
 public:
  void crash() override;
  /// A child that has nothing to do with MPI continues this process. Throws Failure when there is none to be
  /// had.
  void hang(std::int64_t length_us) override;
};

}  // namespace deepfog
