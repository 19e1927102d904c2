#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/codec.hpp"
#include "core/deadline.hpp"
#include "core/seed.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// The network of one run while it is trained: what the loop needs of a step engine. There are three, for the
/// stages of a topology by LibTorch and by fused kernels, and for convolutional networks.
class TrainingSteps {
 public:
  virtual ~TrainingSteps() = default;

  /// One step of the optimiser.
  /// @param rows         training samples of the batch
  /// @param combination  the failures that failout drew for it
  /// @return the mean loss; NaN when no information flows: the batch is skipped. Throws Diverged.
  virtual double step(const std::int64_t* rows, std::int64_t count, Combination combination) = 0;

  /// Of the validation samples, in [0, 1].
  virtual double validation_accuracy() = 0;
  virtual Weights weights() const = 0;

  /// Parameters, what the optimiser remembers and random streams; restore() continues bit for bit. Throws
  /// Failure when what was saved is of another network.
  virtual void save(Encoder& encoder) const = 0;
  virtual void restore(Decoder& decoder) = 0;
};

/// One run in training: shuffles, draws failures, selects the best epoch. Everything that a step engine does
/// not decide is here once.
class TrainingRun {
 public:
  /// @param spec     must outlive the run
  /// @param samples  number of training samples
  /// @param seed     of the run
  /// @param failing  nodes that can fail
  /// @param least    rows that a batch needs: batch norm takes no deviation of one; a rest of fewer joins the
  ///                 batch before
  TrainingRun(std::unique_ptr<TrainingSteps> steps, const TrainingSpec& spec, std::int64_t samples,
              std::uint64_t seed, int failing, std::int64_t least = 1);

  /// The rest of an epoch, and its validation. False when the callback stopped the training.
  bool epoch(const EpochCallback& after_epoch, const Checkpoints& checkpoints);

  bool finished() const { return epochs_ >= spec_.epochs; }
  std::int64_t epochs() const { return epochs_; }  ///< finished ones
  TrainedModel& trained() { return trained_; }

  std::vector<char> save() const;
  /// Throws Failure when the bytes are not those of such a run.
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
  // Of the epoch that is under way:
  std::uint64_t shuffled_from_ = 0;  ///< state of shuffle_ before the order was drawn
  std::vector<std::int64_t> order_;  ///< training samples; empty: between two epochs
  std::int64_t next_ = 0, batches_ = 0;
  double loss_sum_ = 0;
  TrainedModel trained_;
  Stopwatch since_checkpoint_;
};

/// Trains runs side by side, an epoch each in turns: the weights of a run then stay in the cache. Throws
/// Interrupted when the callback says so.
void train_runs(std::vector<TrainingRun>& runs, const RunsCallback& after_epoch);

/// Trains one run, from its checkpoint if there is one.
void train_run(TrainingRun& run, const EpochCallback& after_epoch, const Checkpoints& checkpoints);

}  // namespace deepfog
