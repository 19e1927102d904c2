#include "cli/inference_traffic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../results/sample_inference.hpp"

namespace deepfog {
namespace {

const std::vector<std::string> devices = {"d1", "d2"};

/// Two devices and the host, `layers` layers: each device's part feeds the gather of the next layer on the
/// other.
std::string cut_topology(int layers) {
  std::string text = "topology cut\nsource camera 12\nnode d1\nnode d2\nnode host\n", links;
  for (int layer = 0; layer < layers; ++layer) {
    const std::string now = std::to_string(layer), before = std::to_string(layer - 1);
    for (const std::string& device : devices) {
      text += "stage " + device + "-in-" + now + " on " + device + " gather:12\n";
      text += "stage " + device + "-" + now + " on " + device + " part:6\n";
      if (layer == 0) links += "link camera -> " + device + "-in-0\n";
      for (const std::string& sender : devices) {
        if (layer > 0) links += "link " + sender + "-" + before + " -> " + device + "-in-" + now + "\n";
      }
      links += "link " + device + "-in-" + now + " -> " + device + "-" + now + "\n";
    }
  }
  text += "stage out on host gather:12\n" + links;
  for (const std::string& device : devices)
    text += "link " + device + "-" + std::to_string(layers - 1) + " -> out\n";
  return text + "fails d1 d2\n";
}

/// Ten images in each of two groups; per group and hyperconnection between nodes, one message of 100 bytes
/// and one Φ of 20 bytes.
InferenceResults cut_run(const Topology& topology) {
  InferenceResults run;
  run.rounds.group = {0, 1, 1};
  run.rounds.samples = {10, 4, 6};
  for (std::int64_t group = 0; group < 2; ++group) {
    for (const Hyperconnection& link : topology.hyperconnections()) {
      const auto node = [&](int vertex) {
        return topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))].node;
      };
      const bool local = topology.is_source(link.from) || node(link.from) == node(link.to);
      run.link_counts.group.push_back(group);
      run.link_counts.link.push_back(topology.vertex_name(link.from) + "->" + topology.vertex_name(link.to));
      run.link_counts.local.push_back(local ? 1 : 0);
      run.link_counts.messages.push_back(1);
      run.link_counts.phis.push_back(1);
      run.link_counts.bytes_measured.push_back(local ? 0 : 120);
      if (group == 0) run.links.push_back(run.link_counts.link.back());
    }
    for (const PhysicalNode& node : topology.nodes()) {
      run.nodes.group.push_back(group);
      run.nodes.node.push_back(node.name);
      run.nodes.reported.push_back(1);
    }
  }
  run.nodes.resident_bytes = {1000, 2000, 9000, 1500, 3000, 9000};
  run.nodes.energy_j = {5, 4, 90, std::nan(""), 6, 90};
  return run;
}

TEST(InferenceTraffic, CostsAreThoseOfAnImage) {
  const Topology topology = parse_topology(cut_topology(3), "cut");
  const InferenceCosts costs = inference_costs(cut_run(topology), topology);
  // Two layers of two hyperconnections between the devices and two to the host, in two groups; 20 images.
  EXPECT_DOUBLE_EQ(costs.bytes_per_image, 6 * 2 * 120 / 20.0);
  EXPECT_DOUBLE_EQ(costs.messages_per_image, 6 * 2 * 2 / 20.0);
  EXPECT_EQ(costs.largest_device, "d2");  // not the host
  EXPECT_EQ(costs.resident_bytes, 3000);
  EXPECT_DOUBLE_EQ(costs.energy_j_per_image, 0.6);
}

TEST(InferenceTraffic, NothingIsMadeUp) {
  const Topology topology = parse_topology(cut_topology(3), "cut");
  InferenceResults run = cut_run(topology);
  run.nodes.energy_j.assign(6, std::nan(""));
  EXPECT_TRUE(std::isnan(inference_costs(run, topology).energy_j_per_image));
  run.nodes.reported = {0, 0, 1, 0, 0, 1};
  EXPECT_EQ(inference_costs(run, topology).largest_device, "");
  EXPECT_TRUE(std::isnan(inference_costs(run, topology).resident_bytes));
  run.rounds = {};
  EXPECT_TRUE(std::isnan(inference_costs(run, topology).bytes_per_image));
}

TEST(InferenceTraffic, TheHostOfAnotherNetworkIsADevice) {
  const Topology topology = parse_topology(
      "topology t\nsource s 2\nnode d1 relu:2\nnode host linear:2\nlink s -> d1\nlink d1 -> host\nfails d1\n",
      "t");
  InferenceResults run;
  run.rounds.group = {0};
  run.rounds.samples = {1};
  run.nodes.group = {0, 0};
  run.nodes.node = {"d1", "host"};
  run.nodes.reported = {1, 1};
  run.nodes.resident_bytes = {10, 20};
  run.nodes.energy_j = {1, 2};
  EXPECT_EQ(inference_costs(run, topology).largest_device, "host");
}

TEST(InferenceTraffic, AThousandHyperconnectionsAreATableOfNodes) {
  const Topology topology = parse_topology(cut_topology(20), "cut");
  InferenceResults run = cut_run(topology);
  const auto table = traffic_between_nodes(run, topology);
  ASSERT_EQ(table.size(), 3U);
  EXPECT_DOUBLE_EQ(table[0][1], 19 * 2 * 120 / 20.0);
  EXPECT_DOUBLE_EQ(table[1][0], 19 * 2 * 120 / 20.0);
  EXPECT_DOUBLE_EQ(table[0][2], 2 * 120 / 20.0);
  for (const auto& [row, column] : {std::pair(0, 0), std::pair(1, 1), std::pair(2, 0), std::pair(2, 2)})
    EXPECT_TRUE(std::isnan(table[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]));
  EXPECT_EQ(traffic_table(run, topology),
            "  120 hyperconnections; bytes an image from the row's node to the column's:\n"
            "              d1        d2      host\n"
            "  d1           .       228        12\n"
            "  d2         228         .        12\n"
            "  host         .         .         .\n");
  run.links.resize(40);
  EXPECT_EQ(traffic_table(run, topology), "") << "few are no trouble";
}

TEST(InferenceTraffic, OfTheSample) {
  const InferenceResults run = test::sample_inference();
  const InferenceCosts costs = inference_costs(run, parse_topology(run.topology_text, "walk"));
  double bytes = 0;
  for (const std::int64_t sent : run.link_counts.bytes_measured) bytes += static_cast<double>(sent);
  EXPECT_DOUBLE_EQ(costs.bytes_per_image, bytes / 16);  // eight rounds of two
  EXPECT_GT(costs.bytes_per_image, 0);
}

}  // namespace
}  // namespace deepfog
