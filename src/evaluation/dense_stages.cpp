#include "evaluation/dense_stages.hpp"

#include <algorithm>
#include <cstring>

#include "core/processor_clones.hpp"

namespace deepfog {
namespace {

/// Rows that stand at a fixed distance, in floats.
struct Rows {
  const float* first = nullptr;
  std::int64_t stride = 0;
};

/// to[r] = weight * from[r], then zeros up to `full_width`.
DEEPFOG_CLONES void set_rows(float* to, std::int64_t to_stride, Rows from, std::int64_t rows,
                             std::int64_t width, float weight, std::int64_t full_width) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* x = from.first + r * from.stride;
    float* y = to + r * to_stride;
    for (std::int64_t i = 0; i < width; ++i) y[i] = weight * x[i];
    for (std::int64_t i = width; i < full_width; ++i) y[i] = 0.0F;
  }
}

DEEPFOG_CLONES void add_rows(float* to, std::int64_t to_stride, Rows from, std::int64_t rows,
                             std::int64_t width, float weight) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* x = from.first + r * from.stride;
    float* y = to + r * to_stride;
    for (std::int64_t i = 0; i < width; ++i) y[i] += weight * x[i];
  }
}

}  // namespace

void DenseStages::run(const SampleView& block, SweepCounter& to) {
  exact_sample_ = nullptr;
  for (int s = 0; s <= topology_.last_stage(); ++s) evaluate(s, block, to);
}

/// Rows are (class, sample of the block), class by class; tiles of them go through all layers while they are
/// in cache.
void DenseStages::evaluate(int stage, const SampleView& block, SweepCounter& to) {
  const StagePlan& plan = stages_[stage];
  const std::int64_t rows = classes_[stage].count * block.size;
  const bool last = stage == topology_.last_stage();
  for (std::int64_t row = 0; row < rows; row += tile_rows_) {
    const std::int64_t size = std::min(tile_rows_, rows - row);
    gather(stage, row, size, block);
    float* out = last ? nullptr : buffers_[plan.buffer].data() + row * plan.stride;
    const float* scores = through_layers(stage, size, out);
    for (std::int64_t done = 0, count = 0; last && done < size; done += count) {
      const std::int64_t sample = (row + done) % block.size;
      count = std::min(size - done, block.size - sample);
      to.scores(static_cast<std::int32_t>((row + done) / block.size + 1), sample, count,
                scores + done * plan.stride, plan.stride);
    }
  }
}

/// A tile is gathered class by class: rows of one class are consecutive samples everywhere.
void DenseStages::gather(int stage, std::int64_t row, std::int64_t rows, const SampleView& block) {
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t stage_class = (row + done) / block.size, sample = (row + done) % block.size;
    const std::int64_t count = std::min(rows - done, block.size - sample);
    gather_class(stage, stage_class, sample, count, tile_.data() + done * padded(stages_[stage].width),
                 block);
    done += count;
  }
}

void DenseStages::gather_class(int stage, std::int64_t stage_class, std::int64_t sample, std::int64_t rows,
                               float* to, const SampleView& block) {
  const StagePlan& plan = stages_[stage];
  const std::int64_t stride = padded(plan.width);
  const std::int32_t* from_class =
      classes_[stage].inputs.data() + stage_class * static_cast<std::int64_t>(plan.inputs.size());
  bool first = true;
  for (std::size_t k = 0; k < plan.inputs.size(); ++k) {
    if (from_class[k] == 0) continue;
    const Input& input = plan.inputs[k];
    Rows from;
    if (topology_.is_source(input.vertex)) {
      from = {block.values + sample * block.features + columns_[input.vertex].begin, block.features};
    } else {
      const StagePlan& source = stages_[topology_.stage_of(input.vertex)];
      from = {buffers_[source.buffer].data() + ((from_class[k] - 1) * block.size + sample) * source.stride,
              source.stride};
    }
    std::int64_t width = input.width;
    if (input.expansion >= 0) {
      const DenseLayer& map = maps_[input.expansion];
      map.apply(from.first, from.stride, rows, mapped_.data(), map.stride());
      from = {mapped_.data(), map.stride()};
      width = plan.width;
    }
    if (first) {
      set_rows(to, stride, from, rows, width, input.weight, plan.width);
    } else {
      add_rows(to, stride, from, rows, width, input.weight);
    }
    first = false;
  }
}

/// The tile through the stage's layers; the result stands at `out`, or in one of the tiles when that is null.
const float* DenseStages::through_layers(int stage, std::int64_t rows, float* out) {
  const StagePlan& plan = stages_[stage];
  float *x = tile_.data(), *spare = other_tile_.data();
  std::int64_t stride = padded(plan.width);
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    const DenseLayer& layer = plan.layers[l];
    float* y = out != nullptr && l + 1 == plan.layers.size() ? out : spare;
    layer.apply(x, stride, rows, y, layer.stride());
    if (y == out) return out;
    spare = x;
    x = y;
    stride = layer.stride();
  }
  if (out == nullptr) return x;
  std::memcpy(out, x, static_cast<std::size_t>(rows * stride) * sizeof(float));  // a stage without layers
  return out;
}

const std::vector<double>* DenseStages::exact(const float* sample, std::int32_t of) {
  if (sample != exact_sample_) exact_.set_sample(sample);
  exact_sample_ = sample;
  return &exact_.scores(of);
}

}  // namespace deepfog
