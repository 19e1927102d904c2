#include "campaign/board.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace deepfog {

Board::Board(const Plan& plan) {
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    Entry entry;
    entry.unit = plan.units[i];
    entry.training = plan.training_of(static_cast<int>(i));
    entry.priority = entry.unit.cost;
    units_.push_back(entry);
    cost_total_ += entry.unit.cost;
    if (entry.unit.kind != UnitKind::training) {
      Entry& training = units_[static_cast<std::size_t>(entry.training)];
      training.priority = std::max(training.priority, training.unit.cost + entry.unit.cost);
    }
  }
  open_ = static_cast<int>(units_.size());
}

bool Board::ready(const Entry& entry) const {
  return entry.state == State::open &&
         (entry.unit.kind == UnitKind::training || state(entry.training) == State::done);
}

bool Board::before(const Entry& a, const Entry& b, const std::optional<RunKey>& held) {
  if (held && a.unit.kind != UnitKind::training && b.unit.kind != UnitKind::training) {
    const bool a_held = a.unit.weights_key() == *held, b_held = b.unit.weights_key() == *held;
    if (a_held != b_held) return a_held;
  }
  return a.priority > b.priority;  // equals: the earlier in the plan, because it is met first
}

std::optional<int> Board::claim(int worker, const std::optional<RunKey>& held) {
  Entry* best = nullptr;
  for (Entry& entry : units_) {
    if (ready(entry) && (best == nullptr || before(entry, *best, held))) best = &entry;
  }
  if (best == nullptr) return std::nullopt;
  best->state = State::claimed;
  best->worker = worker;
  --open_;
  ++claimed_;
  return static_cast<int>(best - units_.data());
}

void Board::finish(Entry& entry) {
  entry.state = State::done;
  entry.worker = -1;
  ++done_;
  cost_done_ += entry.unit.cost;
}

Board::Entry& Board::claimed(int unit, int worker) {
  if (unit < 0 || unit >= units())
    throw Failure("a result names unit " + std::to_string(unit) + ", which does not exist");
  Entry& entry = units_[static_cast<std::size_t>(unit)];
  if (entry.state != State::claimed || entry.worker != worker) {
    throw Failure("worker " + std::to_string(worker) + " sent a result of unit " + std::to_string(unit) +
                  ", which it has not claimed");
  }
  return entry;
}

void Board::complete(int unit, int worker) {
  Entry& entry = claimed(unit, worker);
  --claimed_;
  finish(entry);
}

void Board::fail(int unit, int worker) {
  Entry& entry = claimed(unit, worker);
  --claimed_;
  ++open_;
  entry.state = State::open;
  entry.worker = -1;
  give_up(unit);
}

void Board::mark_failed(int unit) {
  if (state(unit) == State::open) give_up(unit);
}

void Board::give_up(int unit) {
  const Unit failed = units_.at(static_cast<std::size_t>(unit)).unit;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Entry& entry = units_[i];
    const bool useless = static_cast<int>(i) == unit ||
                         (failed.kind == UnitKind::training
                              ? entry.training == unit
                              : entry.unit.kind != UnitKind::training && entry.unit.key == failed.key);
    if (!useless || entry.state != State::open) continue;
    entry.state = State::given_up;
    --open_;
    ++given_up_;
    cost_done_ += entry.unit.cost;
  }
}

void Board::mark_done(int unit) {
  Entry& entry = units_.at(static_cast<std::size_t>(unit));
  if (entry.state != State::open)
    throw Failure("unit " + std::to_string(unit) + " is done or claimed already");
  --open_;
  finish(entry);
}

std::vector<int> Board::release(int worker) {
  std::vector<int> released;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Entry& entry = units_[i];
    if (entry.state != State::claimed || entry.worker != worker) continue;
    entry.state = State::open;
    entry.worker = -1;
    --claimed_;
    ++open_;
    released.push_back(static_cast<int>(i));
  }
  return released;
}

std::optional<int> Board::claimed_by(int worker) const {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (units_[i].state == State::claimed && units_[i].worker == worker) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace deepfog
