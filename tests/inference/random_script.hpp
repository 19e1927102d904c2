#pragma once

#include <cstdint>
#include <string>

#include "topology/topology.hpp"

namespace deepfog {

/// What may occur in a random script.
struct RandomScriptOptions {
  bool kills = true;     ///< crash: each node once at most, never the last one
  bool hangs = true;     ///< also of the last node
  bool silences = true;  ///< likewise
  bool slowness = true;  ///< likewise
  bool losses = true;
  bool delays = true;
  int most_events = 8;
  std::int64_t longest_us = 20000;  ///< of a hang, a slowness or a delay; at least 1
};

/// A valid failure script for `rounds` rounds (at least 1) made of a seed: the same text for the same seed
/// everywhere. One to most_events events; none when nothing is allowed that the topology has room for.
std::string random_script(const Topology& topology, std::uint64_t seed, std::int64_t rounds,
                          const RandomScriptOptions& options = {});

}  // namespace deepfog
