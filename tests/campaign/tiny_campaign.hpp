#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../storage/scratch.hpp"
#include "campaign/dataset_summary.hpp"
#include "campaign/run_store.hpp"
#include "campaign/spec.hpp"
#include "campaign/work.hpp"
#include "scheduler/task_queue.hpp"
#include "storage/record_log.hpp"

namespace deepfog::test {

/// One experiment, two models (plain, skips) over two nodes that can fail, two runs; 300 made-up samples in
/// two sources and three classes, of which 200 are test samples: three blocks of 64, 64 and 72. Trains in
/// some milliseconds.
class TinyCampaign {
 public:
  /// @param folder  where the data set goes; results too
  explicit TinyCampaign(const std::string& folder);
  CampaignSpec spec;
};

/// Puts a model `before` first, which is `skips` without its skips and on its weights, and `same` last, which
/// is `skips` once more.
void add_borrowers(CampaignSpec& spec);

/// The test samples and so on of the data set, without reading it.
std::vector<DatasetSummary> tiny_summaries();

/// Counts and weights that follow from the task, without LibTorch. Hooks run first.
class QuickWork : public Work {
 public:
  explicit QuickWork(const CampaignSpec& spec) : spec_(spec) {}
  TrainedModel train(const Task& task, const EpochCallback& after_epoch) override;
  SweepCounts sweep(const Task& task, const Weights& weights) override;
  std::function<void(const Task&)> before_training, before_sweep;

 private:
  const CampaignSpec& spec_;
};

/// What QuickWork makes.
TrainedModel quick_model(const CampaignSpec& spec, const Task& task);
SweepCounts quick_counts(const CampaignSpec& spec, const Task& task);

/// Does every open task in turn, in this thread.
void do_everything(TaskQueue& task_queue, RunStore& run_store, Work& work, const Plan& plan);

/// The journal of a campaign of which every task is done; neither it nor results are left behind.
std::vector<LogRecord> records_of_everything(const CampaignSpec& spec, Work& work);

}  // namespace deepfog::test
