#include "distributed/check.hpp"

#include <gtest/gtest.h>

#include "inference/flow_links.hpp"
#include "models/node_network.hpp"
#include "trained_files.hpp"

namespace deepfog {
namespace {

class CheckTest : public test::TrainedFiles {
 protected:
  /// A round of two rows with the right answers if exactly these nodes are alive.
  RoundRecord honest_round(const Job& job, std::int64_t number, Combination combination) const {
    const SimulatedNetwork network(job.topology, job.columns, load_weights(spec.weights), "test");
    const SampleSet samples = job.read_samples();
    RoundRecord record;
    record.frame = {number, 0, 2, 2 * number};
    record.used = flow_links(job.topology, combination);
    record.timed_out = LinkSet(record.used.links());
    record.predictions =
        network.labels(view(samples, record.frame.first_sample, record.frame.first_sample + 2), combination);
    record.phi = record.predictions.empty();
    return record;
  }
};

TEST_F(CheckTest, HonestAnswersPass) {
  spec.failures = "b";
  const Job job = load_job(spec);
  GroupRecords group;
  group.rounds = {honest_round(job, 0, 1), honest_round(job, 1, 1)};
  const CheckOutcome outcome = check_answers(job, {group});
  EXPECT_EQ(outcome.rounds, 2);
  EXPECT_EQ(outcome.unlike_messages + outcome.unlike_plan + outcome.off_plan, 0);
  EXPECT_EQ(outcome.first, "");
}

TEST_F(CheckTest, AnswersThatTheMessagesDoNotGiveAreCounted) {
  const Job job = load_job(spec);
  GroupRecords group;
  group.rounds = {honest_round(job, 0, 3), honest_round(job, 1, 3)};
  group.rounds[1].predictions[0] = (group.rounds[1].predictions[0] + 1) % 3;
  const CheckOutcome outcome = check_answers(job, {GroupRecords(), group});
  EXPECT_EQ(outcome.rounds, 2);
  EXPECT_EQ(outcome.unlike_messages, 1);
  EXPECT_EQ(outcome.unlike_plan, 0);  // nothing was planned
  EXPECT_EQ(outcome.first, "round 1 (no failure): not the network's answer to the messages that arrived");
}

TEST_F(CheckTest, RoundsThatANodeMissedAgainstThePlanAreCounted) {
  spec.failures = "b";
  const Job job = load_job(spec);
  GroupRecords group;
  group.rounds = {honest_round(job, 0, 0)};  // a is dead, too: a guess although the plan has answers
  ASSERT_TRUE(group.rounds[0].phi);
  const CheckOutcome outcome = check_answers(job, {group});
  EXPECT_EQ(outcome.unlike_messages, 0);
  EXPECT_EQ(outcome.unlike_plan, 0);
  EXPECT_EQ(outcome.off_plan, 1);
  EXPECT_EQ(outcome.first, "");
}

}  // namespace
}  // namespace deepfog
