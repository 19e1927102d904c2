#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/codec.hpp"
#include "core/deadline.hpp"
#include "core/seed.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// The network of one run during training: what the loop needs of a step engine. There are three engines:
/// LibTorch and fused kernels for the stages of a topology, and one for convolutional networks.
class TrainingSteps {
 public:
  virtual ~TrainingSteps() = default;

  /// Makes one step of the optimiser.
  /// @param rows         training samples of the batch
  /// @param combination  the failures that failout drew for it
  /// @return the mean loss; NaN if no information flows and the batch is skipped. Throws Diverged.
  virtual double step(const std::int64_t* rows, std::int64_t count, Combination combination) = 0;

  /// The accuracy on the validation samples, in [0, 1].
  virtual double validation_accuracy() = 0;
  virtual Weights weights() const = 0;

  /// Saves or restores parameters, optimiser state and random streams; a restored training continues bit for
  /// bit. restore() throws Failure if the data belong to another network.
  virtual void save(Encoder& encoder) const = 0;
  virtual void restore(Decoder& decoder) = 0;
};

/// One run of a training: shuffles samples, draws failures and selects the best epoch. It contains everything
/// that does not depend on the step engine.
class TrainingRun {
 public:
  /// @param spec     must outlive the run
  /// @param samples  number of training samples
  /// @param seed     of the run
  /// @param failing  number of nodes that can fail
  /// @param least    minimum number of rows per batch, because batch norm cannot normalise a single row;
  ///                 fewer remaining rows join the last batch
  TrainingRun(std::unique_ptr<TrainingSteps> steps, const TrainingSpec& spec, std::int64_t samples,
              std::uint64_t seed, int failing, std::int64_t least = 1);

  /// Runs the rest of an epoch and its validation. Returns false if the callback stops the training.
  bool epoch(const EpochCallback& after_epoch, const Checkpoints& checkpoints);

  bool finished() const { return epochs_ >= spec_.epochs; }
  std::int64_t epochs() const { return epochs_; }  ///< finished epochs
  TrainedModel& trained() { return trained_; }

  std::vector<char> save() const;
  /// Throws Failure if the bytes do not belong to such a run.
  void restore(const std::vector<char>& bytes);

 private:
  void begin_epoch();
  void batch();

  std::unique_ptr<TrainingSteps> steps_;
  const TrainingSpec& spec_;
  int failing_;
  std::int64_t least_;
  RandomStream shuffle_, failures_;
  std::vector<std::int64_t> subset_;
  std::int64_t epochs_ = 0;
  // State of the current epoch:
  std::uint64_t shuffled_from_ = 0;  ///< state of shuffle_ before the order was drawn
  std::vector<std::int64_t> order_;  ///< training samples; empty between two epochs
  std::int64_t next_ = 0, batches_ = 0;
  double loss_sum_ = 0;
  TrainedModel trained_;
  Stopwatch since_checkpoint_;
};

/// Trains runs side by side, alternating after each epoch, so that the weights of a run stay in the cache
/// during an epoch. Throws Interrupted if the callback returns false.
void train_runs(std::vector<TrainingRun>& runs, const RunsCallback& after_epoch);

/// Trains one run, starting from its checkpoint if there is one.
void train_run(TrainingRun& run, const EpochCallback& after_epoch, const Checkpoints& checkpoints);

}  // namespace deepfog
