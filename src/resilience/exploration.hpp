#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "resilience/bounds.hpp"
#include "resilience/enumeration.hpp"

namespace deepfog {

/// The implementation of bound_averages(): chooses combinations and keeps an account per setting.
class Exploration {
 public:
  Exploration(const NamedReliability& settings, const BoundsTarget& target, ClassAccuracies& accuracies);

  /// Explores combinations until a batch of new classes is full or nothing is left. Returns false if nothing
  /// was explored.
  bool pick_batch();

  BoundsResult result() const;

 private:
  struct Account {
    explicit Account(const Reliability& reliability) : order(reliability) {}
    MostProbableFirst order;
    std::vector<double> mass;  ///< explored probability, index = class
    long double explored = 0;  ///< sum of mass
    double no_flow = 0;        ///< P(nothing flows); 0 if it is not known
    bool exhausted = false;    ///< every combination of positive probability has been examined
    double unexplored() const;
    double unexplored_guess() const;
  };
  struct CubeHash {
    std::size_t operator()(const Cube& cube) const;
  };
  struct SameCube {
    bool operator()(const Cube& left, const Cube& right) const {
      return left.decisive == right.decisive && left.fates == right.fates;
    }
  };
  double width(const Account& account) const;
  bool closed(const Account& account) const { return width(account) <= target_.width; }
  bool within_limits() const;
  bool take_next(Account& account);
  void explore(const Cube& cube, Combination combination);

  const NamedReliability& settings_;
  BoundsTarget target_;
  ClassAccuracies& accuracies_;
  std::vector<Account> accounts_;
  std::unordered_set<Cube, CubeHash, SameCube> cubes_;
  std::vector<ExploredCube> explored_;
  std::int64_t looked_at_ = 0;
};

}  // namespace deepfog
