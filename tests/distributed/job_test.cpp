#include "distributed/job.hpp"

#include <gtest/gtest.h>

#include "distributed/run.hpp"
#include "trained_files.hpp"

namespace deepfog {
namespace {

using test::message_of;

class JobTest : public test::TrainedFiles {
 protected:
  std::string message() const {
    return message_of<UserError>([&] { load_job(spec); });
  }
};

TEST_F(JobTest, HasAllThatTheWeightsFileSays) {
  const Job job = load_job(spec);
  EXPECT_EQ(job.nodes(), 3);
  EXPECT_EQ(job.last_node(), 2);
  EXPECT_EQ(job.split, "thirds");
  EXPECT_EQ(job.data_origin, "synthetic");
  EXPECT_EQ(job.origin.run, 2);
  ASSERT_EQ(job.columns.size(), 2U);
  EXPECT_EQ(job.columns[1].begin, 2);
  EXPECT_EQ(job.columns[1].end, 5);
  EXPECT_EQ(job.samples, 4);
  EXPECT_EQ(job.labels, (std::vector<std::int64_t>{2, 0, 1, 2}));  // rows 8 to 11, labels row mod 3
  EXPECT_DOUBLE_EQ(job.guess_accuracy(), 1.0 / 3);
}

TEST_F(JobTest, ReadsTheRowsOfItsSamples) {
  const SampleSet set = load_job(spec).read_samples();
  ASSERT_EQ(set.features, 5);
  ASSERT_EQ(set.size(), 4);
  EXPECT_FLOAT_EQ(set.values[0], 40.25F);
  EXPECT_FLOAT_EQ(set.values[19], 59.25F);
}

TEST_F(JobTest, ShortRunsAreSpreadOverTheSplit) {
  spec.samples = 2;
  const Job job = load_job(spec);
  EXPECT_EQ(job.stride, 2);
  EXPECT_EQ(job.labels, (std::vector<std::int64_t>{2, 1}));  // rows 8 and 10
  const SampleSet set = job.read_samples();
  EXPECT_FLOAT_EQ(set.values[5], 50.25F);
  EXPECT_EQ(set.labels, job.labels);
  spec.samples = 3;
  EXPECT_EQ(load_job(spec).stride, 1);
}

TEST_F(JobTest, DepthIsOneInASingleStreamElseEight) {
  EXPECT_EQ(load_job(spec).depth(), 1);
  spec.scenario = Scenario::offline;
  EXPECT_EQ(load_job(spec).depth(), 8);
  spec.depth = 3;
  EXPECT_EQ(load_job(spec).depth(), 3);
}

TEST_F(JobTest, RefusesOtherDataUnlessTold) {
  write_weights(std::string(64, 'a'));
  EXPECT_EQ(message(), scratch.path("data.h5") + ": not the data that " + spec.weights +
                           " was trained on (--dataset FILE to run on it all the same)");
  spec.dataset = scratch.path("data.h5");
  EXPECT_EQ(load_job(spec).samples, 4);
}

TEST_F(JobTest, ReadsTheScriptAgainstTheTopology) {
  spec.script = "crash a round 3\n";
  spec.script_where = "--fail";
  EXPECT_EQ(load_job(spec).script.events().size(), 1U);
  spec.script = "crash a round 3\ncrash d round 3\n";
  EXPECT_EQ(message(), "--fail:2: no node \"d\" (nodes: a, b, c)");
}

TEST_F(JobTest, RanksAreAMultipleOfTheNodes) {
  const Topology topology = parse_topology(test::three_nodes(), "test");
  EXPECT_EQ(rank_problem(topology, 3), "");
  EXPECT_EQ(rank_problem(topology, 9), "");
  EXPECT_EQ(rank_problem(topology, 1), "1 rank, but each physical node needs one (3 or a multiple: a, b, c)");
  EXPECT_EQ(rank_problem(topology, 4),
            "4 ranks, but each physical node needs one (3 or a multiple: a, b, c)");
}

}  // namespace
}  // namespace deepfog
