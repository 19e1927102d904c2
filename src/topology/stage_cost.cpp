#include "topology/stage_cost.hpp"

#include <algorithm>

namespace deepfog {
namespace {

constexpr std::int64_t kFloatBits = 32;

/// The number of exits that the rows of each vertex have passed: gates determine it, and all vertices behind
/// them inherit it.
std::vector<std::int64_t> exits_passed(const Topology& topology) {
  std::vector<std::int64_t> passed(static_cast<std::size_t>(topology.vertices()), 0);
  const std::vector<int>& exits = topology.exits();
  for (std::size_t s = 0; s < topology.stages().size(); ++s) {
    std::int64_t& own = passed[static_cast<std::size_t>(topology.vertex_of(static_cast<int>(s)))];
    for (const int number : topology.stages()[s].incoming) {
      const Hyperconnection& link = topology.hyperconnections()[static_cast<std::size_t>(number)];
      if (link.verdict) {
        const auto exit = std::find(exits.begin(), exits.end(), topology.stage_of(link.from));
        own = std::max(own, static_cast<std::int64_t>(exit - exits.begin()) + 1);
      } else {
        own = std::max(own, passed[static_cast<std::size_t>(link.from)]);
      }
    }
  }
  return passed;
}

}  // namespace

StageCost cost_of(const Topology& topology, const Stage& stage) {
  StageCost cost;
  for (const int number : stage.incoming) {
    const Hyperconnection& link = topology.hyperconnections()[static_cast<std::size_t>(number)];
    if (link.expansion == Expansion::linear) cost.parameters += link.width * stage.expansion_width;
  }
  cost.multiply_adds = static_cast<double>(cost.parameters);
  VectorSize size{stage.expansion_width, stage.expansion_shape};
  if (stage.exit && stage.exit->leaves) cost.kept = 1;
  for (const Layer& layer : stage.layers) {
    const StageCost own = cost_of(layer, size);
    cost.parameters += own.parameters;
    cost.kept += own.kept;
    cost.multiply_adds += own.multiply_adds;
    size = behind(layer, size);
  }
  return cost;
}

std::vector<LinkCost> link_costs(const Topology& topology) {
  const std::vector<std::int64_t> passed = exits_passed(topology);
  std::vector<LinkCost> costs;
  for (std::size_t i = 0; i < topology.hyperconnections().size(); ++i) {
    const Hyperconnection& link = topology.hyperconnections()[i];
    const Stage& to = topology.stages()[static_cast<std::size_t>(topology.stage_of(link.to))];
    if (topology.is_source(link.from)) continue;
    if (topology.stages()[static_cast<std::size_t>(topology.stage_of(link.from))].node == to.node) continue;
    LinkCost cost{static_cast<int>(i), "data", link.width * (link.binary ? 1 : kFloatBits),
                  passed[static_cast<std::size_t>(link.from)]};
    if (to.aggregation == Aggregation::answers) cost.kind = "answer";
    if (link.verdict) {
      cost.kind = "verdict";
      cost.bits = 1;
    }
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace deepfog
