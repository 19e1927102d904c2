#include "partition/cut_stages.hpp"

#include <map>
#include <set>

#include "core/error.hpp"
#include "partition/cut_topology.hpp"

namespace deepfog {
namespace {

/// One line per statement, independent of their order in the file. The order of the links that end at a stage
/// is part of its line.
std::set<std::string> statements(const Topology& topology) {
  std::set<std::string> lines;
  for (const Source& source : topology.sources())
    lines.insert("source " + source.name + " " + std::to_string(source.width));
  for (std::size_t i = 0; i < topology.nodes().size(); ++i) {
    const PhysicalNode& node = topology.nodes()[i];
    lines.insert("node " + std::to_string(i) + " " + node.name + " at " + std::to_string(node.position));
  }
  for (const Stage& stage : topology.stages()) {
    std::string line = "stage " + stage.name + " on " + std::to_string(stage.node) + " from";
    for (const int link : stage.incoming) {
      line += " " + topology.vertex_name(topology.hyperconnections()[static_cast<std::size_t>(link)].from);
    }
    for (const Layer& layer : stage.layers) {
      line += ", " + std::to_string(static_cast<int>(layer.kind)) + ":" + std::to_string(layer.width);
    }
    lines.insert(line);
  }
  return lines;
}

/// The roles by the names of the stages.
std::map<std::string, CutStage> roles_of(const CutPlan& plan, const Partition& partition) {
  const bool coded = partition.spare >= 0;
  const LayerKind gathers = coded ? LayerKind::decode : LayerKind::gather;
  std::map<std::string, CutStage> roles;
  for (int layer = 0; layer < static_cast<int>(plan.layers.size()); ++layer) {
    const std::string& name = plan.layers[static_cast<std::size_t>(layer)].name;
    for (int d = 0; d < partition.devices; ++d) {
      const std::string node = cut_node_name(partition, d);
      roles[gather_stage_name(node, name)] = {layer == 0 ? LayerKind::gather : gathers, layer, d, {}};
      roles[part_stage_name(node, name)] = {coded ? LayerKind::product : LayerKind::part, layer, d, {}};
    }
  }
  roles[cut_host_name()] = {gathers, static_cast<int>(plan.layers.size()), -1, {}};
  return roles;
}

}  // namespace

std::vector<CutStage> cut_stages(const Topology& topology, const CutPlan& plan, const Partition& partition,
                                 const std::string& where) {
  const std::string source = topology.sources().front().name;
  const Topology expected =
      parse_topology(cut_topology_text(plan, partition, topology.name(), source), where);
  if (statements(topology) != statements(expected)) {
    throw UserError(where, "the topology is not that of its partition",
                    "the one that deepfog partition writes");
  }
  const std::map<std::string, CutStage> roles = roles_of(plan, partition);
  std::vector<CutStage> stages;
  for (const Stage& stage : topology.stages()) {
    CutStage found = roles.at(stage.name);
    for (const int link : stage.incoming) {
      const int from = topology.hyperconnections()[static_cast<std::size_t>(link)].from;
      if (topology.is_source(from)) {
        found.senders.push_back(CutStage::image);
        continue;
      }
      const CutStage& sender = roles.at(topology.vertex_name(from));
      const bool part = sender.kind == LayerKind::part || sender.kind == LayerKind::product;
      found.senders.push_back(part ? sender.device : CutStage::kept);
    }
    stages.push_back(std::move(found));
  }
  return stages;
}

}  // namespace deepfog
