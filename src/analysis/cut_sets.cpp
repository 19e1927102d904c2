#include "analysis/cut_sets.hpp"

#include <algorithm>
#include <stdexcept>

#include "analysis/state_distribution.hpp"

namespace deepfog {

std::vector<Combination> minimal_cut_sets(const std::vector<std::uint8_t>& flow) {
  const int nodes = node_count(flow.size());
  std::vector<Combination> sets;
  for (std::size_t state = 0; state < flow.size(); ++state) {
    bool minimal = flow[state] == 0;
    for (int node = 0; node < nodes; ++node) {
      const std::size_t more = state | std::size_t{1} << node;
      if (more == state) continue;
      if (flow[state] != 0 && flow[more] == 0)
        throw std::invalid_argument("information stops flowing when a node comes alive");
      if (flow[more] == 0) minimal = false;
    }
    if (minimal) sets.push_back(all_alive(nodes) & ~static_cast<Combination>(state));
  }
  const auto size = [&](Combination set) { return nodes - failed_count(set, nodes); };
  std::sort(sets.begin(), sets.end(),
            [&](Combination a, Combination b) { return size(a) != size(b) ? size(a) < size(b) : a < b; });
  return sets;
}

}  // namespace deepfog
