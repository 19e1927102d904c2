#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// A made-up table of accuracies whose average is known in closed form, for nodes that fail by `reliability`.
struct SamplingCase {
  std::string name;
  Reliability reliability;
  std::function<double(Combination)> accuracy;
  double average = 0;  ///< Equation 3
};

/// Tables on which a sampled interval can go wrong: cliffs that two or three nodes make together or alone,
/// seen in 1e-2 to 1e-4 of all combinations; smooth, flat and threshold tables; 40 to 60 nodes, at normal to
/// hazardous reliabilities.
std::vector<SamplingCase> sampling_cases();

/// What many seeds made of a case.
struct Coverage {
  int seeds = 0, covered = 0;
  int above = 0, below = 0;  ///< intervals that lie wholly above, or below, the average
  int points = 0;            ///< intervals of no width but for the mass left out
  double width = 0;          ///< mean
  double bias = 0;           ///< mean estimate less the average
  double share() const { return static_cast<double>(covered) / seeds; }
};

/// sample_average() with seeds 1 to `seeds`. Throws std::runtime_error for an estimate outside its interval.
Coverage coverage(const SamplingCase& subject, std::int64_t budget, int seeds);

}  // namespace deepfog
