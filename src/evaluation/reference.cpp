#include <torch/torch.h>

#include "core/error.hpp"
#include "evaluation/head_counts.hpp"
#include "evaluation/prediction.hpp"
#include "evaluation/sweep.hpp"
#include "models/exit_rows.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"
#include "resilience/outcomes.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kBlock = 2048;  // rows a forward pass; stays in cache at the widths in use

/// The plain loop's network, and its twin in double precision for rows that single precision leaves close.
class Reference {
 public:
  Reference(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
            torch::Device device)
      : network_(topology, columns), exact_(topology, columns), classes_(topology.classes()) {
    network_->load(weights, topology.name());
    network_->to(device);
    exact_->load(weights, topology.name());
    exact_->to(device, torch::kFloat64);
  }

  /// Adds the counts of one combination over a block of rows.
  /// @param outcome  whose bits it writes, 0: none
  /// @param begin    first row of the block, among all samples
  void count(const torch::Tensor& rows, const std::int64_t* labels, Combination combination,
             std::int32_t outcome, std::int64_t begin, SweepCounts& counts) {
    const torch::Tensor scores = network_->forward(rows, combination);
    if (!scores.defined()) return;
    const torch::Tensor flat = scores.cpu().contiguous();
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      Prediction prediction = predict(flat.data_ptr<float>() + i * classes_, classes_);
      if (prediction.close) {
        const torch::Tensor row = rows.narrow(0, i, 1).to(torch::kFloat64);
        const torch::Tensor exact = exact_->forward(row, combination).cpu().contiguous();
        prediction = predict(exact.data_ptr<double>(), classes_);
      }
      counts.correct[combination] += prediction.label == labels[i];
      if (outcome != 0) counts.right.set(outcome - 1, begin + i, prediction.label == labels[i]);
      if (counts.confusion.empty()) continue;
      ++counts.confusion[(combination * classes_ + labels[i]) * classes_ + prediction.label];
    }
  }

 private:
  Network network_, exact_;
  std::int64_t classes_;
};

/// Networks of other than dense layers: what the heads say, all rows under every combination.
SweepCounts sweep_heads(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
                        const SampleView& samples, SweepDetail detail, torch::Device device) {
  Network network(topology, columns);
  network->load(weights, topology.name());
  network->to(device);
  HeadCounts counts(topology, network->thresholds(), detail, samples.size);
  for (std::int64_t begin = 0, end = 0; begin < samples.size; begin = end) {
    end = block_end(begin, samples.size, kHeadRows);
    const torch::Tensor rows = torch::from_blob(const_cast<float*>(samples.values + begin * samples.features),
                                                {end - begin, samples.features}, torch::kFloat32)
                                   .to(device);
    for (Combination combination = 0; combination < Combination{1} << topology.failing(); ++combination) {
      std::vector<ExitOutcome> said;
      for (const torch::Tensor& scores : network->heads(rows, combination, false))
        said.push_back(outcome_of(scores));
      std::vector<const ExitOutcome*> heads;
      for (const ExitOutcome& one : said) heads.push_back(one.live() ? &one : nullptr);
      counts.add(combination, heads, samples.labels + begin);
    }
    counts.add_samples(end - begin);
  }
  return counts.take();
}

}  // namespace

SweepCounts sweep_reference(const Topology& topology, const std::vector<Columns>& columns,
                            const Weights& weights, const SampleView& samples, SweepDetail detail,
                            const Device& device) {
  if (topology.failing() > 24) {
    throw UserError(topology.name(), std::to_string(topology.failing()) + " nodes can fail",
                    "the plain loop over all combinations takes at most 24");
  }
  const torch::NoGradGuard no_grad;
  const torch::Device where = torch_device(device);
  if (!topology.is_dense()) return sweep_heads(topology, columns, weights, samples, detail, where);
  Reference reference(topology, columns, weights, where);
  const std::int64_t classes = topology.classes();
  const Combination combinations = Combination{1} << topology.failing();
  SweepCounts counts;
  counts.samples = samples.size;
  counts.correct.assign(combinations, 0);
  if (detail.confusion) counts.confusion.assign(combinations * classes * classes, 0);
  std::vector<std::int32_t> outcomes;  // that each combination writes
  if (detail.right && samples.size > 0) {
    outcomes = outcome_rows(topology);
    counts.right = SampleHits(outcome_count(outcomes), samples.size);
    outcomes = first_of_each(std::move(outcomes));
  }
  for (std::int64_t begin = 0, end = 0; begin < samples.size; begin = end) {
    end = block_end(begin, samples.size, kBlock);
    const torch::Tensor block =
        torch::from_blob(const_cast<float*>(samples.values + begin * samples.features),
                         {end - begin, samples.features}, torch::kFloat32)
            .to(where);
    for (Combination combination = 0; combination < combinations; ++combination) {
      const std::int32_t outcome = outcomes.empty() ? 0 : outcomes[combination];
      reference.count(block, samples.labels + begin, combination, outcome, begin, counts);
    }
  }
  return counts;
}

}  // namespace deepfog
