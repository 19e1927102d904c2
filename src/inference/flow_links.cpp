#include "inference/flow_links.hpp"

namespace deepfog {

LinkSet flow_links(const Topology& topology, Combination combination) {
  const auto& links = topology.hyperconnections();
  std::vector<bool> informed(static_cast<std::size_t>(topology.vertices()), false);
  for (int vertex = 0; vertex < topology.vertices(); ++vertex) {
    if (topology.is_source(vertex)) {
      informed[static_cast<std::size_t>(vertex)] = true;
      continue;
    }
    const Stage& stage = topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))];
    if (!alive(combination, topology.nodes()[static_cast<std::size_t>(stage.node)].position)) continue;
    for (const int link : stage.incoming) {
      const Hyperconnection& in = links[static_cast<std::size_t>(link)];
      if (!in.verdict && informed[static_cast<std::size_t>(in.from)])  // a verdict carries no data
        informed[static_cast<std::size_t>(vertex)] = true;
    }
  }
  LinkSet used(static_cast<int>(links.size()));
  std::vector<bool> asked(informed.size(), false);  // its vector is part of the answer
  asked.back() = informed.back();
  for (int vertex = topology.vertices() - 1; !topology.is_source(vertex); --vertex) {
    if (!asked[static_cast<std::size_t>(vertex)]) continue;
    for (const int link : topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))].incoming) {
      const auto from = static_cast<std::size_t>(links[static_cast<std::size_t>(link)].from);
      if (!informed[from]) continue;
      used.add(link);
      asked[from] = true;
    }
  }
  return used;
}

}  // namespace deepfog
