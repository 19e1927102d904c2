#include "resilience/failure_strata.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace deepfog {

FailureStrata::FailureStrata(const Reliability& reliability) {
  if (reliability.size() > 64) {
    throw std::invalid_argument("failure strata of " + std::to_string(reliability.size()) +
                                " nodes (at most 64)");
  }
  for (std::size_t i = 0; i < reliability.size(); ++i) {
    const double survival = reliability[i];
    if (!(survival >= 0 && survival <= 1)) {
      throw std::invalid_argument("reliability " + std::to_string(survival) + " (0 to 1)");
    }
    if (survival > 0) sure_ |= Combination{1} << i;
    if (survival == 0) ++certain_failures_;
    if (survival > 0 && survival < 1) failing_.push_back({static_cast<int>(i), 1 - survival});
  }
  const std::size_t n = failing_.size();
  ways_.assign(n + 1, std::vector<double>(n + 1, 0.0));
  ways_[n][0] = 1;
  for (std::size_t i = n; i-- > 0;) {
    const double failure = failing_[i].failure;
    for (std::size_t j = 0; j <= n - i; ++j) {
      ways_[i][j] = (1 - failure) * ways_[i + 1][j] + (j > 0 ? failure * ways_[i + 1][j - 1] : 0.0);
    }
  }
}

double FailureStrata::size(int stratum) const {
  const int n = count() - 1, fewer = std::min(stratum, n - stratum);
  double size = 1;
  for (int j = 0; j < fewer; ++j) size = size * (n - j) / (j + 1);  // whole numbers, exact up to 2^53
  return size;
}

Combination FailureStrata::draw(int stratum, RandomStream& stream) const {
  if (!(mass(stratum) > 0)) throw std::invalid_argument("a draw from a stratum of no mass");
  Combination combination = sure_;
  int left = stratum;
  for (std::size_t i = 0; i < failing_.size() && left > 0; ++i) {
    const double fails = failing_[i].failure * ways_[i + 1][left - 1];
    const bool must = failing_.size() - i == static_cast<std::size_t>(left);  // uniform() times a mass may
                                                                              // round up to it
    if (must || stream.uniform() * ways_[i][left] < fails) {
      combination ^= Combination{1} << failing_[i].position;
      --left;
    }
  }
  return combination;
}

std::vector<WeightedCombination> FailureStrata::all(int stratum) const {
  if (!(mass(stratum) > 0)) throw std::invalid_argument("a list of a stratum of no mass");
  std::vector<WeightedCombination> all;
  list(0, stratum, {sure_, 1}, all);
  for (WeightedCombination& member : all) member.probability /= mass(stratum);
  return all;
}

void FailureStrata::list(std::size_t node, int left, WeightedCombination so_far,
                         std::vector<WeightedCombination>& all) const {
  if (failing_.size() - node < static_cast<std::size_t>(left)) return;
  if (node == failing_.size()) {
    all.push_back(so_far);
    return;
  }
  const auto [position, failure] = failing_[node];
  list(node + 1, left, {so_far.combination, so_far.probability * (1 - failure)}, all);
  if (left == 0) return;
  const Combination failed = so_far.combination ^ (Combination{1} << position);
  list(node + 1, left - 1, {failed, so_far.probability * failure}, all);
}

}  // namespace deepfog
