#include "evaluation/diagram_sweep.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "core/processor_clones.hpp"
#include "evaluation/prediction.hpp"
#include "evaluation/sweep.hpp"

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

/// counts[class] copied to every combination of the class, `width` entries each.
std::vector<std::int64_t> expand(const std::vector<std::int32_t>& class_of,
                                 const std::vector<std::int64_t>& counts, std::int64_t width) {
  std::vector<std::int64_t> table(class_of.size() * static_cast<std::size_t>(width));
  for (std::size_t b = 0; b < class_of.size(); ++b) {
    std::copy_n(counts.begin() + class_of[b] * width, width,
                table.begin() + static_cast<std::int64_t>(b) * width);
  }
  return table;
}

}  // namespace

SweepCounts sweep_diagram(const Topology& topology, const std::vector<Columns>& columns,
                          const Weights& weights, const SampleView& samples, SweepDetail detail,
                          std::int64_t memory_bytes) {
  if (topology.failing() > 26) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "a table of all combinations takes at most 26");
  }
  const Diagram diagram(topology);
  DiagramSweep sweep(topology, columns, weights, diagram.stages(), detail, memory_bytes);
  sweep.add(samples);
  const std::vector<std::int32_t> class_of = diagram.class_of_combination();
  SweepCounts counts;
  counts.samples = samples.size;
  counts.correct = expand(class_of, sweep.counts().correct, 1);
  counts.right = sweep.counts().right;
  if (detail.confusion) {
    counts.confusion = expand(class_of, sweep.counts().confusion, topology.classes() * topology.classes());
  }
  return counts;
}

void DiagramSweep::add(const SampleView& samples) {
  const bool any = samples.size > 0 && classes_.back().count > 0;
  if (with_sample_hits_ && any) right_ = SampleHits(classes_.back().count, samples.size);
  for (std::int64_t begin = 0; begin < samples.size; begin += block_) {
    const std::int64_t size = std::min(block_, samples.size - begin);
    const SampleView block{samples.values + begin * samples.features, samples.labels + begin, size,
                           samples.features};
    begin_ = begin;
    for (int s = 0; s <= topology_.last_stage(); ++s) evaluate(s, block);
    decide_close(block);
  }
  if (with_sample_hits_ && any) counts_.right.append(right_);
  counts_.samples += samples.size;
}

/// Rows are (class, sample of the block), class by class; tiles of them go through all layers while they are
/// in cache.
void DiagramSweep::evaluate(int stage, const SampleView& block) {
  const StagePlan& plan = stages_[stage];
  const std::int64_t rows = classes_[stage].count * block.size;
  const bool last = stage == topology_.last_stage();
  for (std::int64_t row = 0; row < rows; row += tile_rows_) {
    const std::int64_t size = std::min(tile_rows_, rows - row);
    gather(stage, row, size, block);
    float* out = last ? nullptr : buffers_[plan.buffer].data() + row * plan.stride;
    const float* scores = through_layers(stage, size, out);
    if (last) count(row, size, scores, plan.stride, block);
  }
}

/// A tile is gathered class by class: rows of one class are consecutive samples everywhere.
void DiagramSweep::gather(int stage, std::int64_t row, std::int64_t rows, const SampleView& block) {
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t stage_class = (row + done) / block.size, sample = (row + done) % block.size;
    const std::int64_t count = std::min(rows - done, block.size - sample);
    gather_class(stage, stage_class, sample, count, tile_.data() + done * padded(stages_[stage].width),
                 block);
    done += count;
  }
}

void DiagramSweep::gather_class(int stage, std::int64_t stage_class, std::int64_t sample, std::int64_t rows,
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
const float* DiagramSweep::through_layers(int stage, std::int64_t rows, float* out) {
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

void DiagramSweep::record(std::int64_t last_class, std::int64_t sample, std::int64_t truth,
                          std::int64_t predicted) {
  counts_.correct[last_class] += truth == predicted;
  if (with_sample_hits_) right_.set(last_class - 1, begin_ + sample, truth == predicted);
  if (counts_.confusion.empty()) return;
  const std::int64_t labels = topology_.classes();
  ++counts_.confusion[(last_class * labels + truth) * labels + predicted];
}

void DiagramSweep::count(std::int64_t row, std::int64_t rows, const float* scores, std::int64_t stride,
                         const SampleView& block) {
  std::int64_t last_class = row / block.size + 1, sample = row % block.size;
  for (std::int64_t r = 0; r < rows; ++r, ++sample) {
    if (sample == block.size) {
      sample = 0;
      ++last_class;
    }
    const Prediction prediction = predict(scores + r * stride, topology_.classes());
    if (prediction.close) {
      close_.emplace_back(sample, last_class);
    } else {
      record(last_class, sample, block.labels[sample], prediction.label);
    }
  }
}

void DiagramSweep::decide_close(const SampleView& block) {
  std::sort(close_.begin(), close_.end());
  std::int64_t current = -1;
  for (const auto& [sample, last_class] : close_) {
    if (sample != current) exact_.set_sample(block.values + sample * block.features);
    current = sample;
    const std::vector<double>& scores = exact_.scores(static_cast<std::int32_t>(last_class));
    record(last_class, sample, block.labels[sample], predict(scores.data(), topology_.classes()).label);
  }
  counts_.close += static_cast<std::int64_t>(close_.size());
  close_.clear();
}

}  // namespace deepfog
