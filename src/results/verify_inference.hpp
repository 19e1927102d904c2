#pragma once

#include <string>

#include "results/inference_results.hpp"
#include "results/violations.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {

/// verify() for one distributed run: sizes, topology, phases, then check_rounds() and check_transport().
void verify_inference(const InferenceResults& inference, Violations& violations);

/// A distributed run whose tables are known to have the sizes that the topology and the rounds ask for.
struct SoundInference {
  const InferenceResults& results;
  const Topology& topology;
  std::string base;          ///< "/inference/NAME"
  std::int64_t groups = 0;   ///< at least 1
  std::int64_t classes = 0;  ///< that of the topology
  bool complete = false;     ///< it came to its planned end

  /// Node of the vertex a hyperconnection comes from; -1: a source.
  int sender(const Hyperconnection& link) const {
    return topology.is_source(link.from)
               ? -1
               : topology.stages()[static_cast<std::size_t>(topology.stage_of(link.from))].node;
  }
};

/// Numbering of the rounds, what each of them used, its predictions and their count.
void check_rounds(const SoundInference& inference, Violations& violations);

/// Figures of nodes and hyperconnections, membership, hops.
void check_transport(const SoundInference& inference, Violations& violations);

}  // namespace deepfog::verification
