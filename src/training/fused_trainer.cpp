#include "training/fused_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/error.hpp"
#include "models/network.hpp"
#include "training/diverged.hpp"
#include "training/rules.hpp"
#include "training/step_network.hpp"
#include "training/training_loop.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kValidationBlock = 256;

/// Computes the mean cross-entropy over `rows`, weighted by class, and its derivative by the scores.
double cross_entropy(RowsView scores, const std::vector<std::int64_t>& labels, const std::int64_t* rows,
                     std::int64_t count, const std::vector<float>& weights, std::int64_t classes,
                     FloatRows& gradient) {
  double loss = 0, total = 0;
  for (std::int64_t r = 0; r < count; ++r) total += weights.empty() ? 1.0 : weights[labels[rows[r]]];
  for (std::int64_t r = 0; r < count; ++r) {
    const float* row = scores.row(r);
    float* d = gradient.row(r);
    const std::int64_t label = labels[rows[r]];
    const float highest = *std::max_element(row, row + classes);
    float sum = 0;
    for (std::int64_t c = 0; c < classes; ++c) sum += d[c] = std::exp(row[c] - highest);
    const auto share = static_cast<float>((weights.empty() ? 1.0 : weights[label]) / total);
    for (std::int64_t c = 0; c < classes; ++c) d[c] = d[c] / sum * share;
    d[label] -= share;
    loss += double(share) * (std::log(double(sum)) - double(row[label] - highest));
  }
  return loss;
}

/// The data that the runs of one model share.
struct Shared {
  Shared(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec)
      : topology(topology),
        dataset(dataset),
        everyone(all_alive(topology.failing()) & ~spec.without),
        columns(match_sources(topology, dataset, topology.name())),
        optimiser(spec.optimiser, spec.learning_rate, spec.weight_decay),
        weights(class_weights(dataset, spec.class_weights)),
        training(topology, columns, dataset.train),
        validation(topology, columns, dataset.validation),
        network(topology, std::max(std::min(spec.batch_size, dataset.train.size()), kValidationBlock)),
        validation_rows(dataset.validation.labels.size()) {
    std::iota(validation_rows.begin(), validation_rows.end(), 0);
  }

  const Topology& topology;
  const Dataset& dataset;
  Combination everyone;
  std::vector<Columns> columns;
  Optimiser optimiser;
  std::vector<float> weights;
  EntryInputs training, validation;
  StepNetwork network;
  std::vector<std::int64_t> validation_rows;
};

/// Trains one run of a dense topology with our own kernels.
class FusedSteps : public TrainingSteps {
 public:
  FusedSteps(Shared& shared, std::uint64_t seed)
      : s_(shared), parameters_(shared.topology, initial_weights(shared, seed)) {}

  double step(const std::int64_t* rows, std::int64_t count, Combination combination) override {
    const RowsView scores = s_.network.forward(parameters_, s_.training, rows, count, combination);
    if (scores.data == nullptr) return std::nan("");
    const double loss = cross_entropy(scores, s_.dataset.train.labels, rows, count, s_.weights,
                                      s_.topology.classes(), s_.network.score_gradient());
    if (!std::isfinite(loss)) throw Diverged(loss);
    s_.network.learn(parameters_, count, s_.optimiser);
    return loss;
  }

  double validation_accuracy() override {
    const auto size = static_cast<std::int64_t>(s_.validation_rows.size());
    std::int64_t correct = 0;
    for (std::int64_t begin = 0; begin < size; begin += s_.network.capacity()) {
      const std::int64_t count = std::min(s_.network.capacity(), size - begin);
      const RowsView scores =
          s_.network.forward(parameters_, s_.validation, &s_.validation_rows[begin], count, s_.everyone);
      if (scores.data == nullptr) return 0;
      for (std::int64_t r = 0; r < count; ++r) {
        const float* row = scores.row(r);
        correct += std::max_element(row, row + s_.topology.classes()) - row ==
                   s_.dataset.validation.labels[begin + r];
      }
    }
    return double(correct) / double(size);
  }

  Weights weights() const override { return parameters_.weights(); }
  void save(Encoder& encoder) const override { parameters_.save(encoder); }
  void restore(Decoder& decoder) override { parameters_.restore(decoder); }

 private:
  static Weights initial_weights(const Shared& shared, std::uint64_t seed) {
    Network network(shared.topology, shared.columns);
    network->initialise(derive_seed(seed, "", "", 0, "weights"));
    return network->weights();
  }

  Shared& s_;
  RunParameters parameters_;
};

}  // namespace

std::vector<TrainedModel> train_fused(const Topology& topology, const Dataset& dataset,
                                      const TrainingSpec& spec, const std::vector<std::uint64_t>& seeds,
                                      const RunsCallback& after_epoch, const Checkpoints& checkpoints) {
  check_training(topology, dataset, spec);
  Shared shared(topology, dataset, spec);
  std::vector<TrainingRun> runs;
  for (const std::uint64_t seed : seeds)
    runs.emplace_back(std::make_unique<FusedSteps>(shared, seed), spec, dataset.train.size(), seed,
                      topology.failing());
  if (runs.size() == 1) {
    const auto after = [&](std::int64_t epoch, double loss, double validation) {
      return !after_epoch || after_epoch(0, epoch, loss, validation);
    };
    train_run(runs.front(), after, checkpoints);
  } else {
    train_runs(runs, after_epoch);
  }
  std::vector<TrainedModel> trained;
  for (TrainingRun& run : runs) trained.push_back(std::move(run.trained()));
  return trained;
}

}  // namespace deepfog
