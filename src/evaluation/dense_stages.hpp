#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/exact_network.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "kernels/dense_layer.hpp"

namespace deepfog {

/// The classes of a dense network by our own panels. Blocks of samples are small enough to stay in the cache;
/// all buffers are allocated in the constructor, nothing is allocated a block.
class DenseStages : public SweepKernel {
 public:
  /// References to the topology and its classes are kept. Throws UserError for weights of another topology
  /// and when one row of samples does not fit into the memory.
  DenseStages(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
              const std::vector<StageClasses>& classes, std::int64_t memory_bytes);
  DenseStages(const DenseStages&) = delete;
  DenseStages& operator=(const DenseStages&) = delete;

  Block block() const override { return {block_, 1}; }
  void run(const SampleView& block, SweepCounter& to) override;
  const std::vector<double>* exact(const float* sample, std::int32_t of) override;
  bool decides_close() const override { return true; }

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
  void evaluate(int stage, const SampleView& block, SweepCounter& to);
  void gather(int stage, std::int64_t row, std::int64_t rows, const SampleView& block);
  void gather_class(int stage, std::int64_t stage_class, std::int64_t sample, std::int64_t rows, float* to,
                    const SampleView& block);
  const float* through_layers(int stage, std::int64_t rows, float* out);

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
  const float* exact_sample_ = nullptr;
};

}  // namespace deepfog
