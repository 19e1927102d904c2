#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace deepfog {

/// Seed for one purpose of one run: a hash of (seed, experiment, model, run, purpose). It does not depend on
/// the rank, so results do not change with the number of ranks or the order of tasks.
std::uint64_t derive_seed(std::uint64_t seed, std::string_view experiment, std::string_view model,
                          std::int64_t run, std::string_view purpose);

/// A small, fast and portable generator (splitmix64). The standard library's distributions differ between
/// implementations; the draws below do not.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  double uniform();                          ///< in [0, 1), 53 bits
  std::uint64_t below(std::uint64_t bound);  ///< unbiased, in [0, bound); bound > 0
  std::vector<std::int64_t> permutation(std::int64_t size);
  std::uint64_t state() const { return state_; }  ///< the seed of a stream that continues from here

 private:
  std::uint64_t state_;
};

}  // namespace deepfog
