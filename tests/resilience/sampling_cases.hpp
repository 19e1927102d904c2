#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// An invented table of accuracies whose average under `reliability` is known in closed form.
struct SamplingCase {
  std::string name;
  Reliability reliability;
  std::function<double(Combination)> accuracy;
  double average = 0;  ///< Equation 3
};

/// Tables on which a sampled interval can go wrong: cliffs caused by two or three nodes together or alone,
/// which occur in 1e-2 to 1e-4 of all combinations; smooth, flat and threshold tables; 40 to 60 nodes, with
/// normal to hazardous reliabilities.
std::vector<SamplingCase> sampling_cases();

/// Results of a case over many seeds.
struct Coverage {
  int seeds = 0, covered = 0;
  int above = 0, below = 0;  ///< intervals that lie entirely above, or below, the average
  int points = 0;            ///< intervals without width apart from the ignored mass
  double width = 0;          ///< mean
  double bias = 0;           ///< mean estimate minus the average
  double share() const { return static_cast<double>(covered) / seeds; }
};

/// Runs sample_average() with seeds 1 to `seeds`. Throws std::runtime_error for an estimate outside its
/// interval.
Coverage coverage(const SamplingCase& subject, std::int64_t budget, int seeds);

}  // namespace deepfog
