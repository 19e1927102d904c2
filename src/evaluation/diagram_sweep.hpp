#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/exact_network.hpp"
#include "evaluation/sweep.hpp"
#include "kernels/dense_layer.hpp"
#include "resilience/diagram.hpp"
#include "resilience/sample_hits.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// Correct predictions a class of the last stage; index 0 (Φ) stays 0.
struct ClassCounts {
  std::vector<std::int64_t> correct;    ///< [classes + 1]
  std::vector<std::int64_t> confusion;  ///< [classes + 1, labels, labels] or empty
  SampleHits right;                     ///< [classes, samples] from class 1 on, or empty
  std::int64_t samples = 0;
  std::int64_t close = 0;  ///< predictions decided in double precision
};

/// Evaluates every class of a failure diagram once, over blocks of samples small enough to stay in the cache.
/// All buffers are allocated in the constructor; nothing is allocated a block.
class DiagramSweep {
 public:
  /// @param classes       of a Diagram or PartialDiagram of this topology; reference kept
  /// @param memory_bytes  bound of the activation buffers; throws UserError when one row of samples does not
  /// fit
  DiagramSweep(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
               const std::vector<StageClasses>& classes, SweepDetail detail, std::int64_t memory_bytes);

  DiagramSweep(const DiagramSweep&) = delete;
  DiagramSweep& operator=(const DiagramSweep&) = delete;

  /// Adds the counts of further samples.
  void add(const SampleView& samples);

  const ClassCounts& counts() const { return counts_; }
  std::int64_t block() const { return block_; }  ///< samples a block
  double operations_per_sample() const;          ///< multiply-adds count two

 private:
  struct Input {
    int vertex = 0;
    std::int64_t width = 0;
    float weight = 1;
    int expansion = -1;  ///< index into maps_
  };
  struct StagePlan {
    std::vector<Input> inputs;
    std::vector<DenseLayer> layers;
    std::int64_t width = 0;   ///< expansion layer
    std::int64_t stride = 0;  ///< of the output
    int buffer = -1;
  };
  void plan_stage(int stage, std::size_t& tensor);
  void plan_buffers(std::int64_t memory_bytes);
  void evaluate(int stage, const SampleView& block);
  void gather(int stage, std::int64_t row, std::int64_t rows, const SampleView& block);
  void gather_class(int stage, std::int64_t stage_class, std::int64_t sample, std::int64_t rows, float* to,
                    const SampleView& block);
  const float* through_layers(int stage, std::int64_t rows, float* out);
  void count(std::int64_t row, std::int64_t rows, const float* scores, std::int64_t stride,
             const SampleView& block);
  void record(std::int64_t last_class, std::int64_t sample, std::int64_t truth, std::int64_t predicted);
  void decide_close(const SampleView& block);

  const Topology& topology_;
  std::vector<Columns> columns_;
  Weights weights_;
  const std::vector<StageClasses>& classes_;
  std::vector<StagePlan> stages_;
  std::vector<DenseLayer> maps_;  ///< trainable expansions
  std::vector<AlignedFloats> buffers_;
  AlignedFloats tile_, other_tile_, mapped_;
  std::int64_t block_ = 0, tile_rows_ = 0;
  ExactNetwork exact_;
  std::vector<std::pair<std::int64_t, std::int64_t>> close_;  ///< (sample of the block, last class)
  ClassCounts counts_;
  bool with_sample_hits_;
  SampleHits right_;        ///< of the samples being added
  std::int64_t begin_ = 0;  ///< of the block, among them
};

}  // namespace deepfog
