#include "analysis/state_distribution.hpp"

#include <cmath>
#include <stdexcept>

namespace deepfog {

double availability(double mean_time_to_failure, double mean_time_to_repair) {
  const bool good = std::isfinite(mean_time_to_failure) && std::isfinite(mean_time_to_repair) &&
                    mean_time_to_failure >= 0 && mean_time_to_repair >= 0 &&
                    mean_time_to_failure + mean_time_to_repair > 0;
  if (!good) throw std::invalid_argument("times to failure and repair are not negative, and not both 0");
  return mean_time_to_failure / (mean_time_to_failure + mean_time_to_repair);
}

std::vector<double> state_distribution(const Reliability& reliability,
                                       const std::vector<FailureGroup>& groups) {
  std::vector<double> chances = probabilities(reliability);
  for (const FailureGroup& group : groups) {
    const double up = group.availability, down = 1 - up;
    // A state with members alive passes its share to the state in which they are failed, which has a smaller
    // index. In descending order nothing is passed on twice.
    for (std::size_t state = chances.size(); state-- > 0;) {
      const std::size_t without = state & ~static_cast<std::size_t>(group.members);
      if (without == state) continue;
      chances[without] += down * chances[state];
      chances[state] *= up;
    }
  }
  return chances;
}

int node_count(std::size_t states) {
  int nodes = 0;
  while ((std::size_t{1} << nodes) < states) ++nodes;
  if (states != std::size_t{1} << nodes) throw std::invalid_argument("a table has no size 2^n");
  return nodes;
}

double expectation(const std::vector<double>& values, const std::vector<double>& distribution) {
  if (values.size() != distribution.size()) throw std::invalid_argument("a value for every probability");
  double sum = 0, lost = 0;  // Kahan, Communications of the ACM 8 (1), 1965
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double term = values[i] * distribution[i] - lost;
    const double next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

}  // namespace deepfog
