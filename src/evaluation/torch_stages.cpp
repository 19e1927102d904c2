#include <torch/torch.h>

#include <algorithm>
#include <list>
#include <map>

#include "core/error.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "models/exit_rows.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"

namespace deepfog {
namespace {

/// Stage -> the last one that reads it. Verdicts do not matter: no row leaves while all are counted.
std::map<int, int> last_uses(const Topology& topology) {
  std::map<int, int> uses;
  for (int s = 0; s <= topology.last_stage(); ++s) {
    if (topology.stages()[s].aggregation == Aggregation::answers) continue;
    for (const int vertex : class_inputs(topology, s)) {
      if (vertex >= 0 && !topology.is_source(vertex)) uses[topology.stage_of(vertex)] = s;
    }
  }
  return uses;
}

/// Bytes that one row takes if stage s has count(s) classes: what later stages read, what the heads say, and
/// what a stage computes with. Gates copy nothing.
template <class Count>
std::int64_t row_bytes(const Topology& topology, Count count) {
  const std::map<int, int> uses = last_uses(topology);
  std::int64_t bytes = 0;
  for (int s = 0; s <= topology.last_stage(); ++s) {
    const Stage& stage = topology.stages()[s];
    const bool gate = stage.aggregation == Aggregation::gate, read = uses.count(s) != 0 && !gate;
    std::int64_t once = read ? stage.output_width * static_cast<std::int64_t>(sizeof(float)) : 0;
    if (stage.exit) once += sizeof(float) + sizeof(std::int64_t);
    bytes += count(s) * once;
    if (!gate)
      bytes += (3 * stage.expansion_width + stage.output_width) * static_cast<std::int64_t>(sizeof(float));
  }
  return bytes;
}

class TorchStages : public SweepKernel {
 public:
  TorchStages(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
              const std::vector<StageClasses>& classes, std::int64_t memory_bytes, torch::Device device)
      : topology_(topology),
        columns_(columns),
        network_(topology, columns),
        device_(device),
        last_use_(last_uses(topology)),
        heads_(topology.heads()) {
    check_sweep_memory(topology, memory_bytes);
    network_->load(weights, topology.name());
    network_->to(device);
    divide(&classes, 0, memory_bytes);
  }

  Block block() const override { return kStageBlock; }
  std::vector<double> thresholds() const override { return network_->thresholds(); }

  void run(const SampleView& block, SweepCounter& to) override {
    const torch::NoGradGuard no_grad;
    const torch::Tensor rows =
        torch::from_blob(const_cast<float*>(block.values), {block.size, block.features}, torch::kFloat32)
            .to(device_);
    for (const Range& range : ranges_) run(range, rows, to);
  }

 private:
  /// Consecutive classes of the last stage behind the first ones, with what they need.
  struct Range {
    std::int64_t first = 0;
    const std::vector<StageClasses>* classes = nullptr;
  };

  void divide(const std::vector<StageClasses>* classes, std::int64_t first, std::int64_t memory_bytes) {
    const std::int64_t count = classes->back().count,
                       row = row_bytes(topology_, [&](int s) { return (*classes)[s].count; });
    if (count <= 1 || memory_bytes / row >= kStageBlock.rows) {
      ranges_.push_back({first, classes});
      return;
    }
    for (const auto& [begin, end] : {std::pair(std::int64_t{0}, count / 2), std::pair(count / 2, count)}) {
      const auto half = divided_.insert(divided_.end(), needed_classes(topology_, *classes, begin, end));
      divide(&*half, first + begin, memory_bytes);
      if (ranges_.back().classes != &*half) divided_.erase(half);  // divided further
    }
  }

  void run(const Range& range, const torch::Tensor& rows, SweepCounter& to) {
    std::vector<std::vector<torch::Tensor>> outputs(range.classes->size());
    std::map<int, std::vector<ExitOutcome>> said;  // of heads
    for (int s = 0; s <= topology_.last_stage(); ++s) {
      const bool head = std::find(heads_.begin(), heads_.end(), s) != heads_.end();
      if (topology_.stages()[s].aggregation == Aggregation::answers) continue;
      for (std::int64_t c = 0; c < (*range.classes)[s].count; ++c) {
        const torch::Tensor output = evaluate(s, c, *range.classes, rows, outputs);
        if (head && topology_.has_exits()) said[s].push_back(outcome_of(output));
        if (head && !topology_.has_exits()) report(range.first + c + 1, output, to);
        if (last_use_.count(s) != 0) outputs[s].push_back(output);
      }
      for (const auto& [stage, use] : last_use_) {
        if (use == s) outputs[stage].clear();
      }
    }
    if (topology_.has_exits()) report(range, said, to);
  }

  torch::Tensor evaluate(int stage, std::int64_t number, const std::vector<StageClasses>& classes,
                         const torch::Tensor& rows,
                         const std::vector<std::vector<torch::Tensor>>& outputs) const {
    const std::vector<int>& incoming = topology_.stages()[stage].incoming;
    const std::int32_t* of =
        classes[stage].inputs.data() + number * static_cast<std::int64_t>(incoming.size());
    std::vector<torch::Tensor> inputs(incoming.size());
    for (std::size_t i = 0; i < incoming.size(); ++i) {
      if (of[i] == 0) continue;
      const int from = topology_.hyperconnections()[incoming[i]].from;
      inputs[i] = topology_.is_source(from)
                      ? rows.narrow(1, columns_[from].begin, columns_[from].end - columns_[from].begin)
                      : outputs[topology_.stage_of(from)][of[i] - 1];
    }
    return network_->run_stage(stage, inputs);
  }

  static void report(std::int64_t of, const torch::Tensor& output, SweepCounter& to) {
    const torch::Tensor flat = output.cpu().contiguous();
    to.scores(static_cast<std::int32_t>(of), 0, flat.size(0), flat.data_ptr<float>(), flat.size(1));
  }

  void report(const Range& range, const std::map<int, std::vector<ExitOutcome>>& said,
              SweepCounter& to) const {
    const StageClasses& last = range.classes->back();
    std::vector<const ExitOutcome*> heads(heads_.size());
    for (std::int64_t c = 0; c < last.count; ++c) {
      for (std::size_t h = 0; h < heads.size(); ++h) {
        const std::int32_t of = last.inputs[static_cast<std::size_t>(c) * heads.size() + h];
        heads[h] = of == 0 ? nullptr : &said.at(heads_[h])[of - 1];
      }
      to.answers(static_cast<std::int32_t>(range.first + c + 1), heads);
    }
  }

  const Topology& topology_;
  std::vector<Columns> columns_;
  Network network_;
  torch::Device device_;
  std::map<int, int> last_use_;
  std::vector<int> heads_;
  std::vector<Range> ranges_;
  std::list<std::vector<StageClasses>> divided_;
};

}  // namespace

void check_sweep_memory(const Topology& topology, std::int64_t memory_bytes) {
  const std::int64_t row = row_bytes(topology, [](int) { return 1; });
  if (memory_bytes / row < kStageBlock.rows) {
    throw UserError(topology.name(), "one sample takes " + std::to_string(row) + " bytes",
                    "memory for " + std::to_string(kStageBlock.rows) + " of them");
  }
}

std::unique_ptr<SweepKernel> torch_stages(const Topology& topology, const std::vector<Columns>& columns,
                                          const Weights& weights, const std::vector<StageClasses>& classes,
                                          std::int64_t memory_bytes, const Device& device) {
  return std::make_unique<TorchStages>(topology, columns, weights, classes, memory_bytes,
                                       torch_device(device));
}

}  // namespace deepfog
