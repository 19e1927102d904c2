#include <gtest/gtest.h>

#include "../storage/edit_hdf5.hpp"
#include "cut_files.hpp"
#include "distributed/check.hpp"
#include "distributed/hops.hpp"
#include "distributed/rank_interfaces.hpp"
#include "distributed/simulation.hpp"
#include "inference/flow_links.hpp"
#include "inference/message.hpp"
#include "inference/node_links.hpp"

namespace deepfog {
namespace {

using test::message_of;

class CutJobTest : public test::CutFiles {
 protected:
  RoundRecord honest_round(const Job& job, std::int64_t number, Combination combination) const {
    Simulation network(job);
    const SampleSet samples = job.read_samples();
    RoundRecord record;
    record.frame = {number, 0, 2, 2 * number};
    record.used = flow_links(job.topology, combination);
    record.timed_out = LinkSet(record.used.links());
    record.predictions = network.labels(view(samples, 2 * number, 2 * number + 2), combination);
    record.phi = record.predictions.empty();
    return record;
  }
};

TEST_F(CutJobTest, HasAllThatTheWeightsFileSays) {
  const Job job = load_job(spec);
  ASSERT_TRUE(job.origin.cut);
  EXPECT_EQ(job.nodes(), 4);
  EXPECT_EQ(job.topology.nodes()[std::size_t(job.last_node())].name, "host");
  EXPECT_EQ(job.columns.front().end, 64);
  EXPECT_FALSE(job.weights_of(2).empty());
  EXPECT_TRUE(job.weights_of(3).empty());
  EXPECT_NO_THROW(check_weights(job));
}

TEST_F(CutJobTest, WeightsThatAreNotWholeAreFoundOut) {
  const Job job = load_job(spec);
  const auto refusal = [&](const test::Edit& spoil) {
    write_weights(lop_partition(layers(), 3));
    spoil(spec.weights);
    return message_of<UserError>([&] { check_weights(job); });
  };
  EXPECT_NE(
      refusal(test::replace_text("/", "sha256", std::string(64, '0'))).find("the weights have another sum"),
      std::string::npos);
  EXPECT_NE(refusal(test::remove("/nodes/d2")).find(spec.weights), std::string::npos);
  write_weights(lop_partition(layers(), 3));
  Weights weights;
  for (int node = 0; node < 3; ++node) {
    for (NamedTensor& one : job.weights_of(node)) weights.push_back(std::move(one));
  }
  weights.back().shape[0] += 1;
  weights.back().values.push_back(0);
  save_weights(spec.weights, weights, job.origin);
  EXPECT_NE(message_of<UserError>([&] { check_weights(job); }).find("classifier.2.bias"), std::string::npos);
}

TEST_F(CutJobTest, ATopologyThatIsNotOfItsPartitionIsRefused) {
  WeightsOrigin origin = load_job(spec).origin;
  const Weights weights = load_weights(spec.weights);
  const std::string link = "link d1-classifier-2 -> host\n";
  origin.topology_text.erase(origin.topology_text.find(link), link.size());
  origin.topology_text.insert(origin.topology_text.find("fails"), "link d1-classifier-2 -> d9\n");
  save_weights(spec.weights, weights, origin);
  EXPECT_THROW(load_job(spec), UserError);
  origin.topology_text.replace(origin.topology_text.find("-> d9"), 5,
                               "-> host");  // the last input of the host
  save_weights(spec.weights, weights, origin);
  EXPECT_NE(message_of<UserError>([&] {
              check_weights(load_job(spec));
            }).find("the topology is not that of its partition"),
            std::string::npos);
}

TEST_F(CutJobTest, HonestAnswersPassAndOthersAreCounted) {
  spec.failures = "d2,d3";
  const Job job = load_job(spec);
  GroupRecords group;
  group.rounds = {honest_round(job, 0, 1), honest_round(job, 1, 1)};
  CheckOutcome outcome = check_answers(job, {group});
  EXPECT_EQ(outcome.rounds, 2);
  EXPECT_EQ(outcome.unlike_messages + outcome.unlike_plan + outcome.off_plan, 0) << outcome.first;
  group.rounds[1].predictions[0] = (group.rounds[1].predictions[0] + 1) % 3;
  outcome = check_answers(job, {group});
  EXPECT_EQ(outcome.unlike_messages, 1);
  EXPECT_EQ(outcome.unlike_plan, 1);
  group.rounds[1] = honest_round(job, 1, 3);
  outcome = check_answers(job, {group});
  EXPECT_EQ(outcome.unlike_messages, 0) << outcome.first;
  EXPECT_EQ(outcome.off_plan, 1);
}

TEST_F(CutJobTest, ARankComputesTheStagesOfItsDevice) {
  const Job job = load_job(spec);
  RankEngine engine(job, 1);
  const std::vector<float> image(64, 0.5F);
  std::vector<float> output;
  const NodeLinks own(job.topology, 1), other(job.topology, 2);
  EXPECT_TRUE(engine.run(own.stages().front(), {image.data()}, 1, output, {}));
  EXPECT_THROW(engine.run(other.stages().front(), {image.data()}, 1, output, {}), Failure);
}

TEST_F(CutJobTest, AStageKnowsWhereItsNeighboursAre) {
  const Job job = load_job(spec);
  const NodeLinks node_links(job.topology, 1);
  int local = 0, own_parts = 0;
  for (int k = 0; k < int(node_links.stages().size()); ++k) {
    for (const IncomingLink& in : node_links.incoming(k)) {
      EXPECT_EQ(in.place >= 0, in.sender == 1);
      if (in.place < 0) continue;
      EXPECT_LT(in.place, k);
      EXPECT_EQ(node_links.stages()[std::size_t(in.place)], in.stage);
      ++local;
      own_parts += in.place == k - 1 ? 1 : 0;
    }
  }
  EXPECT_GT(local, own_parts);  // inputs that are added later come from other nodes
  EXPECT_EQ(NodeLinks(job.topology, 3).incoming(0).front().place, -1);
}

TEST_F(CutJobTest, OfManyLinksTheWidestOfEachPairIsMeasured) {
  const Topology topology = load_job(spec).topology;
  const std::vector<int> links = measured_links(topology);
  EXPECT_EQ(links.size(), 3U * 2 + 3);
  std::set<std::pair<int, int>> pairs;
  for (const int link : links) {
    const int from = sending_node(topology, link), to = receiving_node(topology, link);
    EXPECT_TRUE(pairs.insert({from, to}).second);
    for (int one = 0; one < int(topology.hyperconnections().size()); ++one) {
      if (sending_node(topology, one) != from || receiving_node(topology, one) != to) continue;
      EXPECT_LE(topology.hyperconnections()[std::size_t(one)].width,
                topology.hyperconnections()[std::size_t(link)].width);
    }
  }
  const Topology few = parse_topology(
      "topology t\nsource s 2\nnode a relu:4\nnode b relu:4\nnode c linear:3\nlink s -> a\nlink a -> b\n"
      "link b -> c\nlink a -> c skip\n",
      "t");
  EXPECT_EQ(measured_links(few), (std::vector<int>{1, 2, 3}));
}

TEST_F(CutJobTest, FramesThatNoMessageHoldsAreRefused) {
  const Topology topology = load_job(spec).topology;
  std::int64_t widest = 0;
  for (int link = 0; link < int(topology.hyperconnections().size()); ++link) {
    if (!is_local(topology, link))
      widest = std::max(widest, topology.hyperconnections()[std::size_t(link)].width);
  }
  const auto overhead = std::int64_t(message_overhead(int(topology.hyperconnections().size())));
  spec.batch = ((std::int64_t{64} << 20) - overhead) / (4 * widest) + 1;
  const std::string message = message_of<UserError>([&] { load_job(spec); });
  EXPECT_EQ(
      message.rfind("--batch " + std::to_string(spec.batch) + ": a message on d2-features-1-0-block-3->", 0),
      0U)
      << message;
  EXPECT_NE(message.find("(up to " + std::to_string(spec.batch - 1) + " allowed)"), std::string::npos)
      << message;
  --spec.batch;
  EXPECT_NO_THROW(load_job(spec));
}

}  // namespace
}  // namespace deepfog
