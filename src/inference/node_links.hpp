#pragma once

#include <string>
#include <vector>

#include "inference/vector_form.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// A hyperconnection that ends at a node, from the view of that node.
struct IncomingLink {
  int link = 0;        ///< index into Topology::hyperconnections()
  int source = -1;     ///< the sending source, whose data the node reads itself, without a message; -1: the
                       ///< sender is no source
  int sender = -1;     ///< the sending physical node; -1: a source
  int stage = 0;       ///< the sending stage; -1: a source
  bool local = false;  ///< without a message: from a source, or from a stage of the same node
  int place = -1;      ///< index among the node's own stages if one of them sends; otherwise -1
  std::int64_t width = 0;
  VectorForm form{};
  int hop = 0;  ///< number of messages on the longest path from the sources to the arrival of this one
};

/// The part of a topology that one physical node has to know, and the nodes it exchanges messages with.
class NodeLinks {
 public:
  NodeLinks(const Topology& topology, int node);

  int node() const { return node_; }
  int last_node() const { return last_node_; }
  bool is_last() const { return node_ == last_node_; }
  const Topology& topology() const { return topology_; }
  int links() const { return static_cast<int>(topology_.hyperconnections().size()); }

  const std::vector<int>& stages() const { return stages_; }  ///< of this node, in topological order
  /// Incoming hyperconnections of the node's k-th stage, in the stage's order.
  const std::vector<IncomingLink>& incoming(int k) const { return incoming_[static_cast<std::size_t>(k)]; }
  /// Where a hyperconnection arrives: stage k, and the index in incoming(k); k = -1: not at this node.
  struct Entry {
    int stage = -1, input = -1;
  };
  Entry entry(int link) const { return entries_[static_cast<std::size_t>(link)]; }
  /// The nodes that messages come from or go to, and the last node, in ascending order and without this node.
  /// For the last node these are all other nodes.
  const std::vector<int>& peers() const { return peers_; }

 private:
  const Topology& topology_;
  int node_, last_node_;
  std::vector<int> stages_, peers_;
  std::vector<std::vector<IncomingLink>> incoming_;
  std::vector<Entry> entries_;
};

/// The physical node that sends on a hyperconnection (-1 for a source), and the one that receives on it.
int sending_node(const Topology& topology, int link);
int receiving_node(const Topology& topology, int link);

/// Whether no message travels on it: it begins at a source, or both ends are on one node.
bool is_local(const Topology& topology, int link);

/// Name of a hyperconnection in scripts, tables and files: "e1->f2".
std::string link_name(const Topology& topology, int link);

}  // namespace deepfog
