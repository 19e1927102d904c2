#pragma once

#include <map>
#include <vector>

#include "resilience/combination.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The failure diagram computed from its definition, combination by combination, as the reference for the
/// tests.
struct BruteForce {
  std::vector<std::map<std::vector<int>, int>> classes;  ///< per stage: tuple of its inputs' classes -> class
  std::vector<int> class_of;                             ///< of the last stage, index = combination
};

inline BruteForce brute_force(const Topology& topology) {
  BruteForce result;
  result.classes.resize(topology.stages().size());
  for (Combination c = 0; c < Combination{1} << topology.failing(); ++c) {
    std::vector<int> emitted(topology.stages().size(), 0);
    for (std::size_t s = 0; s < emitted.size(); ++s) {
      const Stage& stage = topology.stages()[s];
      std::vector<int> inputs;
      bool any = false;
      for (const int link : stage.incoming) {
        const int from = topology.hyperconnections()[static_cast<std::size_t>(link)].from;
        inputs.push_back(
            topology.is_source(from) ? 1 : emitted[static_cast<std::size_t>(topology.stage_of(from))]);
        any = any || inputs.back() != 0;
      }
      if (!any || !alive(c, topology.nodes()[static_cast<std::size_t>(stage.node)].position)) continue;
      auto& known = result.classes[s];
      emitted[s] = known.emplace(inputs, static_cast<int>(known.size()) + 1).first->second;
    }
    result.class_of.push_back(emitted.back());
  }
  return result;
}

/// Whether two tables of classes distinguish the same combinations and agree on class 0.
template <typename Left, typename Right>
bool same_partition(const std::vector<Left>& left, const std::vector<Right>& right) {
  if (left.size() != right.size()) return false;
  std::map<Left, Right> there;
  std::map<Right, Left> back;
  for (std::size_t c = 0; c < left.size(); ++c) {
    if ((left[c] == 0) != (right[c] == 0)) return false;
    if (there.emplace(left[c], right[c]).first->second != right[c]) return false;
    if (back.emplace(right[c], left[c]).first->second != left[c]) return false;
  }
  return true;
}

}  // namespace deepfog
