#include "training/training_loop.hpp"

#include <algorithm>
#include <cmath>

#include "topology/weights_codec.hpp"
#include "training/rules.hpp"

namespace deepfog {

TrainingRun::TrainingRun(std::unique_ptr<TrainingSteps> steps, const TrainingSpec& spec, std::int64_t samples,
                         std::uint64_t seed, int failing, std::int64_t least)
    : steps_(std::move(steps)),
      spec_(spec),
      failing_(failing),
      least_(least),
      shuffle_(derive_seed(seed, "", "", 0, "shuffle")),
      failures_(derive_seed(seed, "", "", 0, "failout")),
      subset_(training_subset(spec, samples, seed)) {
  trained_.validation_accuracy = -1;
}

void TrainingRun::begin_epoch() {
  shuffled_from_ = shuffle_.state();
  order_ = shuffle_.permutation(static_cast<std::int64_t>(subset_.size()));
  for (std::int64_t& row : order_) row = subset_[static_cast<std::size_t>(row)];
  next_ = batches_ = 0;
  loss_sum_ = 0;
}

void TrainingRun::batch() {
  const auto size = static_cast<std::int64_t>(order_.size());
  std::int64_t end = std::min(size, next_ + spec_.batch_size);
  if (size - end < least_) end = size;
  const Combination combination = draw_combination(spec_, failing_, failures_);
  const double loss = steps_->step(&order_[static_cast<std::size_t>(next_)], end - next_, combination);
  next_ = end;
  if (std::isnan(loss)) {
    ++trained_.null_batches;
    return;
  }
  loss_sum_ += loss;
  ++batches_;
}

bool TrainingRun::epoch(const EpochCallback& after_epoch, const Checkpoints& checkpoints) {
  Stopwatch watch;
  if (order_.empty()) begin_epoch();
  while (next_ < static_cast<std::int64_t>(order_.size())) {
    batch();
    if (!checkpoints.save || since_checkpoint_.seconds() < checkpoints.every_s) continue;
    trained_.seconds += watch.seconds();
    watch = since_checkpoint_ = Stopwatch();
    checkpoints.save(save());
  }
  order_.clear();
  ++epochs_;
  const double validation = steps_->validation_accuracy();
  if (validation > trained_.validation_accuracy) {
    trained_.validation_accuracy = validation;
    trained_.best_epoch = epochs_;
    trained_.weights = steps_->weights();
  }
  trained_.seconds += watch.seconds();
  return !after_epoch || after_epoch(epochs_, batches_ > 0 ? loss_sum_ / double(batches_) : 0.0, validation);
}

std::vector<char> TrainingRun::save() const {
  Encoder encoder;
  for (const std::int64_t number : {epochs_, next_, batches_, static_cast<std::int64_t>(order_.size())})
    encoder.put(number);
  encoder.put(loss_sum_);
  for (const std::uint64_t state : {order_.empty() ? shuffle_.state() : shuffled_from_, failures_.state()})
    encoder.put(state);
  encoder.put(trained_.validation_accuracy);
  encoder.put(trained_.best_epoch);
  encoder.put(trained_.null_batches);
  encoder.put(trained_.seconds);
  put_weights(encoder, trained_.weights);
  steps_->save(encoder);
  return encoder.take();
}

void TrainingRun::restore(const std::vector<char>& bytes) {
  Decoder decoder(bytes, "training checkpoint");
  epochs_ = decoder.get<std::int64_t>();
  const auto next = decoder.get<std::int64_t>(), batches = decoder.get<std::int64_t>();
  const auto size = decoder.get<std::int64_t>();
  const auto loss_sum = decoder.get<double>();
  shuffle_ = RandomStream(decoder.get<std::uint64_t>());
  failures_ = RandomStream(decoder.get<std::uint64_t>());
  const bool within = size != 0;
  if (epochs_ < 0 || epochs_ > spec_.epochs ||
      (within && size != static_cast<std::int64_t>(subset_.size())) || next < 0 || next > size || batches < 0)
    decoder.refuse("it is of another training");
  order_.clear();
  if (within) begin_epoch();
  next_ = next;
  batches_ = batches;
  loss_sum_ = loss_sum;
  trained_.validation_accuracy = decoder.get<double>();
  trained_.best_epoch = decoder.get<std::int64_t>();
  trained_.null_batches = decoder.get<std::int64_t>();
  trained_.seconds = decoder.get<double>();
  trained_.weights = get_weights(decoder);
  steps_->restore(decoder);
  decoder.finish();
}

void train_runs(std::vector<TrainingRun>& runs, const RunsCallback& after_epoch) {
  const auto finished = [](const TrainingRun& run) { return run.finished(); };
  while (!std::all_of(runs.begin(), runs.end(), finished)) {
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const auto after = [&](std::int64_t epoch, double loss, double validation) {
        return !after_epoch || after_epoch(r, epoch, loss, validation);
      };
      if (!runs[r].epoch(after, {})) throw Interrupted{};
    }
  }
}

void train_run(TrainingRun& run, const EpochCallback& after_epoch, const Checkpoints& checkpoints) {
  if (!checkpoints.resume.empty()) run.restore(checkpoints.resume);
  while (!run.finished())
    if (!run.epoch(after_epoch, checkpoints)) throw Interrupted{};
}

}  // namespace deepfog
