#pragma once

#include <string>
#include <vector>

#include "topology/samples.hpp"

namespace deepfog {

/// What is done to samples before a network sees them: (x - centre) / deviation, a feature each, in the order
/// of the data set's columns; empty: nothing.
struct Normalisation {
  std::vector<float> centre, deviation;  ///< [features]
  bool empty() const { return centre.empty() && deviation.empty(); }

  /// In place; a set without values stays as it is. Throws std::invalid_argument when the set has another
  /// number of features.
  void apply(SampleSet& set) const;
};

/// What makes a normalisation impossible (sizes, numbers that are not finite, deviations not above 0); empty
/// when nothing does.
std::string fault_of(const Normalisation& normalisation);

}  // namespace deepfog
