#pragma once

#include <optional>
#include <vector>

#include "distributed/job.hpp"
#include "models/node_network.hpp"
#include "partition/cut_node.hpp"
#include "partition/simulated_cut.hpp"

namespace deepfog {

/// The network of a job in one process: its distributed run must give the same answers.
class Simulation {
 public:
  /// Throws UserError if the weights are incomplete or do not fit.
  explicit Simulation(const Job& job);

  /// See SimulatedNetwork and SimulatedCut.
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination,
                                   std::vector<std::int64_t>* exits = nullptr);
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used,
                                        std::vector<std::int64_t>* exits = nullptr);

 private:
  std::optional<SimulatedNetwork> network_;
  std::optional<SimulatedCut> cut_;  ///< exactly one of the two is set
};

/// A node of a job whose network is cut, with its weights from the file.
CutNode cut_node_of(const Job& job, int node);

/// Checks that all weights are complete and fit the topology; load_job() examines only their origin. For a
/// cut network, the weights of one node at a time are in memory. Throws UserError.
void check_weights(const Job& job);

}  // namespace deepfog
