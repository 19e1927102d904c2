#pragma once

#include <optional>
#include <vector>

#include "distributed/job.hpp"
#include "models/node_network.hpp"
#include "partition/cut_node.hpp"
#include "partition/simulated_cut.hpp"

namespace deepfog {

/// The network of a job in this one process: what its distributed run must equal.
class Simulation {
 public:
  /// Throws UserError when the weights are not whole or do not fit.
  explicit Simulation(const Job& job);

  /// As SimulatedNetwork's and SimulatedCut's.
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination,
                                   std::vector<std::int64_t>* exits = nullptr);
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used,
                                        std::vector<std::int64_t>* exits = nullptr);

 private:
  std::optional<SimulatedNetwork> network_;
  std::optional<SimulatedCut> cut_;  ///< one of the two
};

/// A node of a job whose network is cut, with its weights from the file.
CutNode cut_node_of(const Job& job, int node);

/// Whether the weights, all of them, are whole and fit the topology: load_job() looks at their origin only.
/// Of a cut network one node's are in memory at a time. Throws UserError.
void check_weights(const Job& job);

}  // namespace deepfog
