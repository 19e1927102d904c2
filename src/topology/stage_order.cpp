#include "topology/stage_order.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>

namespace deepfog {
namespace {

std::vector<std::vector<int>> neighbours(int count, const std::vector<std::pair<int, int>>& edges,
                                         bool backwards) {
  std::vector<std::vector<int>> lists(static_cast<std::size_t>(count));
  for (const auto& [from, to] : edges) {
    lists[static_cast<std::size_t>(backwards ? to : from)].push_back(backwards ? from : to);
  }
  return lists;
}

}  // namespace

std::vector<int> stage_order(int count, const std::vector<std::pair<int, int>>& edges) {
  const auto next = neighbours(count, edges, false);
  std::vector<int> waiting_for(static_cast<std::size_t>(count), 0);
  for (const auto& edge : edges) ++waiting_for[static_cast<std::size_t>(edge.second)];
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int stage = 0; stage < count; ++stage) {
    if (waiting_for[static_cast<std::size_t>(stage)] == 0) ready.push(stage);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int stage = ready.top();
    ready.pop();
    order.push_back(stage);
    for (const int to : next[static_cast<std::size_t>(stage)]) {
      if (--waiting_for[static_cast<std::size_t>(to)] == 0) ready.push(to);
    }
  }
  return order;
}

std::vector<int> find_cycle(int count, const std::vector<std::pair<int, int>>& edges) {
  std::vector<char> ordered(static_cast<std::size_t>(count), 0);
  for (const int stage : stage_order(count, edges)) ordered[static_cast<std::size_t>(stage)] = 1;
  const auto first = std::find(ordered.begin(), ordered.end(), 0);
  if (first == ordered.end()) return {};
  // Every remaining stage has a remaining predecessor, so walking backwards must repeat a stage.
  const auto before = neighbours(count, edges, true);
  std::vector<int> path, place(static_cast<std::size_t>(count), -1);
  int stage = static_cast<int>(first - ordered.begin());
  while (place[static_cast<std::size_t>(stage)] < 0) {
    place[static_cast<std::size_t>(stage)] = static_cast<int>(path.size());
    path.push_back(stage);
    for (const int from : before[static_cast<std::size_t>(stage)]) {
      if (ordered[static_cast<std::size_t>(from)] == 0) stage = from;
      if (ordered[static_cast<std::size_t>(from)] == 0) break;
    }
  }
  std::vector<int> cycle(path.begin() + place[static_cast<std::size_t>(stage)], path.end());
  std::reverse(cycle.begin(), cycle.end());
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  return cycle;
}

}  // namespace deepfog
