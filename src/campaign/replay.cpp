#include <optional>

#include "campaign/dataset_cache.hpp"
#include "campaign/paths.hpp"
#include "campaign/run_store.hpp"
#include "core/error.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {

/// Why the weights of a finished training cannot be used; empty when they can.
std::string RunStore::trouble_with_weights(const record::Training& training) const {
  try {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    const std::string path = weights_path(spec_, training.key);
    if (checksum(load_weights(path)) != training.weights_sha256)
      return path + ": not the weights of this campaign";
    return "";
  } catch (const UserError& error) {
    return error.what();
  }
}

/// Nothing where the run falls to another shard.
std::optional<int> RunStore::task_of(const RunKey& key, TaskKind kind, std::int64_t begin,
                                     std::int64_t end) const {
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
    const Task& task = plan_.tasks[i];
    if (task.key == key && task.kind == kind && task.begin == begin && task.end == end)
      return static_cast<int>(i);
  }
  if (!spec_.shard.whole() && runs_.count(key) == 0) return std::nullopt;
  throw UserError(journal_path(spec_), "holds a task this campaign does not have",
                  "--restart throws it away");
}

/// The last words of the records, and the sweeps whose bits are missing.
RunStore::LastWords RunStore::last_words(const std::vector<LogRecord>& records) const {
  LastWords last;
  const std::string where = journal_path(spec_);
  for (const LogRecord& entry : records) {
    if (entry.type == record::training_type) {
      const record::Training training = record::decode_training(entry, where);
      const auto task = task_of(training.key, TaskKind::training, 0, 0);
      if (!task) continue;
      last.trainings.insert_or_assign(*task, training);
      last.failures.erase(*task);
    } else if (entry.type == record::sweep_type) {
      record::Sweep sweep = record::decode_sweep(entry, where);
      const auto task = task_of(sweep.key, TaskKind::sweep, sweep.begin, sweep.end);
      if (!task) continue;
      const bool right = keeps_sample_hits(sweep.key);
      last.failures.erase(*task);
      if (right && sweep.counts.right.empty()) {  // of an older version, or of a session that kept none
        last.without_sample_hits.insert(*task);
        last.sweeps.erase(*task);
        continue;
      }
      last.without_sample_hits.erase(*task);
      if (!right) sweep.counts.right = {};
      check(plan_.tasks[static_cast<std::size_t>(*task)], sweep.counts);
      last.sweeps.insert_or_assign(*task, std::move(sweep));
    } else if (entry.type == record::bounds_type) {
      record::Bounds bounds = record::decode_bounds(entry, where);
      const auto task = task_of(bounds.key, TaskKind::bounds, 0, 0);
      if (!task) continue;
      check(plan_.tasks[static_cast<std::size_t>(*task)], bounds.result);
      last.failures.erase(*task);
      last.bounds.insert_or_assign(*task, std::move(bounds));
    } else if (entry.type == record::failed_type) {
      record::FailedTask failed = record::decode_failed(entry, where);
      const auto task = task_of(failed.key, failed.kind, failed.begin, failed.end);
      if (task) last.failures.insert_or_assign(*task, std::move(failed));
    } else if (entry.type != record::inputs_type && entry.type != record::session_type &&
               entry.type != record::session_end_type) {
      throw UserError(where, "holds a record of unknown type '" + entry.type + "'",
                      "the version that wrote it, or --restart");
    }
  }
  return last;
}

std::vector<std::string> RunStore::replay(TaskQueue& task_queue, const std::vector<LogRecord>& records,
                                          Retry retry) {
  LastWords last = last_words(records);
  std::vector<std::string> notes;
  if (!last.without_sample_hits.empty()) {
    notes.push_back(journal_path(spec_) + ": " + std::to_string(last.without_sample_hits.size()) +
                    " sweeps left no bits of their samples; done once more (per_sample_mib = 0 takes them)");
  }
  for (const auto& [task, training] : last.trainings) {
    const std::string trouble = trouble_with_weights(training);
    if (!trouble.empty()) {
      notes.push_back(trouble + "; done once more: " +
                      describe(spec_, plan_.tasks[static_cast<std::size_t>(task)]) + " and its sweeps");
      continue;
    }
    take(training);
    task_queue.mark_done(task);
  }
  const auto take_all = [&](const auto& results) {
    for (const auto& [task, result] : results) {
      const RunRecord& record = run(result.key);
      if (!record.trained || record.training.weights_sha256 != result.weights_sha256) continue;
      take(result);
      task_queue.mark_done(task);
    }
  };
  take_all(last.sweeps);
  take_all(last.bounds);
  for (const auto& [task, failed] : last.failures) {
    const bool again =
        retry == Retry::all || (retry == Retry::passing && failed.failure == TaskFailure::passing);
    if (again || task_queue.done(task)) continue;
    take(failed);
    task_queue.mark_failed(task);
  }
  return notes;
}

}  // namespace deepfog
