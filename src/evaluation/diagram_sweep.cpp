#include "evaluation/diagram_sweep.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "evaluation/dense_stages.hpp"
#include "resilience/outcomes.hpp"

namespace deepfog {
namespace {

std::unique_ptr<SweepKernel> kernel_for(const Topology& topology, const std::vector<Columns>& columns,
                                        const Weights& weights, const std::vector<StageClasses>& classes,
                                        std::int64_t memory_bytes, const Device& device) {
  refuse_cut(topology, topology.name());
  if (topology.is_dense()) {
    return std::make_unique<DenseStages>(topology, columns, weights, classes, memory_bytes);
  }
  return torch_stages(topology, columns, weights, classes, memory_bytes, device);
}

/// rows[of[i]] at i, each of `width` values.
std::vector<std::int64_t> spread(const std::vector<std::int64_t>& rows, const std::vector<std::int32_t>& of,
                                 std::size_t width) {
  std::vector<std::int64_t> table(rows.empty() ? 0 : of.size() * width);
  for (std::size_t b = 0; b < of.size() && !rows.empty(); ++b) {
    std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(of[b]) * width), width,
                table.begin() + static_cast<std::ptrdiff_t>(b * width));
  }
  return table;
}

SampleHits spread(const SampleHits& rows, const std::vector<std::int32_t>& of,
                  const std::vector<std::int32_t>& outcomes) {
  if (rows.empty()) return {};
  const std::int64_t count = outcome_count(outcomes), stride = rows.stride();
  if (count == 0) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * stride));
  for (std::size_t b = 0; b < of.size(); ++b) {
    if (outcomes[b] == 0) continue;
    std::copy_n(rows.bytes().begin() + (of[b] - 1) * stride, stride,
                bytes.begin() + (outcomes[b] - 1) * stride);
  }
  return {count, rows.samples(), std::move(bytes)};
}

}  // namespace

DiagramSweep::DiagramSweep(const Topology& topology, const std::vector<Columns>& columns,
                           const Weights& weights, const std::vector<StageClasses>& classes,
                           SweepDetail detail, std::int64_t memory_bytes, const Device& device)
    : topology_(topology),
      classes_(classes),
      kernel_(kernel_for(topology, columns, weights, classes, memory_bytes, device)),
      counter_(topology, kernel_->thresholds(), classes.back().count, detail) {
  counter_.keep_close(kernel_->decides_close());
}

double DiagramSweep::operations_per_sample() const {
  double operations = 0;
  for (std::size_t s = 0; s < classes_.size(); ++s) {
    double once = 0;
    std::int64_t width = topology_.stages()[s].expansion_width;
    for (const Layer& layer : topology_.stages()[s].layers) {
      once += 2.0 * static_cast<double>(width) * static_cast<double>(layer.width);
      width = layer.width;
    }
    operations += once * static_cast<double>(classes_[s].count);
  }
  return operations;
}

SweepCounts by_combination(const SweepCounts& by_class, const std::vector<std::int32_t>& class_of,
                           const std::vector<std::int32_t>& outcomes) {
  SweepCounts table;
  const std::size_t rows = by_class.correct.size();
  const auto all = [&](const std::vector<std::int64_t>& list) {
    return spread(list, class_of, list.size() / rows);
  };
  table.correct = all(by_class.correct);
  table.confusion = all(by_class.confusion);
  table.samples = by_class.samples;
  table.close = by_class.close;
  table.exits.thresholds = by_class.exits.thresholds;
  const auto from = lists_of(by_class.exits);
  const auto to = lists_of(table.exits);
  for (std::size_t l = 0; l < from.size(); ++l) *to[l] = all(*from[l]);
  table.right = spread(by_class.right, class_of, outcomes);
  return table;
}

SweepCounts sweep_diagram(const Topology& topology, const std::vector<Columns>& columns,
                          const Weights& weights, const SampleView& samples, SweepDetail detail,
                          std::int64_t memory_bytes, const Device& device) {
  if (topology.failing() > 26) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "a table of all combinations takes at most 26");
  }
  const Diagram diagram(topology);
  DiagramSweep sweep(topology, columns, weights, diagram.stages(), detail, memory_bytes, device);
  sweep.add(samples);
  const std::vector<std::int32_t> class_of = diagram.class_of_combination();
  return by_combination(sweep.counts(), class_of,
                        detail.right && topology.has_exits() ? outcome_rows(topology) : class_of);
}

std::vector<std::int64_t> sweep_new_classes(const Topology& topology, const std::vector<Columns>& columns,
                                            const Weights& weights, const SampleView& samples,
                                            const std::vector<StageClasses>& stages, std::int64_t known_last,
                                            std::int64_t memory_bytes, const Device& device) {
  const auto classes = needed_classes(topology, stages, known_last, stages.back().count);
  DiagramSweep sweep(topology, columns, weights, classes, false, memory_bytes, device);
  sweep.add(samples);
  return {sweep.counts().correct.begin() + 1, sweep.counts().correct.end()};
}

}  // namespace deepfog
