#pragma once

#include <cstdint>
#include <string>

#include "topology/topology.hpp"

namespace deepfog {

/// What may occur in a random script.
struct RandomScriptOptions {
  bool kills = true;     ///< crash: each node at most once, never the last one
  bool hangs = true;     ///< also of the last node
  bool silences = true;  ///< also of the last node
  bool slowness = true;  ///< also of the last node
  bool losses = true;
  bool delays = true;
  int most_events = 8;
  std::int64_t longest_us = 20000;  ///< of a hang, a slow event or a delay; at least 1
};

/// A valid failure script for `rounds` rounds (at least 1), derived from a seed: the same text for the same
/// seed on every machine. It has one to most_events events, or none if the topology has no room for what is
/// allowed.
std::string random_script(const Topology& topology, std::uint64_t seed, std::int64_t rounds,
                          const RandomScriptOptions& options = {});

}  // namespace deepfog
