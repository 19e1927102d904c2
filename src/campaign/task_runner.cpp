#include "campaign/task_runner.hpp"

#include "core/deadline.hpp"
#include "training/diverged.hpp"

namespace deepfog {

Bytes CampaignTaskRunner::run(int task, const Bytes& bytes, const ReportProgress& report) {
  payload::Assignment assignment = payload::decode_assignment(bytes, "an assignment of rank 0");
  const Task& what = assignment.what;
  if (what.kind == TaskKind::training) {
    TrainedModel model = train(what, report);
    trained_ = task;
    held_ = what.key;
    weights_ = model.weights;
    return payload::encode(std::move(model));
  }
  if (assignment.weights) {
    weights_ = std::move(*assignment.weights);
    held_ = what.weights_key();
    trained_ = assignment.training;
  }
  if (!held_ || !(*held_ == what.weights_key())) throw Failure("a sweep was assigned without its weights");
  const Stopwatch watch;
  if (what.kind == TaskKind::bounds) {
    LargeDiagramResult result = work_.bound(what, weights_);
    return payload::encode(payload::Bounded{std::move(result), watch.seconds()});
  }
  SweepCounts counts = work_.sweep(what, weights_);
  return payload::encode(payload::Swept{std::move(counts), watch.seconds()});
}

TrainedModel CampaignTaskRunner::train(const Task& task, const ReportProgress& report) {
  const std::int64_t epochs = spec_.experiments.at(static_cast<std::size_t>(task.key.experiment))
                                  .models.at(static_cast<std::size_t>(task.key.model))
                                  .training.epochs;
  const auto after_epoch = [&](std::int64_t epoch, double, double) {
    return report(static_cast<double>(epoch) / static_cast<double>(epochs),
                  "epoch " + std::to_string(epoch) + " of " + std::to_string(epochs));
  };
  try {
    return work_.train(task, after_epoch);
  } catch (const Interrupted&) {
    throw Abandoned();
  } catch (const Diverged& error) {
    throw LastingFailure(error.what());
  }
}

}  // namespace deepfog
