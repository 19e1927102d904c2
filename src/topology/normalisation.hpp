#pragma once

#include <string>
#include <vector>

#include "topology/samples.hpp"

namespace deepfog {

/// How samples are normalised before a network sees them: (x - centre) / deviation for each feature, in the
/// order of the data set's columns. If empty, samples are not changed.
struct Normalisation {
  std::vector<float> centre, deviation;  ///< [features]
  bool empty() const { return centre.empty() && deviation.empty(); }

  /// Normalises the set in place; a set without values is not changed. Throws std::invalid_argument if the
  /// set has another number of features.
  void apply(SampleSet& set) const;
};

/// What makes a normalisation invalid (sizes, numbers that are not finite, deviations that are not above 0);
/// empty if it is valid.
std::string fault_of(const Normalisation& normalisation);

}  // namespace deepfog
