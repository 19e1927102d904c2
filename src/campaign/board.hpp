#pragma once

#include <optional>
#include <vector>

#include "campaign/plan.hpp"
#include "campaign/unit.hpp"

namespace deepfog {

/// Who does what: every unit is open, claimed by one worker, done, or given up because it, or one that it
/// waits for, has failed. Knows no messages and no files.
/// Longest work first, counting what waits for it; among sweeps, those of the run whose weights the claimer
/// holds.
class Board {
 public:
  explicit Board(const Plan& plan);

  /// The next unit for a worker, claimed in its name; nothing when none is ready (all claimed, done or
  /// waiting for a training). A sweep is ready once the training of its run is done.
  std::optional<int> claim(int worker, const std::optional<RunKey>& held);

  /// A unit claimed by this worker is done. Throws Failure when it was not claimed by it.
  void complete(int unit, int worker);

  /// A unit that an earlier session finished.
  void mark_done(int unit);

  /// A unit claimed by this worker has failed: gives it up, and with it what is useless without it, the open
  /// sweeps of its run and after a training those of every model on its weights. Throws as complete().
  void fail(int unit, int worker);

  /// The same of an open unit that an earlier session has seen fail.
  void mark_failed(int unit);

  /// Opens again what a worker had claimed (it stopped or was lost); returns these units.
  std::vector<int> release(int worker);

  bool all_done() const { return open_ + claimed_ == 0; }
  bool done(int unit) const { return state(unit) == State::done; }
  bool settled(int unit) const { return done(unit) || state(unit) == State::given_up; }
  std::optional<int> claimed_by(int worker) const;  ///< the unit a worker is at
  int units_done() const { return done_; }
  int units_given_up() const { return given_up_; }
  int units() const { return static_cast<int>(units_.size()); }
  double cost_done() const { return cost_done_; }  ///< what is given up need not be done any more
  double cost_total() const { return cost_total_; }

 private:
  enum class State { open, claimed, done, given_up };
  struct Entry {
    Unit unit;
    State state = State::open;
    int worker = -1;
    int training = 0;     ///< unit that must be done first; itself for a training
    double priority = 0;  ///< cost of the longest chain that begins here
  };
  State state(int unit) const { return units_.at(static_cast<std::size_t>(unit)).state; }
  bool ready(const Entry& entry) const;
  static bool before(const Entry& a, const Entry& b, const std::optional<RunKey>& held);
  void finish(Entry& entry);
  Entry& claimed(int unit, int worker);
  void give_up(int unit);

  std::vector<Entry> units_;
  int open_ = 0, claimed_ = 0, done_ = 0, given_up_ = 0;
  double cost_done_ = 0, cost_total_ = 0;
};

}  // namespace deepfog
