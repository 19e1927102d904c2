#include "resilience/combination.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace deepfog {
namespace {

std::size_t table_size(const Reliability& reliability) {
  if (reliability.size() > 30) {
    throw std::invalid_argument("a table over " + std::to_string(reliability.size()) +
                                " nodes that can fail (at most 30)");
  }
  return std::size_t{1} << reliability.size();
}

}  // namespace

int failed_count(Combination combination, int n) {
  int failed = 0;
  for (int position = 0; position < n; ++position) failed += alive(combination, position) ? 0 : 1;
  return failed;
}

double probability(Combination combination, const Reliability& reliability) {
  double product = 1;
  for (std::size_t i = 0; i < reliability.size(); ++i) {
    product *= alive(combination, static_cast<int>(i)) ? reliability[i] : 1 - reliability[i];
  }
  return product;
}

std::vector<double> probabilities(const Reliability& reliability) {
  std::vector<double> table(table_size(reliability));
  table[0] = 1;
  std::size_t filled = 1;
  for (const double survival : reliability) {  // the next node's bit is 0 in the lower half, 1 in the upper
    for (std::size_t c = 0; c < filled; ++c) {
      table[filled + c] = table[c] * survival;
      table[c] *= 1 - survival;
    }
    filled *= 2;
  }
  return table;
}

double average(const std::vector<double>& values, const Reliability& reliability) {
  if (values.size() != table_size(reliability)) {
    throw std::invalid_argument("Equation 3 over " + std::to_string(values.size()) + " values for " +
                                std::to_string(reliability.size()) + " nodes that can fail");
  }
  if (reliability.empty()) return values[0];
  // From the highest bit downwards, so that the first fold halves the table.
  std::size_t half = values.size() / 2;
  std::vector<double> folded(half);
  const double* from = values.data();
  for (std::size_t node = reliability.size(); node-- > 0; half /= 2) {
    const double survival = reliability[node];
    for (std::size_t c = 0; c < half; ++c) folded[c] = (1 - survival) * from[c] + survival * from[half + c];
    from = folded.data();
  }
  return folded[0];
}

}  // namespace deepfog
