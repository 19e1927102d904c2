#pragma once

#include <cstdint>
#include <vector>

#include "core/seed.hpp"
#include "resilience/combination.hpp"
#include "resilience/enumeration.hpp"

namespace deepfog {

/// The failure combinations of up to 64 nodes by their number of failures: a stratum contains all
/// combinations with the same number. Nodes of reliability 0 or 1 are not varied; strata count the failures
/// of the others.
class FailureStrata {
 public:
  /// Throws std::invalid_argument for more than 64 nodes or a value outside 0..1.
  explicit FailureStrata(const Reliability& reliability);

  int count() const { return static_cast<int>(failing_.size()) + 1; }
  int failures(int stratum) const { return stratum + certain_failures_; }
  double mass(int stratum) const { return ways_[0][stratum]; }  ///< P(stratum | R), Poisson-binomial
  double size(int stratum) const;                               ///< number of combinations

  /// Draws a combination of the stratum with its probability given the stratum (conditional Bernoulli
  /// sampling: Chen and Liu, Statistica Sinica 7, 1997, procedure 3). Requires mass(stratum) > 0.
  Combination draw(int stratum, RandomStream& stream) const;

  /// All combinations of the stratum, each with its probability given the stratum; size(stratum) entries.
  /// Requires mass(stratum) > 0.
  std::vector<WeightedCombination> all(int stratum) const;

 private:
  struct Node {
    int position;
    double failure;  ///< probability, between 0 and 1
  };
  void list(std::size_t node, int left, WeightedCombination so_far,
            std::vector<WeightedCombination>& all) const;

  std::vector<Node> failing_;
  int certain_failures_ = 0;
  Combination sure_ = 0;                   ///< alive: the nodes of reliability 1 and all of failing_
  std::vector<std::vector<double>> ways_;  ///< [i][j]: P(j failures among failing_[i...])
};

}  // namespace deepfog
