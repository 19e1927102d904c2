#include "partition/cut_topology.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

std::string as_name(std::string layer) {
  std::replace(layer.begin(), layer.end(), '.', '-');
  return layer;
}

std::int64_t product_of(const std::vector<std::int64_t>& extents) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) product *= extent;
  return product;
}

/// Writes the statements one by one.
class CutTopologyWriter {
 public:
  CutTopologyWriter(const CutPlan& plan, const Partition& partition)
      : plan_(plan), partition_(partition), last_(static_cast<int>(plan.layers.size()) - 1) {}

  std::string written(const std::string& name, const std::string& source) {
    write_nodes(name, source);
    for (int layer = 0; layer <= last_; ++layer) {
      for (int d = 0; d < partition_.devices; ++d) write_gather(layer, d, source);
      for (int d = 0; d < partition_.devices; ++d) write_part(layer, d);
    }
    write_exchange(last_, cut_host_name(), -1);
    text_ += "fails";
    for (int d = 0; d < partition_.data_devices(); ++d) text_ += " " + node(d);
    return text_ + "\n";
  }

 private:
  bool coded() const { return partition_.spare >= 0; }
  std::string node(int device) const { return cut_node_name(partition_, device); }
  const std::string& layer_name(int layer) const {
    return plan_.layers[static_cast<std::size_t>(layer)].name;
  }
  std::string gather(int layer, int device) const {
    return gather_stage_name(node(device), layer_name(layer));
  }
  std::string part(int layer, int device) const { return part_stage_name(node(device), layer_name(layer)); }

  void write_nodes(const std::string& name, const std::string& source) {
    const ImageShape& image = plan_.spec.image;
    text_ += "# " + plan_.spec.name + " over " + std::to_string(partition_.data_devices()) + " devices" +
             (coded() ? " and a spare: " : ": ") + partition_.method + "\n";
    text_ += "topology " + name + "\n";
    text_ += "source " + source + " " + std::to_string(image.values()) + "\n";
    for (int d = 0; d < partition_.devices; ++d) text_ += "node " + node(d) + "\n";
    text_ += std::string("node ") + cut_host_name() + (coded() ? " decode:" : " gather:") +
             std::to_string(gathered_width(plan_, last_ + 1)) + "\n";
  }

  void write_stage(const std::string& stage, int device, const std::string& kind, std::int64_t width) {
    text_ += "stage " + stage + " on " + node(device) + " " + kind + ":" + std::to_string(width) + "\n";
  }

  void write_link(const std::string& from, const std::string& to) {
    text_ += "link " + from + " -> " + to + "\n";
  }

  void write_gather(int layer, int device, const std::string& source) {
    const std::string stage = gather(layer, device);
    write_stage(stage, device, coded() && layer > 0 ? "decode" : "gather", gathered_width(plan_, layer));
    if (layer == 0) return write_link(source, stage);
    write_exchange(layer - 1, stage, device);
    const int residual = plan_.layers[static_cast<std::size_t>(layer - 1)].residual;
    if (coded() && residual >= 0) write_link(gather(residual, device), stage);
  }

  void write_part(int layer, int device) {
    const std::string stage = part(layer, device);
    write_stage(stage, device, coded() ? "product" : "part", part_width(plan_, partition_, layer, device));
    write_link(gather(layer, device), stage);
    const int residual = plan_.layers[static_cast<std::size_t>(layer)].residual;
    if (!coded() && residual >= 0 && residual != layer) write_link(gather(residual, device), stage);
  }

  /// @param device  the device that gathers; -1: the host
  void write_exchange(int layer, const std::string& stage, int device) {
    const std::vector<Neurons>& parts = partition_.neurons[static_cast<std::size_t>(layer)];
    for (int from = 0; from < partition_.devices; ++from) {
      const bool own = from == device;
      if (!own && device >= 0 && device != partition_.spare && from != partition_.spare) {
        const Neurons &has = parts[static_cast<std::size_t>(device)],
                      &sent = parts[static_cast<std::size_t>(from)];
        if (std::includes(has.begin(), has.end(), sent.begin(), sent.end())) continue;
      }
      write_link(part(layer, from), stage);
    }
  }

  const CutPlan& plan_;
  const Partition& partition_;
  int last_;
  std::string text_;
};

}  // namespace

std::string cut_node_name(const Partition& partition, int device) {
  return device == partition.spare ? "spare" : "d" + std::to_string(device + 1);
}

std::string gather_stage_name(const std::string& node, const std::string& layer) {
  return node + "-in-" + as_name(layer);
}

std::string part_stage_name(const std::string& node, const std::string& layer) {
  return node + "-" + as_name(layer);
}

std::int64_t gathered_width(const CutPlan& plan, int layer) {
  if (layer == static_cast<int>(plan.layers.size())) {
    return plan.layers.back().neurons * plan.layers.back().output_values();
  }
  const CutLayer& of = plan.layers.at(static_cast<std::size_t>(layer));
  return of.inputs * product_of(of.input_shape);
}

std::int64_t product_values(const CutPlan& plan, int layer) {
  const ImageShape& out = plan.steps.at(static_cast<std::size_t>(layer)).product.out;
  return out.height * out.width;
}

std::int64_t part_width(const CutPlan& plan, const Partition& partition, int layer, int device) {
  const std::int64_t values = partition.spare >= 0
                                  ? product_values(plan, layer)
                                  : plan.layers.at(static_cast<std::size_t>(layer)).output_values();
  return rows_held(partition, layer, device) * values;
}

void check_cut(const CutPlan& plan, const Partition& partition, const std::string& where) {
  check_partition(partition, plan.layers, where);
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    for (int d = 0; d < partition.data_devices(); ++d) {
      if (!partition.neurons[l][static_cast<std::size_t>(d)].empty()) continue;
      throw UserError(where + ", " + plan.layers[l].name,
                      "device " + cut_node_name(partition, d) + " has no neurons",
                      "at least one on each of " + std::to_string(partition.data_devices()));
    }
  }
  if (plan.layers.back().residual >= 0)
    throw Failure(plan.spec.name + ": its last layer adds an earlier input");
}

std::string cut_topology_text(const CutPlan& plan, const Partition& partition, const std::string& name,
                              const std::string& source) {
  check_cut(plan, partition, name);
  std::string text = CutTopologyWriter(plan, partition).written(name, source);
  if (text.size() > kMostTopologyBytes) {
    throw UserError(name,
                    std::to_string(partition.devices) + " devices make a topology of " +
                        std::to_string(text.size()) + " bytes",
                    "at most " + std::to_string(kMostTopologyBytes) + ": fewer devices");
  }
  return text;
}

}  // namespace deepfog
