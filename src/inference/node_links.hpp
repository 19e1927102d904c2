#pragma once

#include <string>
#include <vector>

#include "inference/vector_form.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// A hyperconnection that ends at a node, as the node sees it.
struct IncomingLink {
  int link = 0;        ///< index into Topology::hyperconnections()
  int source = -1;     ///< its sender when that is a source: read where it is needed, no message
  int sender = -1;     ///< physical node that sends; -1: a source
  int stage = 0;       ///< sending stage; -1: a source
  bool local = false;  ///< no message: a source, or a stage of the same node
  int place = -1;      ///< among the node's own stages, where one of them sends
  std::int64_t width = 0;
  VectorForm form{};
  int hop = 0;  ///< messages on the longest way from the sources to its arrival
};

/// The part of a topology that one physical node has to know, with the nodes it talks to.
class NodeLinks {
 public:
  NodeLinks(const Topology& topology, int node);

  int node() const { return node_; }
  int last_node() const { return last_node_; }
  bool is_last() const { return node_ == last_node_; }
  const Topology& topology() const { return topology_; }
  int links() const { return static_cast<int>(topology_.hyperconnections().size()); }

  const std::vector<int>& stages() const { return stages_; }  ///< of this node, topological order
  /// Of the node's k-th stage, in the stage's order.
  const std::vector<IncomingLink>& incoming(int k) const { return incoming_[static_cast<std::size_t>(k)]; }
  /// Where a hyperconnection arrives: (k, place in incoming(k)); k = -1: not at this node.
  struct Entry {
    int stage = -1, input = -1;
  };
  Entry entry(int link) const { return entries_[static_cast<std::size_t>(link)]; }
  /// Nodes that messages come from or go to, and the last node; ascending, without this one. On the last
  /// node: all others.
  const std::vector<int>& peers() const { return peers_; }

 private:
  const Topology& topology_;
  int node_, last_node_;
  std::vector<int> stages_, peers_;
  std::vector<std::vector<IncomingLink>> incoming_;
  std::vector<Entry> entries_;
};

/// Physical node that sends on a hyperconnection, -1 for a source; and that receives on it.
int sending_node(const Topology& topology, int link);
int receiving_node(const Topology& topology, int link);

/// No message travels on it: it begins at a source, or both ends are on one node.
bool is_local(const Topology& topology, int link);

/// "e1->f2", the name of a hyperconnection in scripts, tables and files.
std::string link_name(const Topology& topology, int link);

}  // namespace deepfog
