#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "resilience/combination.hpp"

namespace deepfog {

/// What a round computes; the same on every node.
struct Frame {
  std::int64_t round = 0;         ///< counted over the whole run of the group
  std::int32_t phase = 0;         ///< index into the plan
  std::int32_t rows = 0;          ///< samples in the round
  std::int64_t first_sample = 0;  ///< row of the test split
  bool operator==(const Frame& other) const {
    return round == other.round && phase == other.phase && rows == other.rows &&
           first_sample == other.first_sample;
  }
};

/// A sequence of rounds with one timeout and one planned failure combination.
struct Phase {
  std::string name;
  Combination combination = ~Combination{0};  ///< nodes not in it are silent; all ones: every node works
  std::int64_t timeout_us = 0;                ///< per hop
  bool suspects = true;   ///< true: nobody waits for a suspected peer; false: every round waits until the
                          ///< deadline
  bool adaptive = false;  ///< timeouts follow the observed latencies; timeout_us is the upper bound
  bool script = false;    ///< the failure script applies
  bool settle = false;    ///< rounds begin when every node knows which nodes are dead, and are repeated if a
                          ///< message of a live node was missed
  std::int64_t first_sample = 0, samples = 0;  ///< of the test split; divided into frames of the batch size
};

}  // namespace deepfog
