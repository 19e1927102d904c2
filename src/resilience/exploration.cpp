#include "resilience/exploration.hpp"

#include <algorithm>

namespace deepfog {

Exploration::Exploration(const NamedReliability& settings, const BoundsTarget& target,
                         ClassAccuracies& accuracies)
    : settings_(settings), target_(target), accuracies_(accuracies) {
  for (const auto& setting : settings) accounts_.emplace_back(setting.second);
  try {
    const Diagram flow(accuracies.topology(), {100'000, 1'000'000, 1 << 28}, DiagramDetail::flow);
    for (std::size_t j = 0; j < settings.size(); ++j) {
      accounts_[j].no_flow = flow.class_probabilities(settings[j].second)[0];
    }
  } catch (const DiagramTooLarge&) {  // the bounds hold without it, but are a little wider
  }
}

double Exploration::Account::unexplored() const {
  return exhausted ? 0.0 : std::max(0.0, static_cast<double>(1.0L - explored));
}

double Exploration::Account::unexplored_guess() const {
  return std::min(unexplored(), std::max(0.0, no_flow - (mass.empty() ? 0.0 : mass[0])));
}

double Exploration::width(const Account& account) const {
  return (account.unexplored() - account.unexplored_guess()) * (target_.highest - target_.lowest);
}

bool Exploration::within_limits() const {
  return looked_at_ < target_.combinations && accuracies_.diagram().last_classes() < target_.classes;
}

bool Exploration::pick_batch() {
  const std::int64_t evaluated = static_cast<std::int64_t>(accuracies_.values().size()) - 1;
  bool any = false;
  for (bool open = true; open;) {
    open = false;
    for (Account& account : accounts_) {
      if (closed(account)) continue;
      if (!within_limits() || accuracies_.diagram().last_classes() - evaluated >= target_.batch) {
        return any || open;
      }
      open = take_next(account) || open;
    }
    any = any || open;
  }
  return any;
}

/// Explores the setting's most probable combination outside the explored cubes. Returns false if the limit or
/// the combinations are exhausted.
bool Exploration::take_next(Account& account) {
  while (looked_at_ < target_.combinations) {
    const auto next = account.order.next();
    if (!next) {
      account.exhausted = true;
      return false;
    }
    ++looked_at_;
    const Cube cube = cube_of(accuracies_.topology(), next->combination);
    if (cubes_.insert(cube).second) {
      explore(cube, next->combination);
      return true;
    }
  }
  return false;
}

void Exploration::explore(const Cube& cube, Combination combination) {
  explored_.push_back({cube, accuracies_.add(combination)});
  const auto number = static_cast<std::size_t>(explored_.back().number);
  for (std::size_t j = 0; j < accounts_.size(); ++j) {
    Account& account = accounts_[j];
    if (account.mass.size() <= number) account.mass.resize(number + 1, 0.0);
    const double gained = probability(cube, settings_[j].second);
    account.mass[number] += gained;
    account.explored += gained;
  }
}

BoundsResult Exploration::result() const {
  BoundsResult result;
  const std::vector<double>& accuracy = accuracies_.values();
  for (std::size_t j = 0; j < accounts_.size(); ++j) {
    const Account& account = accounts_[j];
    SettingBounds bounds;
    bounds.name = settings_[j].first;
    bounds.explored = 1.0 - account.unexplored();
    bounds.unexplored_guess = account.unexplored_guess();
    double sum = bounds.unexplored_guess * accuracy[0];
    for (std::size_t number = 0; number < account.mass.size(); ++number) {
      sum += account.mass[number] * accuracy[number];
    }
    const double unknown = account.unexplored() - bounds.unexplored_guess;
    bounds.lower = sum + unknown * target_.lowest;
    bounds.upper = sum + unknown * target_.highest;
    bounds.closed = closed(account);
    if (!bounds.closed) {
      result.stopped_by = looked_at_ >= target_.combinations ? StoppedBy::combinations : StoppedBy::classes;
    }
    result.settings.push_back(bounds);
  }
  result.combinations = looked_at_;
  result.explored = explored_;
  result.classes = accuracies_.diagram().last_classes();
  result.evaluations = accuracies_.diagram().evaluations();
  return result;
}

std::size_t Exploration::CubeHash::operator()(const Cube& cube) const {
  std::uint64_t h = cube.decisive * 0x9e3779b97f4a7c15U ^ cube.fates;
  h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9U;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

}  // namespace deepfog
