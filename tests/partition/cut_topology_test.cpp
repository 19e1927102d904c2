#include "partition/cut_topology.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"
#include "partition/baselines.hpp"
#include "resilience/flow.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

CutPlan plan_of(const std::string& network) {
  return cut_plan(plan_cnn({network, {3, 32, 32}, 10}));
}

Topology topology_of(const CutPlan& plan, const Partition& partition) {
  return parse_topology(cut_topology_text(plan, partition, "cut", "image"), "cut");
}

std::set<std::string> links_of(const Topology& topology) {
  std::set<std::string> links;
  for (const Hyperconnection& link : topology.hyperconnections())
    links.insert(topology.vertex_name(link.from) + ">" + topology.vertex_name(link.to));
  return links;
}

const Stage& stage_named(const Topology& topology, const std::string& name) {
  const auto found = std::find_if(topology.stages().begin(), topology.stages().end(),
                                  [&](const Stage& stage) { return stage.name == name; });
  if (found == topology.stages().end()) throw Failure("no stage " + name);
  return *found;
}

/// Counts the links from stages of one device to those of another, without those to the host.
int links_between_devices(const Topology& topology) {
  int count = 0;
  for (const Hyperconnection& link : topology.hyperconnections()) {
    if (topology.is_source(link.from)) continue;
    const auto node = [&](int vertex) {
      return topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))].node;
    };
    const int to = node(link.to);
    count += node(link.from) != to && topology.nodes()[static_cast<std::size_t>(to)].name != "host" ? 1 : 0;
  }
  return count;
}

TEST(CutTopology, OfTwoDevicesIsThis) {
  const CutPlan plan = plan_of("alexnet_small");
  const std::string text = cut_topology_text(plan, lop_partition(plan.layers, 2), "halves", "image");
  EXPECT_EQ(text.substr(0, text.find("stage d1-in-features-6")),
            "# alexnet_small over 2 devices: lop\n"
            "topology halves\n"
            "source image 3072\n"
            "node d1\n"
            "node d2\n"
            "node host gather:10\n"
            "stage d1-in-features-0 on d1 gather:3072\n"
            "link image -> d1-in-features-0\n"
            "stage d2-in-features-0 on d2 gather:3072\n"
            "link image -> d2-in-features-0\n"
            "stage d1-features-0 on d1 part:1800\n"  // 8 of 16 neurons, 15 x 15 after the pooling
            "link d1-in-features-0 -> d1-features-0\n"
            "stage d2-features-0 on d2 part:1800\n"
            "link d2-in-features-0 -> d2-features-0\n"
            "stage d1-in-features-3 on d1 gather:3600\n"
            "link d1-features-0 -> d1-in-features-3\n"
            "link d2-features-0 -> d1-in-features-3\n"
            "stage d2-in-features-3 on d2 gather:3600\n"
            "link d1-features-0 -> d2-in-features-3\n"
            "link d2-features-0 -> d2-in-features-3\n"
            "stage d1-features-3 on d1 part:1176\n"
            "link d1-in-features-3 -> d1-features-3\n"
            "stage d2-features-3 on d2 part:1176\n"
            "link d2-in-features-3 -> d2-features-3\n");
  const std::string end = "link d1-classifier-6 -> host\nlink d2-classifier-6 -> host\nfails d1 d2\n";
  EXPECT_EQ(text.substr(text.size() - std::min(end.size(), text.size())), end);
  EXPECT_EQ(text, cut_topology_text(plan, lop_partition(plan.layers, 2), "halves", "image"));
}

TEST(CutTopology, FlowsAsLongAsADeviceLives) {
  for (const std::string network : {"alexnet_small", "vgg_bn_small", "convnext_small"}) {
    const CutPlan plan = plan_of(network);
    const std::vector<Partition> partitions = {lop_partition(plan.layers, 4), lop_partition(plan.layers, 1),
                                               replicated_partition(plan.layers, 3),
                                               random_partition(plan.layers, 4, 5)};
    for (const Partition& partition : partitions) {
      const Topology topology = topology_of(plan, partition);
      EXPECT_TRUE(topology.is_cut());
      ASSERT_EQ(topology.failing(), partition.devices);
      EXPECT_EQ(topology.failing_names().back(), "d" + std::to_string(partition.devices));
      const std::vector<std::uint8_t> table = flow_table(topology);
      EXPECT_EQ(table[0], 0);
      EXPECT_EQ(std::count(table.begin(), table.end(), 1), std::int64_t(table.size()) - 1) << network;
    }
    const Topology coded = topology_of(plan, cdc_partition(plan.layers, 3));
    EXPECT_EQ(flow_table(coded), std::vector<std::uint8_t>(8, 1)) << network;
    EXPECT_EQ(coded.failing_names(), (std::vector<std::string>{"d1", "d2", "d3"}));
    ASSERT_EQ(coded.nodes().size(), 5U);
    EXPECT_EQ(coded.nodes()[3].name, "spare");
    EXPECT_EQ(coded.nodes()[4].name, "host");
  }
}

TEST(CutTopology, FullReplicationExchangesNothing) {
  const CutPlan plan = plan_of("convnext_small");
  EXPECT_EQ(links_between_devices(topology_of(plan, replicated_partition(plan.layers, 4))), 0);
  const auto layers = static_cast<int>(plan.layers.size());
  EXPECT_EQ(links_between_devices(topology_of(plan, lop_partition(plan.layers, 4))), (layers - 1) * 4 * 3);
}

TEST(CutTopology, WhoHasAllNeuronsOfAnotherDoesNotHearFromIt) {
  const CutPlan plan = plan_of("vgg_bn_small");
  Partition partition = lop_partition(plan.layers, 3);
  partition.method = "robustdice";
  Neurons& large = partition.neurons[1][2];
  large = partition.neurons[1][0];  // the third device has the neurons of the first one, and its own
  for (std::int64_t id = large.back() + 1; id < plan.layers[1].neurons; ++id) {
    if (id >= partition.neurons[1][1].back()) large.push_back(id);
  }
  const std::set<std::string> links = links_of(topology_of(plan, partition));
  const auto exchanged = [&](int from, int to) {
    const std::string layer = plan.layers[1].name, next = plan.layers[2].name;
    return links.count(part_stage_name("d" + std::to_string(from), layer) + ">" +
                       gather_stage_name("d" + std::to_string(to), next));
  };
  EXPECT_EQ(exchanged(1, 3), 0U);
  EXPECT_EQ(exchanged(2, 3), 1U);
  EXPECT_EQ(exchanged(3, 1), 1U);
  EXPECT_EQ(exchanged(1, 2), 1U);
  EXPECT_EQ(exchanged(3, 3), 1U);
}

TEST(CutTopology, ResidualsStayOnTheDevice) {
  const CutPlan plan = plan_of("convnext_small");
  const Topology plain = topology_of(plan, lop_partition(plan.layers, 2));
  const Topology coded = topology_of(plan, cdc_partition(plan.layers, 2));
  int residuals = 0;
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    const int residual = plan.layers[l].residual;
    if (residual < 0) continue;
    ++residuals;
    const std::string kept = plan.layers[std::size_t(residual)].name, name = plan.layers[l].name;
    const std::string next = plan.layers[l + 1].name;
    EXPECT_EQ(
        links_of(plain).count("d2-in-" + stage_named(plain, gather_stage_name("d2", kept)).name.substr(6) +
                              ">" + part_stage_name("d2", name)),
        1U);
    EXPECT_EQ(stage_named(plain, part_stage_name("d2", name)).incoming.size(), 2U);
    EXPECT_EQ(stage_named(coded, part_stage_name("spare", name)).incoming.size(), 1U);
    EXPECT_EQ(stage_named(coded, gather_stage_name("spare", next)).incoming.size(), 4U);
  }
  EXPECT_EQ(residuals, 4);
}

/// Products are sent before the pooling, and the spare sends as many sums as the largest part has neurons.
TEST(CutTopology, CdcSendsProducts) {
  const CutPlan plan = plan_of("alexnet_small");
  const Topology topology = topology_of(plan, cdc_partition(plan.layers, 3));
  const Stage &first = stage_named(topology, "d1-features-0"),
              &spare = stage_named(topology, "spare-features-0"),
              &third = stage_named(topology, "d3-features-0");
  EXPECT_EQ(first.layers[0].kind, LayerKind::product);
  EXPECT_EQ(first.output_width, 6 * 32 * 32);  // 6 of the 16 neurons
  EXPECT_EQ(third.output_width, 5 * 32 * 32);
  EXPECT_EQ(spare.output_width, first.output_width);
  EXPECT_EQ(stage_named(topology, "d1-in-features-0").layers[0].kind, LayerKind::gather);
  const Stage& next = stage_named(topology, "d2-in-features-3");
  EXPECT_EQ(next.layers[0].kind, LayerKind::decode);
  EXPECT_EQ(next.output_width, gathered_width(plan, 1));
  EXPECT_EQ(next.incoming.size(), 4U);
  EXPECT_EQ(topology.stages().back().layers[0].kind, LayerKind::decode);
  EXPECT_EQ(topology.classes(), 10);
}

TEST(CutTopology, ConvNextOverFourDevicesIsATopologyOfAThousandLinks) {
  const CutPlan plan = cut_plan(plan_cnn({"convnext_tiny"}));
  const Topology topology = topology_of(plan, lop_partition(plan.layers, 4));
  const std::size_t layers = 59, residuals = 18;
  EXPECT_EQ(topology.stages().size(), layers * 8 + 1);
  // Links from the source, from gather to part, between devices, to the host, and to stages that add an
  // earlier input.
  EXPECT_EQ(topology.hyperconnections().size(), 4 + layers * 4 + (layers - 1) * 16 + 4 + residuals * 4);
}

TEST(CutTopology, OfTooManyDevicesIsRefusedWhenItIsWritten) {
  const CutPlan plan = cut_plan(plan_cnn({"convnext_tiny"}));
  EXPECT_NO_THROW(cut_topology_text(plan, lop_partition(plan.layers, 8), "cut", "image"));
  try {
    cut_topology_text(plan, lop_partition(plan.layers, 20), "cut", "image");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("cut: 20 devices make a topology of 1", 0), 0U) << error.what();
  }
}

TEST(CutTopology, ADeviceWithoutNeuronsIsRefusedByName) {
  const CutPlan plan = plan_of("vgg_bn_small");
  Partition partition = lop_partition(plan.layers, 2);
  Neurons& last = partition.neurons.back()[0];
  last.insert(last.end(), partition.neurons.back()[1].begin(), partition.neurons.back()[1].end());
  partition.neurons.back()[1].clear();
  try {
    cut_topology_text(plan, partition, "cut", "image");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()),
              "cut, " + plan.layers.back().name + ": device d2 has no neurons (at least one on each of 2)");
  }
  partition.neurons.pop_back();
  EXPECT_THROW(cut_topology_text(plan, partition, "cut", "image"), UserError);
  EXPECT_NO_THROW(cut_topology_text(plan, cdc_partition(plan.layers, 2), "cut", "image"));
}

}  // namespace
}  // namespace deepfog
