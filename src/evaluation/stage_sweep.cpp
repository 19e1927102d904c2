#include <torch/torch.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "evaluation/head_counts.hpp"
#include "models/exit_rows.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"

namespace deepfog {
namespace {

constexpr int kMostFailing = 16;

/// The distinct evaluations of one stage. Class 0 is Φ. A gate passes on what it reads, and verdicts do not
/// matter: no row leaves while all are counted.
struct Classes {
  std::vector<std::int32_t> of_combination;       ///< [2^n]
  std::vector<std::vector<std::int32_t>> inputs;  ///< of each class from 1 on: class an incoming link
};

std::vector<Classes> find_classes(const Topology& topology) {
  const std::size_t combinations = std::size_t{1} << topology.failing();
  std::vector<Classes> all;
  for (const Stage& stage : topology.stages()) {
    std::map<std::vector<std::int32_t>, std::int32_t> known;
    Classes classes;
    classes.of_combination.assign(combinations, 0);
    const int position = topology.nodes()[stage.node].position;
    for (std::size_t c = 0; c < combinations; ++c) {
      if (!alive(c, position)) continue;
      std::vector<std::int32_t> inputs;
      for (const int number : stage.incoming) {
        const Hyperconnection& link = topology.hyperconnections()[number];
        const bool source = topology.is_source(link.from);
        inputs.push_back(link.verdict ? 0 : source ? 1 : all[topology.stage_of(link.from)].of_combination[c]);
      }
      if (std::all_of(inputs.begin(), inputs.end(), [](std::int32_t of) { return of == 0; })) continue;
      const auto [entry, is_new] = known.emplace(inputs, static_cast<std::int32_t>(known.size()) + 1);
      if (is_new) classes.inputs.push_back(inputs);
      classes.of_combination[c] = entry->second;
    }
    all.push_back(std::move(classes));
  }
  return all;
}

/// Bytes that one row takes in all classes of all stages. Gates copy nothing.
std::int64_t row_bytes(const Topology& topology, const std::vector<Classes>& classes) {
  std::int64_t floats = 0;
  for (std::size_t s = 0; s < classes.size(); ++s) {
    const Stage& stage = topology.stages()[s];
    if (stage.aggregation == Aggregation::gate) continue;
    floats +=
        static_cast<std::int64_t>(classes[s].inputs.size()) * stage.output_width + 3 * stage.expansion_width;
  }
  return floats * static_cast<std::int64_t>(sizeof(float));
}

class StageSweep {
 public:
  StageSweep(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
             torch::Device device)
      : topology_(topology),
        columns_(columns),
        network_(topology, columns),
        classes_(find_classes(topology)) {
    network_->load(weights, topology.name());
    network_->to(device);
    for (std::size_t s = 0; s < classes_.size(); ++s) {
      for (const int link : topology.stages()[s].incoming) {
        const int from = topology.hyperconnections()[link].from;
        if (!topology.is_source(from)) last_use_[topology.stage_of(from)] = s;
      }
    }
  }

  const Network& network() const { return network_; }

  void count(const torch::Tensor& rows, const std::int64_t* labels, HeadCounts& counts) {
    const auto outcomes = outcomes_of(rows);
    const std::vector<int> heads = topology_.heads();
    std::vector<const ExitOutcome*> said(heads.size());
    for (Combination c = 0; c < classes_[0].of_combination.size(); ++c) {
      for (std::size_t h = 0; h < heads.size(); ++h) {
        const std::int32_t of = classes_[heads[h]].of_combination[c];
        said[h] = of == 0 ? nullptr : &outcomes[h][of - 1];
      }
      counts.add(c, said, labels);
    }
    counts.add_samples(rows.size(0));
  }

 private:
  /// [heads][classes], of all rows.
  std::vector<std::vector<ExitOutcome>> outcomes_of(const torch::Tensor& rows) {
    std::vector<std::vector<torch::Tensor>> outputs(classes_.size());
    std::vector<std::vector<ExitOutcome>> said;
    for (std::size_t s = 0; s < classes_.size(); ++s) {
      if (topology_.stages()[s].aggregation == Aggregation::answers) continue;
      for (const auto& inputs : classes_[s].inputs) outputs[s].push_back(evaluate(s, inputs, rows, outputs));
      for (const auto& [stage, use] : last_use_) {
        if (use == s) outputs[stage].clear();
      }
      if (!topology_.stages()[s].exit && static_cast<int>(s) != topology_.last_stage()) continue;
      said.emplace_back();
      for (const torch::Tensor& scores : outputs[s]) said.back().push_back(outcome_of(scores));
    }
    return said;
  }

  torch::Tensor evaluate(std::size_t stage, const std::vector<std::int32_t>& of, const torch::Tensor& rows,
                         const std::vector<std::vector<torch::Tensor>>& outputs) {
    std::vector<torch::Tensor> inputs(of.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (of[i] == 0) continue;
      const int from = topology_.hyperconnections()[topology_.stages()[stage].incoming[i]].from;
      inputs[i] = topology_.is_source(from)
                      ? rows.narrow(1, columns_[from].begin, columns_[from].end - columns_[from].begin)
                      : outputs[topology_.stage_of(from)][of[i] - 1];
    }
    return network_->run_stage(static_cast<int>(stage), inputs);
  }

  const Topology& topology_;
  std::vector<Columns> columns_;
  Network network_;
  std::vector<Classes> classes_;
  std::map<int, std::size_t> last_use_;  ///< stage -> the last one that reads it
};

}  // namespace

void check_stage_sweep(const Topology& topology, std::int64_t memory_bytes) {
  if (topology.failing() > kMostFailing) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "at most " + std::to_string(kMostFailing) + " in a network of more than dense layers");
  }
  const std::int64_t row = row_bytes(topology, find_classes(topology));
  if (memory_bytes / row < kHeadRows) {
    throw UserError(topology.name(), "one sample takes " + std::to_string(row) + " bytes",
                    "memory for " + std::to_string(kHeadRows) + " of them");
  }
}

SweepCounts sweep_stages(const Topology& topology, const std::vector<Columns>& columns,
                         const Weights& weights, const SampleView& samples, SweepDetail detail,
                         std::int64_t memory_bytes, const Device& device) {
  check_stage_sweep(topology, memory_bytes);
  const torch::NoGradGuard no_grad;
  const torch::Device where = torch_device(device);
  StageSweep sweep(topology, columns, weights, where);
  HeadCounts counts(topology, sweep.network()->thresholds(), detail, samples.size);
  for (std::int64_t begin = 0, end = 0; begin < samples.size; begin = end) {
    end = block_end(begin, samples.size, kHeadRows);
    const torch::Tensor rows = torch::from_blob(const_cast<float*>(samples.values + begin * samples.features),
                                                {end - begin, samples.features}, torch::kFloat32)
                                   .to(where);
    sweep.count(rows, samples.labels + begin, counts);
  }
  return counts.take();
}

}  // namespace deepfog
