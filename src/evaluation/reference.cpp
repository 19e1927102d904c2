#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "models/exit_rows.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"
#include "resilience/enumeration.hpp"
#include "resilience/outcomes.hpp"

namespace deepfog {
namespace {

constexpr SweepKernel::Block kDenseBlock{2048, 64};  // stays in cache at the widths in use

/// One forward pass for each combination. Of dense networks there is a twin in double precision, for rows
/// that single precision leaves close.
class PlainLoop : public SweepKernel {
 public:
  PlainLoop(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
            const std::vector<Combination>& combinations, torch::Device device)
      : topology_(topology),
        network_(topology, columns),
        exact_(topology, columns),
        combinations_(combinations),
        device_(device) {
    network_->load(weights, topology.name());
    network_->to(device);
    exact_->load(weights, topology.name());
    exact_->to(device, torch::kFloat64);
  }

  Block block() const override { return topology_.is_dense() ? kDenseBlock : kStageBlock; }
  bool decides_close() const override { return topology_.is_dense(); }
  std::vector<double> thresholds() const override { return network_->thresholds(); }

  void run(const SampleView& block, SweepCounter& to) override {
    const torch::NoGradGuard no_grad;
    features_ = block.features;
    const torch::Tensor rows = tensor(block.values, block.size);
    std::int32_t number = 0;
    for (const Combination combination : combinations_) run(rows, combination, ++number, to);
  }

  const std::vector<double>* exact(const float* sample, std::int32_t of) override {
    const torch::NoGradGuard no_grad;
    const torch::Tensor scores =
        exact_
            ->forward(tensor(sample, 1).to(torch::kFloat64), combinations_[static_cast<std::size_t>(of) - 1])
            .cpu()
            .contiguous();
    scores_.assign(scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel());
    return &scores_;
  }

 private:
  torch::Tensor tensor(const float* values, std::int64_t rows) const {
    return torch::from_blob(const_cast<float*>(values), {rows, features_}, torch::kFloat32).to(device_);
  }

  void run(const torch::Tensor& rows, Combination combination, std::int32_t number, SweepCounter& to) {
    if (!topology_.has_exits()) {
      const torch::Tensor scores = network_->forward(rows, combination);
      if (!scores.defined()) return;
      const torch::Tensor flat = scores.cpu().contiguous();
      return to.scores(number, 0, flat.size(0), flat.data_ptr<float>(), flat.size(1));
    }
    if (!alive(combination, topology_.nodes()[topology_.stages().back().node].position)) return;
    const std::vector<int> stages = topology_.heads(), &exits = topology_.exits();
    std::vector<ExitOutcome> said;
    bool answers = false;
    for (const torch::Tensor& scores : network_->heads(rows, combination, false)) {
      answers |=
          scores.defined() && std::find(exits.begin(), exits.end(), stages[said.size()]) != exits.end();
      said.push_back(outcome_of(scores));
    }
    if (!answers) return;
    std::vector<const ExitOutcome*> heads;
    for (const ExitOutcome& one : said) heads.push_back(one.live() ? &one : nullptr);
    to.answers(number, heads);
  }

  const Topology& topology_;
  Network network_, exact_;
  const std::vector<Combination>& combinations_;
  torch::Device device_;
  std::int64_t features_ = 0;
  std::vector<double> scores_;
};

}  // namespace

SweepCounts recount(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
                    const SampleView& samples, const std::vector<Combination>& combinations,
                    SweepDetail detail, const Device& device) {
  PlainLoop loop(topology, columns, weights, combinations, torch_device(device));
  SweepCounter counter(topology, loop.thresholds(), static_cast<std::int64_t>(combinations.size()), detail);
  counter.keep_close(loop.decides_close());
  sweep_blocks(loop, counter, samples);
  return counter.counts();
}

SweepCounts sweep_reference(const Topology& topology, const std::vector<Columns>& columns,
                            const Weights& weights, const SampleView& samples, SweepDetail detail,
                            const Device& device) {
  if (topology.failing() > 24) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "the plain loop over all combinations takes at most 24");
  }
  const std::vector<Combination> combinations = all_combinations(topology.failing());
  std::vector<std::int32_t> rows(combinations.size());
  std::iota(rows.begin(), rows.end(), 1);
  return by_combination(recount(topology, columns, weights, samples, combinations, detail, device), rows,
                        detail.right ? outcome_rows(topology) : rows);
}

}  // namespace deepfog
