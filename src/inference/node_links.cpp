#include "inference/node_links.hpp"

#include <algorithm>
#include <set>

namespace deepfog {
namespace {

const Hyperconnection& hyperconnection(const Topology& topology, int link) {
  return topology.hyperconnections()[static_cast<std::size_t>(link)];
}

const Stage& stage_at(const Topology& topology, int vertex) {
  return topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))];
}

/// Number of messages on the longest path to the arrival of each hyperconnection. Stages are in topological
/// order.
std::vector<int> hops(const Topology& topology) {
  std::vector<int> hop(topology.hyperconnections().size(), 0);
  for (const Stage& stage : topology.stages()) {
    int longest = 0;
    for (const int link : stage.incoming) longest = std::max(longest, hop[static_cast<std::size_t>(link)]);
    for (const int link : stage.outgoing)
      hop[static_cast<std::size_t>(link)] = longest + (is_local(topology, link) ? 0 : 1);
  }
  return hop;
}

}  // namespace

int sending_node(const Topology& topology, int link) {
  const int from = hyperconnection(topology, link).from;
  return topology.is_source(from) ? -1 : stage_at(topology, from).node;
}

int receiving_node(const Topology& topology, int link) {
  return stage_at(topology, hyperconnection(topology, link).to).node;
}

bool is_local(const Topology& topology, int link) {
  const int sender = sending_node(topology, link);
  return sender < 0 || sender == receiving_node(topology, link);
}

std::string link_name(const Topology& topology, int link) {
  const Hyperconnection& h = hyperconnection(topology, link);
  return topology.vertex_name(h.from) + "->" + topology.vertex_name(h.to);
}

NodeLinks::NodeLinks(const Topology& topology, int node)
    : topology_(topology),
      node_(node),
      last_node_(topology.stages().back().node),
      entries_(topology.hyperconnections().size()) {
  const std::vector<int> hop = hops(topology);
  std::set<int> peers{last_node_};
  for (int s = 0; s < static_cast<int>(topology.stages().size()); ++s) {
    const Stage& stage = topology.stages()[static_cast<std::size_t>(s)];
    if (stage.node != node) continue;
    std::vector<IncomingLink> incoming;
    for (const int link : stage.incoming) {
      const Hyperconnection& h = hyperconnection(topology, link);
      IncomingLink entry;
      entry.link = link;
      entry.width = h.width;
      entry.form = form_of(h);
      entry.source = topology.is_source(h.from) ? h.from : -1;
      entry.sender = sending_node(topology, link);
      entry.stage = topology.is_source(h.from) ? -1 : topology.stage_of(h.from);
      entry.local = is_local(topology, link);
      entry.hop = hop[static_cast<std::size_t>(link)];
      if (!entry.local) peers.insert(entry.sender);
      const auto own = std::find(stages_.begin(), stages_.end(), entry.stage);
      if (own != stages_.end()) entry.place = static_cast<int>(own - stages_.begin());
      entries_[static_cast<std::size_t>(link)] = {static_cast<int>(stages_.size()),
                                                  static_cast<int>(incoming.size())};
      incoming.push_back(entry);
    }
    for (const int link : stage.outgoing) peers.insert(receiving_node(topology, link));
    stages_.push_back(s);
    incoming_.push_back(std::move(incoming));
  }
  if (is_last())
    for (int other = 0; other < static_cast<int>(topology.nodes().size()); ++other) peers.insert(other);
  peers.erase(node);
  peers_.assign(peers.begin(), peers.end());
}

}  // namespace deepfog
