#pragma once

#include <utility>
#include <vector>

namespace deepfog {

/// Stages 0..count-1 in topological order; of those that could come next, the smallest number comes first, so
/// the order in the file is kept where the links allow it. Shorter than `count` when there is a cycle.
std::vector<int> stage_order(int count, const std::vector<std::pair<int, int>>& edges);

/// One cycle, in the direction of its links, from its smallest number on; empty when there is none.
std::vector<int> find_cycle(int count, const std::vector<std::pair<int, int>>& edges);

}  // namespace deepfog
