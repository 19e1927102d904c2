#include "topology/normalisation.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace deepfog {

void Normalisation::apply(SampleSet& set) const {
  if (set.values.empty() || empty()) return;
  const auto features = static_cast<std::size_t>(set.features);
  if (centre.size() != features || deviation.size() != features || set.values.size() % features != 0) {
    throw std::invalid_argument("normalisation of " + std::to_string(centre.size()) +
                                " features for samples of " + std::to_string(features));
  }
  for (std::size_t row = 0; row < set.values.size(); row += features) {
    float* values = set.values.data() + row;
    for (std::size_t i = 0; i < features; ++i) values[i] = (values[i] - centre[i]) / deviation[i];
  }
}

std::string fault_of(const Normalisation& normalisation) {
  const auto& [centre, deviation] = normalisation;
  if (centre.size() != deviation.size()) {
    return std::to_string(centre.size()) + " centres, " + std::to_string(deviation.size()) + " deviations";
  }
  for (std::size_t i = 0; i < centre.size(); ++i) {
    if (!std::isfinite(centre[i])) {
      return "centre of feature " + std::to_string(i) + " is " + std::to_string(centre[i]);
    }
    if (!std::isfinite(deviation[i]) || deviation[i] <= 0) {
      return "deviation of feature " + std::to_string(i) + " is " + std::to_string(deviation[i]);
    }
  }
  return "";
}

}  // namespace deepfog
