#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "evaluation/sweep.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "resilience/diagram.hpp"

namespace deepfog {

/// Evaluates every class of a failure diagram once, over blocks of samples, for networks of every kind: dense
/// networks by our own panels (dense_stages.hpp), others by LibTorch stages (torch_stages()). Counts are by
/// class of the last stage.
class DiagramSweep {
 public:
  /// @param classes       of a Diagram or PartialDiagram of this topology; reference kept, as is the topology
  /// @param memory_bytes  bound of the activation buffers; throws UserError if one row of samples, or one
  ///                      block of one class, does not fit
  /// @param device        that LibTorch computes on
  DiagramSweep(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
               const std::vector<StageClasses>& classes, SweepDetail detail, std::int64_t memory_bytes,
               const Device& device = {});

  /// Adds the counts of further samples.
  void add(const SampleView& samples) { sweep_blocks(*kernel_, counter_, samples); }

  const SweepCounts& counts() const { return counter_.counts(); }
  std::int64_t block() const { return kernel_->block().rows; }  ///< samples a block
  double operations_per_sample() const;                         ///< of dense layers; multiply-adds count two

 private:
  const Topology& topology_;
  const std::vector<StageClasses>& classes_;
  std::unique_ptr<SweepKernel> kernel_;
  SweepCounter counter_;
};

/// The classes first_last + 1 to end_last of the last stage, in order, with of every other stage what they
/// need and nothing else; renumbered from 1.
std::vector<StageClasses> needed_classes(const Topology& topology, const std::vector<StageClasses>& stages,
                                         std::int64_t first_last, std::int64_t end_last);

/// Correct predictions under the classes of the last stage beyond the first `known_last`, for a diagram that
/// grows: [stages.back().count - known_last].
std::vector<std::int64_t> sweep_new_classes(const Topology& topology, const std::vector<Columns>& columns,
                                            const Weights& weights, const SampleView& samples,
                                            const std::vector<StageClasses>& stages, std::int64_t known_last,
                                            std::int64_t memory_bytes, const Device& device = {});

}  // namespace deepfog
