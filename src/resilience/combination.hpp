#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

/// B_V of deepFogGuard, Definition 3: bit i (least significant first) is the node at position i of the
/// reliability vector; 1 = alive, 0 = failed.
using Combination = std::uint64_t;

/// The survival probabilities R_V of Definition 2, in vector order.
using Reliability = std::vector<double>;

inline bool alive(Combination combination, int position) {
  return position < 0 || ((combination >> position) & 1U) != 0;
}
inline Combination all_alive(int n) {
  return n >= 64 ? ~Combination{0} : (Combination{1} << n) - 1;
}
int failed_count(Combination combination, int n);

/// Equation 2.
double probability(Combination combination, const Reliability& reliability);

/// Equation 2 for all 2^n combinations, computed by doubling: index = combination. n <= 30.
std::vector<double> probabilities(const Reliability& reliability);

/// Equation 3 over a table of 2^n values (index = combination), computed by folding one node after the other:
/// 2^n multiply-adds, exact up to rounding for n up to 30. Throws std::invalid_argument if the sizes differ.
double average(const std::vector<double>& values, const Reliability& reliability);

}  // namespace deepfog
