#include "resilience/enumeration.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>

namespace deepfog {

std::vector<Combination> all_combinations(int n) {
  if (n < 0 || n > 26) {
    throw std::invalid_argument("all failure combinations of " + std::to_string(n) + " nodes (0 to 26)");
  }
  std::vector<Combination> all(std::size_t{1} << n);
  std::iota(all.begin(), all.end(), Combination{0});
  return all;
}

std::vector<Combination> combinations_with(int n, int failed) {
  const std::vector<Combination> all = all_combinations(n);
  if (failed < 0 || failed > n) {
    throw std::invalid_argument(std::to_string(failed) + " failed of " + std::to_string(n) + " nodes");
  }
  std::vector<Combination> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](Combination combination) { return failed_count(combination, n) == failed; });
  return some;
}

MostProbableFirst::MostProbableFirst(const Reliability& reliability) {
  if (reliability.size() > 64) {
    throw std::invalid_argument("failure combinations of " + std::to_string(reliability.size()) +
                                " nodes (at most 64)");
  }
  for (std::size_t i = 0; i < reliability.size(); ++i) {
    const double survival = reliability[i];
    if (!(survival >= 0 && survival <= 1)) {
      throw std::invalid_argument("reliability " + std::to_string(survival) + " (0 to 1)");
    }
    const double likely = std::max(survival, 1 - survival), unlikely = std::min(survival, 1 - survival);
    if (survival >= 0.5) likeliest_ |= Combination{1} << i;
    highest_ *= likely;
    if (unlikely > 0) unlikely_.push_back({static_cast<int>(i), unlikely / likely});
  }
  std::stable_sort(unlikely_.begin(), unlikely_.end(),
                   [](const Unlikely& left, const Unlikely& right) { return left.ratio > right.ratio; });
}

/// Every set but the empty one has exactly one parent: the set without its last index if the index before is
/// also in it, otherwise the set with its last index decreased by one. A child is never more probable than
/// its parent, even in floating point, because rounding of products is monotone.
std::optional<WeightedCombination> MostProbableFirst::next() {
  if (!started_) {
    started_ = true;
    if (!unlikely_.empty()) heap_.push({unlikely_[0].ratio, 1.0, 1, 0});
    return WeightedCombination{likeliest_, highest_};
  }
  if (heap_.empty()) return std::nullopt;
  const Entry entry = heap_.top();
  heap_.pop();
  const int place = entry.last + 1;
  if (place < static_cast<int>(unlikely_.size())) {
    const std::uint64_t bit = std::uint64_t{1} << place;
    const double ratio = unlikely_[place].ratio;
    heap_.push({entry.probability * ratio, entry.probability, entry.set | bit, place});
    heap_.push({entry.without_last * ratio, entry.without_last, (entry.set ^ (bit >> 1)) | bit, place});
  }
  return WeightedCombination{flipped(entry.set), highest_ * entry.probability};
}

Combination MostProbableFirst::flipped(std::uint64_t set) const {
  Combination combination = likeliest_;
  for (; set != 0; set &= set - 1) {
    combination ^= Combination{1} << unlikely_[__builtin_ctzll(set)].position;
  }
  return combination;
}

}  // namespace deepfog
