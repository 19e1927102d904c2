#include <optional>

#include "campaign/dataset_cache.hpp"
#include "campaign/ledger.hpp"
#include "campaign/paths.hpp"
#include "core/error.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {

/// Why the weights of a finished training cannot be used; empty when they can.
std::string Ledger::trouble_with_weights(const record::Training& training) const {
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

/// Nothing where the run falls to another share.
std::optional<int> Ledger::unit_of(const RunKey& key, UnitKind kind, std::int64_t begin,
                                   std::int64_t end) const {
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    const Unit& unit = plan_.units[i];
    if (unit.key == key && unit.kind == kind && unit.begin == begin && unit.end == end)
      return static_cast<int>(i);
  }
  if (!spec_.share.whole() && runs_.count(key) == 0) return std::nullopt;
  throw UserError(journal_path(spec_), "holds a unit this campaign does not have",
                  "--restart throws it away");
}

/// The last words of the records, and the sweeps whose bits are missing.
Ledger::LastWords Ledger::last_words(const std::vector<JournalRecord>& records) const {
  LastWords last;
  const std::string where = journal_path(spec_);
  for (const JournalRecord& entry : records) {
    if (entry.type == record::training_type) {
      const record::Training training = record::decode_training(entry, where);
      const auto unit = unit_of(training.key, UnitKind::training, 0, 0);
      if (!unit) continue;
      last.trainings.insert_or_assign(*unit, training);
      last.failures.erase(*unit);
    } else if (entry.type == record::sweep_type) {
      record::Sweep sweep = record::decode_sweep(entry, where);
      const auto unit = unit_of(sweep.key, UnitKind::sweep, sweep.begin, sweep.end);
      if (!unit) continue;
      const bool right = keeps_right(sweep.key);
      last.failures.erase(*unit);
      if (right && sweep.counts.right.empty()) {  // of an older version, or of a session that kept none
        last.without_right.insert(*unit);
        last.sweeps.erase(*unit);
        continue;
      }
      last.without_right.erase(*unit);
      if (!right) sweep.counts.right = {};
      check(plan_.units[static_cast<std::size_t>(*unit)], sweep.counts);
      last.sweeps.insert_or_assign(*unit, std::move(sweep));
    } else if (entry.type == record::bounds_type) {
      record::Bounds bounds = record::decode_bounds(entry, where);
      const auto unit = unit_of(bounds.key, UnitKind::bounds, 0, 0);
      if (!unit) continue;
      check(plan_.units[static_cast<std::size_t>(*unit)], bounds.result);
      last.failures.erase(*unit);
      last.bounds.insert_or_assign(*unit, std::move(bounds));
    } else if (entry.type == record::failed_type) {
      record::FailedUnit failed = record::decode_failed(entry, where);
      const auto unit = unit_of(failed.key, failed.kind, failed.begin, failed.end);
      if (unit) last.failures.insert_or_assign(*unit, std::move(failed));
    } else if (entry.type != record::inputs_type && entry.type != record::session_type &&
               entry.type != record::session_end_type) {
      throw UserError(where, "holds a record of unknown type '" + entry.type + "'",
                      "the version that wrote it, or --restart");
    }
  }
  return last;
}

std::vector<std::string> Ledger::replay(Board& board, const std::vector<JournalRecord>& records,
                                        Retry retry) {
  LastWords last = last_words(records);
  std::vector<std::string> notes;
  if (!last.without_right.empty()) {
    notes.push_back(journal_path(spec_) + ": " + std::to_string(last.without_right.size()) +
                    " sweeps left no bits of their samples; done once more (per_sample_mib = 0 takes them)");
  }
  for (const auto& [unit, training] : last.trainings) {
    const std::string trouble = trouble_with_weights(training);
    if (!trouble.empty()) {
      notes.push_back(trouble + "; done once more: " +
                      describe(spec_, plan_.units[static_cast<std::size_t>(unit)]) + " and its sweeps");
      continue;
    }
    take(training);
    board.mark_done(unit);
  }
  const auto take_all = [&](const auto& results) {
    for (const auto& [unit, result] : results) {
      const RunRecord& record = run(result.key);
      if (!record.trained || record.training.weights_sha256 != result.weights_sha256) continue;
      take(result);
      board.mark_done(unit);
    }
  };
  take_all(last.sweeps);
  take_all(last.bounds);
  for (const auto& [unit, failed] : last.failures) {
    const bool again =
        retry == Retry::all || (retry == Retry::passing && failed.failure == UnitFailure::passing);
    if (again || board.done(unit)) continue;
    take(failed);
    board.mark_failed(unit);
  }
  return notes;
}

}  // namespace deepfog
