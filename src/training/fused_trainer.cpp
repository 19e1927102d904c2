#include "training/fused_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "models/network.hpp"
#include "training/diverged.hpp"
#include "training/rules.hpp"
#include "training/step_network.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kValidationBlock = 256;

/// What belongs to one run.
struct Run {
  Run(const Topology& topology, const std::vector<Columns>& columns, const TrainingSpec& spec,
      std::int64_t samples, std::uint64_t seed)
      : parameters(topology, initial_weights(topology, columns, seed)),
        shuffle(derive_seed(seed, "", "", 0, "shuffle")),
        failures(derive_seed(seed, "", "", 0, "failout")),
        subset(training_subset(spec, samples, seed)) {
    trained.validation_accuracy = -1;
  }
  static Weights initial_weights(const Topology& topology, const std::vector<Columns>& columns,
                                 std::uint64_t seed) {
    Network network(topology, columns);
    network->initialise(derive_seed(seed, "", "", 0, "weights"));
    return network->weights();
  }

  RunParameters parameters;
  RandomStream shuffle, failures;
  std::vector<std::int64_t> subset;
  TrainedModel trained;
};

/// Mean cross-entropy over `rows`, weighted by class, and its derivative by the scores.
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

class FusedTrainer {
 public:
  FusedTrainer(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec)
      : topology_(topology),
        dataset_(dataset),
        spec_(spec),
        columns_(match_sources(topology, dataset, topology.name())),
        optimiser_(spec.optimiser, spec.learning_rate, spec.weight_decay),
        weights_(class_weights(dataset, spec.class_weights)),
        training_(topology, columns_, dataset.train),
        validation_(topology, columns_, dataset.validation),
        network_(topology, std::max(std::min(spec.batch_size, dataset.train.size()), kValidationBlock)),
        everyone_(dataset.validation.size()) {
    std::iota(everyone_.begin(), everyone_.end(), 0);
  }

  Run run(std::uint64_t seed) const { return {topology_, columns_, spec_, dataset_.train.size(), seed}; }

  /// The mean loss of the batches that were not null.
  double epoch(Run& run) {
    const auto size = static_cast<std::int64_t>(run.subset.size());
    std::vector<std::int64_t> rows = run.shuffle.permutation(size);
    for (std::int64_t& row : rows) row = run.subset[row];
    double loss_sum = 0;
    std::int64_t batches = 0;
    for (std::int64_t begin = 0; begin < size; begin += spec_.batch_size) {
      const double loss = step(run, &rows[begin], std::min(spec_.batch_size, size - begin));
      if (std::isnan(loss)) {
        ++run.trained.null_batches;
        continue;
      }
      loss_sum += loss;
      ++batches;
    }
    return batches > 0 ? loss_sum / double(batches) : 0.0;
  }

  double validation_accuracy(Run& run) {
    const auto size = static_cast<std::int64_t>(everyone_.size());
    std::int64_t correct = 0;
    for (std::int64_t begin = 0; begin < size; begin += network_.capacity()) {
      const std::int64_t count = std::min(network_.capacity(), size - begin);
      const RowsView scores = network_.forward(run.parameters, validation_, &everyone_[begin], count,
                                               all_alive(topology_.failing()) & ~spec_.without);
      if (scores.data == nullptr) return 0;
      for (std::int64_t r = 0; r < count; ++r) {
        const float* row = scores.row(r);
        correct +=
            std::max_element(row, row + topology_.classes()) - row == dataset_.validation.labels[begin + r];
      }
    }
    return double(correct) / double(size);
  }

 private:
  /// NaN: no information flows under the drawn combination, the batch is skipped.
  double step(Run& run, const std::int64_t* rows, std::int64_t count) {
    const Combination combination = draw_combination(spec_, topology_.failing(), run.failures);
    const RowsView scores = network_.forward(run.parameters, training_, rows, count, combination);
    if (scores.data == nullptr) return std::nan("");
    const double loss = cross_entropy(scores, dataset_.train.labels, rows, count, weights_,
                                      topology_.classes(), network_.score_gradient());
    if (!std::isfinite(loss)) throw Diverged(loss);
    network_.learn(run.parameters, count, optimiser_);
    return loss;
  }

  const Topology& topology_;
  const Dataset& dataset_;
  const TrainingSpec& spec_;
  std::vector<Columns> columns_;
  Optimiser optimiser_;
  std::vector<float> weights_;
  EntryInputs training_, validation_;
  StepNetwork network_;
  std::vector<std::int64_t> everyone_;
};

}  // namespace

std::vector<TrainedModel> train_fused(const Topology& topology, const Dataset& dataset,
                                      const TrainingSpec& spec, const std::vector<std::uint64_t>& seeds,
                                      const FusedTrainerCallback& after_epoch) {
  check_training(topology, dataset, spec);
  FusedTrainer fused_trainer(topology, dataset, spec);
  std::vector<Run> runs;
  for (std::uint64_t seed : seeds) runs.push_back(fused_trainer.run(seed));
  for (std::int64_t epoch = 1; epoch <= spec.epochs; ++epoch) {
    // A run after the other, an epoch each: its weights and moments then stay in cache.
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const Stopwatch watch;
      TrainedModel& trained = runs[r].trained;
      const double loss = fused_trainer.epoch(runs[r]);
      const double validation = fused_trainer.validation_accuracy(runs[r]);
      if (validation > trained.validation_accuracy) {
        trained.validation_accuracy = validation;
        trained.best_epoch = epoch;
        trained.weights = runs[r].parameters.weights();
      }
      trained.seconds += watch.seconds();
      if (after_epoch && !after_epoch(r, epoch, loss, validation)) throw Interrupted{};
    }
  }
  std::vector<TrainedModel> trained;
  for (Run& run : runs) trained.push_back(std::move(run.trained));
  return trained;
}

}  // namespace deepfog
