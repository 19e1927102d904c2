#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/plan.hpp"
#include "campaign/records.hpp"
#include "campaign/spec.hpp"
#include "scheduler/task_queue.hpp"
#include "storage/record_log.hpp"
#include "storage/weights_file.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// What is known of one run.
struct RunRecord {
  bool trained = false;
  record::Training training;
  std::vector<std::int64_t> correct, confusion;  ///< summed over the swept blocks; empty before the first
  ExitCounts exits;                              ///< likewise, of a network with exits
  SampleHits right;  ///< of all test samples, those that are not swept yet wrong; empty where none are kept
  LargeDiagramResult large_diagram;  ///< of a model without counts
  double sweep_seconds = 0;
  int sweeps_left = 0;    ///< or the one task of bounds
  std::string failure{};  ///< why it cannot be done; empty: nothing has failed
  bool done() const { return trained && sweeps_left == 0; }
};

/// Which tasks that failed in an earlier session are tried once more.
enum class Retry {
  passing,  ///< those that may succeed another time
  all,
  none
};

/// Finished work, in memory and on disk: when add_*() returns, a kill cannot lose it. Weights go to their own
/// files (written aside, fsynced, renamed), everything else to the journal.
class RunStore {
 public:
  /// @param datasets  one an experiment: weights files name their data
  RunStore(const CampaignSpec& spec, const Plan& plan, std::vector<DatasetSummary> datasets,
           RecordLog& journal);

  /// Takes over what the journal holds and marks it done on the task queue. Returns what the user should
  /// know: tasks that must be done once more because their weights are missing or changed, or because they
  /// left no bits of their samples.
  /// @param records  as of records_in_force(); those of runs of other shards are left out
  std::vector<std::string> replay(TaskQueue& task_queue, const std::vector<LogRecord>& records,
                                  Retry retry = Retry::passing);

  /// Throw Failure when the result does not fit the task (sizes, ranges) or cannot be stored.
  void add_training(int task, const TrainedModel& model);
  void add_sweep(int task, SweepCounts counts, double seconds);
  void add_bounds(int task, LargeDiagramResult result, double seconds);

  /// Notes that a task could not be done: its run, and after a training the runs on its weights, have failed.
  void add_failure(int task, const std::string& reason, TaskFailure kind);

  Weights weights(const RunKey& key) const;       ///< of a trained run (Task::weights_key)
  const RunRecord& run(const RunKey& key) const;  ///< an empty one for a run of another shard

 private:
  /// The last word of the journal on every task: a task that was redone stands there twice.
  struct LastWords {
    std::map<int, record::Training> trainings;
    std::map<int, record::Sweep> sweeps;
    std::map<int, record::Bounds> bounds;
    std::map<int, record::FailedTask> failures;
    std::set<int> without_sample_hits;  ///< sweeps that left no bits of their samples
  };
  LastWords last_words(const std::vector<LogRecord>& records) const;
  void check(const Task& task, const TrainedModel& model) const;
  void check(const Task& task, const SweepCounts& counts) const;
  void check(const Task& task, const LargeDiagramResult& result) const;
  bool keeps_sample_hits(const RunKey& key) const;
  void take(const record::Training& training);
  void take(const record::Sweep& sweep);
  void take(const record::Bounds& bounds);
  void take(const record::FailedTask& failed);
  std::string trouble_with_weights(const record::Training& training) const;
  const ModelSpec& model(const RunKey& key) const;
  WeightsOrigin origin(const RunKey& key, const TrainedModel& result) const;
  std::optional<int> task_of(const RunKey& key, TaskKind kind, std::int64_t begin, std::int64_t end) const;

  const CampaignSpec& spec_;
  const Plan& plan_;
  std::vector<DatasetSummary> datasets_;
  RecordLog& journal_;
  std::map<RunKey, RunRecord> runs_;
};

}  // namespace deepfog
