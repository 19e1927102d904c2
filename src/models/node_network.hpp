#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "resilience/combination.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// The class of a row of scores: the one with the largest score, the first of equals. NaN is never the
/// largest unless all scores are NaN.
std::int64_t largest_score(const float* scores, std::int64_t classes);

/// The stages of one physical node with their weights: what a rank of a distributed run computes with. It
/// uses the same implementation of a stage (StageNetwork) as Network::forward, so the same inputs in a batch
/// of the same size give the same outputs as Network::forward in c10::InferenceMode, bit for bit. This header
/// does not expose LibTorch.
class NodeNetwork {
 public:
  /// @param node     index into topology.nodes()
  /// @param weights  of this node only (load_node_weights); empty for a node without parameters
  /// Throws UserError, which names `where` and the first five mismatches.
  NodeNetwork(const Topology& topology, int node, const Weights& weights, const std::string& where);
  ~NodeNetwork();
  NodeNetwork(NodeNetwork&&) noexcept;

  /// @param stage   index into topology.stages(), of a stage of this node
  /// @param inputs  one pointer per incoming hyperconnection, in the stage's order: [rows, width of the
  ///                link], row-major; null for Φ
  /// @param output  [rows, output_width], resized
  /// @param between called between layers, so that a long computation does not silence the node; may be empty
  /// @return false if all inputs are Φ; the output is then empty
  /// Throws Failure for a stage of another node or a wrong number of inputs, and whatever `between` throws.
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The whole network in one process, for checks: a distributed run must equal it.
class SimulatedNetwork {
 public:
  /// Throws UserError, which names `where`, if the weights do not fit.
  SimulatedNetwork(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
                   const std::string& where);
  ~SimulatedNetwork();
  SimulatedNetwork(SimulatedNetwork&&) noexcept;

  /// The class with the largest score of Network::forward(inputs, combination) per row (the first of equals);
  /// empty for Φ.
  /// @param exits  for a network with exits, receives the index of the exit that answers each row; may be
  ///               null. If no exit answers a row, both the index and the label are -1.
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination,
                                   std::vector<std::int64_t>* exits = nullptr) const;

  /// labels() for the case that the receivers used exactly these hyperconnections: one entry per
  /// hyperconnection, where 1 means that its vector went into the receiver's sum. Throws Failure if a used
  /// hyperconnection has a sender without output.
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used,
                                        std::vector<std::int64_t>* exits = nullptr) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
