#include "cli/inference_tables.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "../results/sample_inference.hpp"

namespace deepfog {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A run of one phase and two rounds of two samples: latencies of 100 and 300 us, the second round is
/// guessed.
Results two_rounds() {
  InferenceResults run;
  run.name = "run";
  run.text = {{"experiment", "e"},          {"model", "m"},   {"scenario", "offline"},
              {"data_origin", "synthetic"}, {"dataset", "d"}, {"ending", "complete"}};
  run.integers = {{"batch", 2}, {"rounds_repeated", 3}};
  run.numbers = {{"guess_accuracy", 0.25}};
  run.links = {"s->a", "a->b"};
  run.failing = {"a"};
  run.topology_text =
      "topology t\nsource s 2\nnode a relu:2\nnode b linear:2\nlink s -> a\nlink a -> b\nfails a\n";
  run.phases.name = {"all alive"};
  run.phases.combination = {1};
  run.phases.script = {0};
  run.phases.timeout_us = {500};
  run.rounds.group = run.rounds.phase = {0, 0};
  run.rounds.samples = {2, 2};
  run.rounds.arrival_us = {0, 700};
  run.rounds.latency_us = {100, 300};
  run.rounds.timed_out = {0, 0, 0, 1};
  run.rounds.correct = {1, 0};
  run.rounds.prediction = {1, 2, -1, -1};
  run.nodes.node = {"a", "b"};
  run.nodes.group = {0, 0};
  run.nodes.reported = {1, 0};
  run.nodes.resident_bytes = {3 << 20, 0};
  run.nodes.energy_j = {2, 0};
  run.link_counts.group = {0, 0};
  run.link_counts.link = run.links;
  run.link_counts.local = {1, 0};
  run.link_counts.messages = {0, 2};
  run.link_counts.phis = {0, 1};
  run.link_counts.bytes_measured = {0, 112};
  run.membership.event = {"suspected", "returned", "suspected", "lost"};
  Results results;
  results.valid = true;
  results.inference = {run};
  return results;
}

TEST(InferenceTables, HaveARowAPhaseAndTheNodesFates) {
  const auto lines = lines_of(inference_tables(two_rounds()));
  ASSERT_GE(lines.size(), 6U);
  EXPECT_EQ(lines[0], "run: e.m over 2 ranks, offline, frames of 2, synthetic data d");
  EXPECT_EQ(lines[1],
            "  phase                         rounds     p50 us     p90 us     p99 us   samples/s   top-1 %  "
            "timeouts  guessed");
  // 4 samples in 1 ms; accuracy (1 + 2 * 0.25) / 4.
  EXPECT_EQ(lines[2],
            "  all alive                          2      200.0      280.0      298.0        4000     37.50  "
            "       1        1");
  EXPECT_EQ(
      lines[3],
      "  without failures: 2000.0 frames/s, 4000.0 images/s, 100.0 us an image; 28 bytes an image in 0.8 "
      "messages");
  EXPECT_EQ(lines[4], "  largest device a: 3.0 MiB resident, up to 0.5 J an image");
  EXPECT_EQ(lines[5],
            "  membership: 2 times suspected, 1 times back, 1 times told dead by the MPI library; "
            "died or did not report: b");
}

TEST(InferenceTables, TellThroughputWithoutFailuresApart) {
  Results results = two_rounds();
  InferenceResults& run = results.inference[0];
  run.phases.name = {"all alive", "a dead"};
  run.phases.combination = {1, 0};
  run.phases.script = {0, 0};
  run.phases.timeout_us = {500, 500};
  run.rounds.phase = {0, 1};
  // 2 images in 100 us.
  EXPECT_NE(inference_tables(results).find(
                "\n  without failures: 10000.0 frames/s, 20000.0 images/s, 50.0 us an image;"),
            std::string::npos);
  run.phases.script[0] = 1;
  run.nodes.energy_j[0] = std::nan("");
  const std::string text = inference_tables(results);
  EXPECT_NE(text.find("\n  over all rounds: 2000.0 frames/s, 4000.0 images/s, 100.0 us an image;"),
            std::string::npos);
  EXPECT_NE(text.find("3.0 MiB resident, energy not available\n"), std::string::npos);
}

TEST(InferenceTables, TellOfTheCheckWhereThereWasOne) {
  Results results = two_rounds();
  results.inference[0].integers["checked_rounds"] = 2;
  results.inference[0].integers["unequal_rounds"] = 1;
  EXPECT_NE(
      inference_tables(results).find("\n  check: 2 answers held against the simulated network, 1 differ\n"),
      std::string::npos);
  EXPECT_NE(inference_lines(results, "x.h5", 1).find(" unequal=1 "), std::string::npos);
}

TEST(InferenceLines, AreGreppable) {
  EXPECT_EQ(inference_lines(two_rounds(), "out/x.h5", 2.25),
            "RESULT inference=run experiment=e model=m scenario=offline rounds=2 samples=4 p50_us=200.0 "
            "p90_us=280.0 p99_us=298.0 samples_per_second=4000.0 frames_per_second=2000.0 "
            "latency_per_image_us=100.0 accuracy=0.375000 rounds_with_timeouts=1 rounds_guessed=1 "
            "bytes_per_image=28.0 messages_per_image=0.75 largest_device=a resident_bytes=3145728 "
            "energy_j_per_image=0.500000 repeated=3 ending=complete file=out/x.h5 valid=1 seconds=2.2\n");
}

TEST(InferenceLines, AreOneAPhaseAndOneForAll) {
  Results results = test::sample_results_of_inference_alone();
  results.inference[0].integers["rounds_repeated"] = 0;
  const auto lines = lines_of(inference_lines(results, "x.h5", 1));
  const std::size_t phases = results.inference[0].phases.name.size();
  ASSERT_EQ(lines.size(), phases + 1);
  for (std::size_t i = 0; i < phases; ++i) {
    EXPECT_NE(lines[i].find(" phase="), std::string::npos);
    EXPECT_EQ(lines[i].find("ending="), std::string::npos);
    EXPECT_EQ(lines[i].find(", "), std::string::npos);
  }
  EXPECT_EQ(lines.back().find(" phase="), std::string::npos);
  results.inference[0].text["ending"] = "last node died";
  results.valid = false;
  EXPECT_NE(inference_lines(results, "x.h5", 1).find(" ending=last_node_died file=x.h5 valid=0 "),
            std::string::npos);
}

}  // namespace
}  // namespace deepfog
