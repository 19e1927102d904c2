#include "cli/inference_traffic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

namespace deepfog {
namespace {

constexpr std::size_t kMostLinks = 40, kMostNodes = 16;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
const char* const kHost = "host";

/// Images answered by each group; at least one, since it is used as a divisor.
std::vector<double> images_of_groups(const InferenceResults& run) {
  std::vector<double> images(1, 0);
  for (std::size_t row = 0; row < run.rounds.group.size(); ++row) {
    const auto group = static_cast<std::size_t>(run.rounds.group[row]);
    if (images.size() <= group) images.resize(group + 1, 0);
    images[group] += static_cast<double>(run.rounds.samples[row]);
  }
  return images;
}

double over(double value, double count) {
  return count > 0 ? value / count : kNone;
}

void add_devices(const InferenceResults& run, const Topology& topology, const std::vector<double>& images,
                 InferenceCosts& costs) {
  const InferenceNodes& nodes = run.nodes;
  costs.resident_bytes = costs.energy_j_per_image = kNone;
  for (std::size_t row = 0; row < nodes.node.size(); ++row) {
    if (nodes.reported[row] == 0 || (topology.is_cut() && nodes.node[row] == kHost)) continue;
    const auto resident = static_cast<double>(nodes.resident_bytes[row]);
    if (costs.largest_device.empty() || resident > costs.resident_bytes) {
      costs.largest_device = nodes.node[row];
      costs.resident_bytes = resident;
    }
    const auto group = static_cast<std::size_t>(nodes.group[row]);
    const double energy = over(nodes.energy_j[row], group < images.size() ? images[group] : 0);
    costs.energy_j_per_image = std::fmax(costs.energy_j_per_image, energy);  // prefers a number to NaN
  }
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string cell(double bytes) {
  if (std::isnan(bytes)) return ".";
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", bytes);
  return text;
}

}  // namespace

InferenceCosts inference_costs(const InferenceResults& run, const Topology& topology) {
  const std::vector<double> images = images_of_groups(run);
  const InferenceLinks& links = run.link_counts;
  double bytes = 0, messages = 0;
  for (std::size_t row = 0; row < links.link.size(); ++row) {
    if (links.local[row] != 0) continue;
    bytes += static_cast<double>(links.bytes_measured[row]);
    messages += static_cast<double>(links.messages[row]) + static_cast<double>(links.phis[row]);
  }
  const double all = std::accumulate(images.begin(), images.end(), 0.0);
  InferenceCosts costs;
  costs.bytes_per_image = over(bytes, all);
  costs.messages_per_image = over(messages, all);
  add_devices(run, topology, images, costs);
  return costs;
}

std::vector<std::vector<double>> traffic_between_nodes(const InferenceResults& run,
                                                       const Topology& topology) {
  const auto& links = topology.hyperconnections();
  const std::vector<double> images = images_of_groups(run);
  const double all = std::accumulate(images.begin(), images.end(), 0.0);
  const auto node_of = [&](int vertex) {
    return static_cast<std::size_t>(
        topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))].node);
  };
  std::vector<std::vector<double>> table(topology.nodes().size(),
                                         std::vector<double>(topology.nodes().size(), kNone));
  for (std::size_t row = 0; row < run.link_counts.link.size(); ++row) {
    if (run.link_counts.local[row] != 0) continue;
    const Hyperconnection& link = links[row % links.size()];  // row by row within each group, in file order
    double& sum = table[node_of(link.from)][node_of(link.to)];
    sum = (std::isnan(sum) ? 0 : sum) + over(static_cast<double>(run.link_counts.bytes_measured[row]), all);
  }
  return table;
}

std::string traffic_table(const InferenceResults& run, const Topology& topology) {
  const auto& nodes = topology.nodes();
  if (run.links.size() <= kMostLinks || nodes.size() > kMostNodes) return "";
  std::size_t name = 0;
  for (const PhysicalNode& node : nodes) name = std::max(name, node.name.size());
  const std::size_t width = std::max<std::size_t>(10, name + 2);
  std::string text = "  " + std::to_string(run.links.size()) +
                     " hyperconnections; bytes an image from the row's node to the column's:\n  " +
                     std::string(name, ' ');
  for (const PhysicalNode& node : nodes) text += padded(node.name, width);
  text += "\n";
  const auto table = traffic_between_nodes(run, topology);
  for (std::size_t sender = 0; sender < nodes.size(); ++sender) {
    text += "  " + nodes[sender].name + std::string(name - nodes[sender].name.size(), ' ');
    for (const double bytes : table[sender]) text += padded(cell(bytes), width);
    text += "\n";
  }
  return text;
}

}  // namespace deepfog
