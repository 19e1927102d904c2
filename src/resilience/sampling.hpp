#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// Returns the accuracies of some combinations. A combination may occur several times (ClassAccuracies::of
/// evaluates it once).
using EvaluateCombinations = std::function<std::vector<double>(const std::vector<Combination>&)>;

struct SamplingSpec {
  std::int64_t budget = 20'000;    ///< requested combinations, listed and drawn together
  double ignored_mass = 1e-6;      ///< the least probable strata up to this mass are ignored
  double lowest = 0, highest = 1;  ///< no accuracy is outside this range, nor is the guess
  std::uint64_t seed = 1;
};

enum class StratumUse { exact, sampled, ignored };

/// The combinations with a given number of failures.
struct Stratum {
  int failures = 0;
  double mass = 0;  ///< P(that many failures | R)
  StratumUse use = StratumUse::ignored;
  std::int64_t combinations = 0;  ///< listed, or drawn with replacement
  double mean = 0;                ///< of the accuracy, given the stratum
  double deviation = 0;           ///< sample standard deviation; 0 if exact
};

/// An estimate of Equation 3 with its 95 % confidence interval and its composition.
struct SampledAverage {
  double estimate = 0, lower = 0, upper = 1;
  std::vector<Stratum> strata;  ///< by number of failures; strata without mass are left out
  double ignored_mass = 0;      ///< widens the interval with certainty
  std::int64_t combinations = 0;
  std::uint64_t seed = 0;
};

/// Average accuracy of one reliability setting, sampled in strata by the number of failures. If 2^n is within
/// the budget, all combinations are listed. Otherwise the least probable strata are ignored; of the others,
/// those with the most mass per combination are listed, as long as a stratum's share of the remaining mass is
/// at least its share of the remaining budget; the rest are sampled in proportion to their mass. The interval
/// (upper_mean_975 in both directions) allows for values that no draw has met: a table that looks flat in all
/// draws is not taken for certain. The same seed gives the same result on every machine. `evaluate` is called
/// at most once. Throws std::invalid_argument for a budget below 4 draws per stratum or an invalid
/// reliability.
SampledAverage sample_average(const Reliability& reliability, const SamplingSpec& spec,
                              const EvaluateCombinations& evaluate);

}  // namespace deepfog
