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

/// The class that a row of scores names: the largest score, the first of equals. NaN never is the largest,
/// unless all are.
std::int64_t largest_score(const float* scores, std::int64_t classes);

/// The stages of one physical node with its own weights: what a rank of a distributed run computes with.
/// Shares its one implementation of a stage with Network::forward (StageNetwork), so that the same inputs in
/// a batch of the same size give the same outputs as Network::forward in c10::InferenceMode, bit for bit.
/// LibTorch stays behind this header.
class NodeNetwork {
 public:
  /// @param node     index into topology.nodes()
  /// @param weights  of this node only (load_node_weights); empty for a node without parameters.
  /// Throws UserError naming `where` and the first five mismatches.
  NodeNetwork(const Topology& topology, int node, const Weights& weights, const std::string& where);
  ~NodeNetwork();
  NodeNetwork(NodeNetwork&&) noexcept;

  /// @param stage   index into topology.stages(), of this node
  /// @param inputs  one pointer an incoming hyperconnection, in the stage's order: [rows, width of the link],
  ///                row-major; null: Φ
  /// @param output  [rows, output_width], resized
  /// @param between called between layers, so that a long computation does not silence the node; may be empty
  /// @return false: all inputs are Φ, so is the output (empty)
  /// Throws Failure for a stage of another node or inputs that are not its own; what `between` throws passes.
  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The whole network in one process, for checks: what a distributed run must equal.
class SimulatedNetwork {
 public:
  /// Throws UserError naming `where` when the weights do not fit.
  SimulatedNetwork(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
                   const std::string& where);
  ~SimulatedNetwork();
  SimulatedNetwork(SimulatedNetwork&&) noexcept;

  /// Network::forward(inputs, combination), its largest score a row (the first of equals); empty: Φ.
  /// @param exits  of a network with exits the one that answers each row, by place; may be null. -1 where
  /// none
  ///               does, and so is the label
  std::vector<std::int64_t> labels(const SampleView& samples, Combination combination,
                                   std::vector<std::int64_t>* exits = nullptr) const;

  /// The same when exactly these hyperconnections were used by their receivers: one entry a hyperconnection,
  /// 1 = its vector went into the receiver's sum. A used link whose sender has no output is Failure.
  std::vector<std::int64_t> labels_over(const SampleView& samples, const std::vector<std::uint8_t>& used,
                                        std::vector<std::int64_t>* exits = nullptr) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
