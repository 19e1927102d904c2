#include <optional>
#include <set>

#include "campaign/dataset_cache.hpp"
#include "campaign/ledger.hpp"
#include "campaign/paths.hpp"
#include "core/error.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

/// The last word of the journal on every unit: a unit that was redone stands there twice.
struct LastWords {
  std::map<RunKey, record::Training> trainings;
  std::map<int, record::Sweep> sweeps;  ///< by unit
  std::map<int, record::Bounds> bounds;
};

}  // namespace

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

int Ledger::unit_of(const RunKey& key, UnitKind kind, std::int64_t begin, std::int64_t end) const {
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    const Unit& unit = plan_.units[i];
    if (unit.key == key && unit.kind == kind && unit.begin == begin && unit.end == end)
      return static_cast<int>(i);
  }
  throw UserError(journal_path(spec_), "holds a unit this campaign does not have",
                  "--restart throws it away");
}

std::vector<std::string> Ledger::replay(Board& board, const std::vector<JournalRecord>& records) {
  LastWords last;
  std::set<int> without_right;  ///< units
  const std::string where = journal_path(spec_);
  for (const JournalRecord& entry : records) {
    if (entry.type == record::training_type) {
      const record::Training training = record::decode_training(entry, where);
      unit_of(training.key, UnitKind::training, 0, 0);
      last.trainings[training.key] = training;
    } else if (entry.type == record::sweep_type) {
      record::Sweep sweep = record::decode_sweep(entry, where);
      const int unit = unit_of(sweep.key, UnitKind::sweep, sweep.begin, sweep.end);
      const bool right = keeps_right(sweep.key);
      if (right && sweep.counts.right.empty()) {  // of an older version, or of a session that kept none
        without_right.insert(unit);
        last.sweeps.erase(unit);
        continue;
      }
      without_right.erase(unit);
      if (!right) sweep.counts.right = {};
      check(plan_.units[static_cast<std::size_t>(unit)], sweep.counts);
      last.sweeps.insert_or_assign(unit, std::move(sweep));
    } else if (entry.type == record::bounds_type) {
      record::Bounds bounds = record::decode_bounds(entry, where);
      const int unit = unit_of(bounds.key, UnitKind::bounds, 0, 0);
      check(plan_.units[static_cast<std::size_t>(unit)], bounds.result);
      last.bounds.insert_or_assign(unit, std::move(bounds));
    } else if (entry.type != record::inputs_type && entry.type != record::session_type &&
               entry.type != record::session_end_type) {
      throw UserError(where, "holds a record of unknown type '" + entry.type + "'",
                      "the version that wrote it, or --restart");
    }
  }
  std::vector<std::string> notes;
  if (!without_right.empty()) {
    notes.push_back(where + ": " + std::to_string(without_right.size()) +
                    " sweeps left no bits of their samples; done once more (per_sample_mib = 0 takes them)");
  }
  for (const auto& [key, training] : last.trainings) {
    const std::string trouble = trouble_with_weights(training);
    const int unit = unit_of(key, UnitKind::training, 0, 0);
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
  return notes;
}

}  // namespace deepfog
