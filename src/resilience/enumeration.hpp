#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

struct WeightedCombination {
  Combination combination = 0;
  double probability = 0;  ///< Equation 2
};

/// All 2^n combinations, ascending: the index is the combination. Throws std::invalid_argument unless n is 0
/// to 26.
std::vector<Combination> all_combinations(int n);

/// The combinations of n nodes with exactly `failed` failures, ascending. Throws std::invalid_argument unless
/// n is 0 to 26 and 0 <= failed <= n.
std::vector<Combination> combinations_with(int n, int failed);

/// Enumerates the failure combinations of up to 64 nodes, most probable first, without listing them in
/// advance (most-probable-states enumeration of Li and Silvester, 1984, with a lazy heap). Probabilities
/// never increase from one combination to the next. Nodes with a certain fate (reliability 0 or 1) are not
/// varied: combinations of probability 0 are left out. Memory: at most one heap entry (32 bytes) per returned
/// combination.
class MostProbableFirst {
 public:
  /// Throws std::invalid_argument for more than 64 nodes or a value outside 0..1.
  explicit MostProbableFirst(const Reliability& reliability);

  /// The next combination; nullopt after all combinations of positive probability have been returned.
  std::optional<WeightedCombination> next();

 private:
  /// A set of nodes in the less probable of their two fates, as indices into unlikely_.
  struct Entry {
    double probability;  ///< relative to the most probable combination
    double without_last;
    std::uint64_t set;
    int last;  ///< the highest index in the set
  };
  struct Later {
    bool operator()(const Entry& left, const Entry& right) const {
      return left.probability != right.probability ? left.probability < right.probability
                                                   : left.set > right.set;
    }
  };
  struct Unlikely {
    int position;
    double ratio;  ///< probability of the less probable fate over that of the other: 0 < ratio <= 1
  };
  Combination flipped(std::uint64_t set) const;

  std::vector<Unlikely> unlikely_;  ///< highest ratio first
  Combination likeliest_ = 0;
  double highest_ = 1;  ///< probability of likeliest_
  bool started_ = false;
  std::priority_queue<Entry, std::vector<Entry>, Later> heap_;
};

}  // namespace deepfog
