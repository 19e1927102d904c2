#pragma once

#include <utility>
#include <vector>

namespace deepfog {

/// Stages 0..count-1 in topological order. Among stages that could come next, the one with the smallest
/// number comes first, so the order in the file is kept if the links allow it. Shorter than `count` if there
/// is a cycle.
std::vector<int> stage_order(int count, const std::vector<std::pair<int, int>>& edges);

/// One cycle in the direction of its links, starting from its smallest number; empty if there is none.
std::vector<int> find_cycle(int count, const std::vector<std::pair<int, int>>& edges);

}  // namespace deepfog
