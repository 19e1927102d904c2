#include "inference/failure_script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "inference/random_script.hpp"
#include "topology/random_topology.hpp"

namespace deepfog {
namespace {

const char kTopology[] = R"(topology health
source iot 23
node e1 relu:9
node f2 relu:9
node f1 relu:9
node cloud linear:12
link iot -> e1
link e1 -> f2
link f2 -> f1
link f1 -> cloud
link e1 -> f1 skip
fails f1 f2 e1
)";
constexpr int e1 = 0, f2 = 1, cloud = 3, e1_f2 = 1, f2_f1 = 2, e1_f1 = 4;

FailureScript script(const std::string& text) {
  return FailureScript::parse(text, "s", parse_topology(kTopology, "t"));
}

TEST(FailureScript, TheExampleOfTheHeader) {
  const FailureScript story = script(
      "seed 7\nsilence f2 rounds 10..20\ncrash e1 round 50\nhang f1 round 30 for 200ms  # a pause\n"
      "slow e1 rounds 0..99 by 5ms\nlose e1->f2 rounds 0.. with .1\ndelay e1 -> f2 rounds 5..10 by 3ms with "
      ".5\n");
  EXPECT_EQ(
      story.text(),
      "seed 7\nsilence f2 rounds 10..20\ncrash e1 round 50\nhang f1 round 30 for 200ms\n"
      "slow e1 rounds 0..99 by 5ms\nlose e1->f2 rounds 0.. with 0.1\ndelay e1->f2 rounds 5..10 by 3ms with "
      "0.5\n");
  ASSERT_EQ(story.events().size(), 6U);
  EXPECT_FALSE(story.empty());
  EXPECT_EQ(story.events()[4].kind, FailureKind::lose);
  EXPECT_EQ(story.events()[4].link, e1_f2);
  EXPECT_EQ(story.events()[4].node, -1);
  EXPECT_FALSE(story.silent(f2, 9));
  EXPECT_TRUE(story.silent(f2, 10));
  EXPECT_TRUE(story.silent(f2, 20));
  EXPECT_FALSE(story.silent(f2, 21));
  EXPECT_FALSE(story.silent(e1, 15));
  EXPECT_TRUE(story.crashes(e1, 50));
  EXPECT_FALSE(story.crashes(e1, 49));
  EXPECT_FALSE(story.crashes(e1, 51));
  EXPECT_FALSE(story.crashes(f2, 50));
  EXPECT_EQ(story.hang_us(2, 30), 200000);
  EXPECT_EQ(story.hang_us(2, 31), 0);
  EXPECT_EQ(story.slow_us(e1, 99), 5000);
  EXPECT_EQ(story.slow_us(e1, 100), 0);
}

TEST(FailureScript, NothingSaidNothingFails) {
  for (const FailureScript& story : {FailureScript(), script(""), script("# calm\n\nseed 3\n")}) {
    EXPECT_TRUE(story.empty());
    EXPECT_EQ(story.text(), "");
    EXPECT_FALSE(story.silent(e1, 0) || story.crashes(e1, 0) || story.loses(e1_f2, 0));
    EXPECT_EQ(story.slow_us(e1, 0) + story.hang_us(e1, 0) + story.delay_us(e1_f2, 0), 0);
  }
}

TEST(FailureScript, TheLastNodeFailsLikeAnyOther) {
  const FailureScript story =
      script("crash cloud round 3\nhang cloud round 1 for 1s\nslow cloud round 2 by 7us");
  EXPECT_TRUE(story.crashes(cloud, 3));
  EXPECT_EQ(story.hang_us(cloud, 1), 1000000);
  EXPECT_EQ(story.slow_us(cloud, 2), 7);
}

TEST(FailureScript, SeveralEventsAddUp) {
  const FailureScript story = script(
      "slow e1 rounds 0..9 by 5ms\nslow e1 rounds 5.. by 1ms\nhang e1 round 4 for 2ms\nhang e1 round 4 for "
      "3ms\n"
      "delay e1->f2 rounds 0..9 by 1ms\ndelay e1->f2 rounds 9.. by 10us\nsilence e1 rounds 1\nsilence e1 "
      "rounds 3\n");
  EXPECT_EQ(story.slow_us(e1, 4), 5000);
  EXPECT_EQ(story.slow_us(e1, 9), 6000);
  EXPECT_EQ(story.slow_us(e1, 1000000), 1000);
  EXPECT_EQ(story.hang_us(e1, 4), 5000);
  EXPECT_EQ(story.delay_us(e1_f2, 8), 1000);
  EXPECT_EQ(story.delay_us(e1_f2, 9), 1010);
  EXPECT_EQ(story.delay_us(e1_f2, 10), 10);
  EXPECT_TRUE(story.silent(e1, 1) && !story.silent(e1, 2) && story.silent(e1, 3));
}

TEST(FailureScript, WordsInAnyOrderAndLinesOfAnySystem) {
  const FailureScript story = script(
      "\xef\xbb\xbf"
      "delay e1->f2 with 0 by 1.5ms rounds 5\r\n\tcrash e1 rounds 2\r\nseed 12");
  EXPECT_EQ(story.text(), "seed 12\ndelay e1->f2 rounds 5 by 1500us with 0\ncrash e1 round 2\n");
}

/// Share of the rounds 0 to rounds - 1 in which `happens` holds.
template <class Question>
double share(int rounds, const Question& happens) {
  int count = 0;
  for (int round = 0; round < rounds; ++round) count += happens(round) ? 1 : 0;
  return static_cast<double>(count) / rounds;
}

TEST(FailureScript, FrequenciesAreTheProbabilities) {
  constexpr int rounds = 20000;
  for (const double probability : {0.0, 0.01, 0.1, 0.5, 0.9, 1.0}) {
    const FailureScript story =
        script("seed 7\nlose e1->f2 rounds 0.. with " + std::to_string(probability) +
               "\ndelay e1->f2 rounds 0.. by 3ms with " + std::to_string(probability));
    // Five standard deviations; none for 0 and 1.
    const double tolerance = 5 * std::sqrt(probability * (1 - probability) / rounds);
    EXPECT_NEAR(share(rounds, [&](int round) { return story.loses(e1_f2, round); }), probability, tolerance);
    EXPECT_NEAR(share(rounds, [&](int round) { return story.delay_us(e1_f2, round) == 3000; }), probability,
                tolerance);
    EXPECT_EQ(share(rounds, [&](int round) { return story.loses(f2_f1, round); }), 0);
  }
}

TEST(FailureScript, DrawsOfRoundsLinksKindsAndLinesAreIndependent) {
  constexpr int rounds = 20000;
  const double tolerance = 5 * std::sqrt(0.25 * 0.75 / rounds);
  const FailureScript story = script(
      "lose e1->f2 rounds 0.. with .5\nlose e1->f1 rounds 0.. with .5\ndelay e1->f2 rounds 0.. by 1us with "
      ".5\n"
      "delay e1->f2 rounds 0.. by 2us with .5\n");
  const auto loses = [&](int round) { return story.loses(e1_f2, round); };
  EXPECT_NEAR(share(rounds, [&](int r) { return loses(r) && loses(r + 1); }), 0.25, tolerance);
  EXPECT_NEAR(share(rounds, [&](int r) { return loses(r) && story.loses(e1_f1, r); }), 0.25, tolerance);
  EXPECT_NEAR(share(rounds, [&](int r) { return loses(r) && (story.delay_us(e1_f2, r) & 1) != 0; }), 0.25,
              tolerance);
  for (const std::int64_t sum_us : {0, 1, 2, 3}) {
    EXPECT_NEAR(share(rounds, [&](int r) { return story.delay_us(e1_f2, r) == sum_us; }), 0.25, tolerance);
  }
}

TEST(FailureScript, DrawsDependOnTheSeedAndNeitherOnOrderNorOnOtherLines) {
  const std::string line = "lose e1->f2 rounds 0.. with .5\n";
  const FailureScript story = script("seed 7\n" + line), other = script("seed 8\n" + line);
  const FailureScript longer = script("crash e1 round 3\nlose f2->f1 rounds 0..5 with .2\n" + line +
                                      "delay e1->f2 rounds 1 by 1s with .5\nseed 7\n");
  std::vector<bool> forward, backward, elsewhere, otherwise;
  for (int round = 0; round < 500; ++round) {
    forward.push_back(story.loses(e1_f2, round));
    backward.push_back(story.loses(e1_f2, 499 - round));
    elsewhere.push_back(longer.loses(e1_f2, round));
    otherwise.push_back(other.loses(e1_f2, round));
  }
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward, elsewhere);
  EXPECT_NE(forward, otherwise);
}

// A script must have the same draws in every version. The bits come from a second implementation of the
// hashes in Python.
TEST(FailureScript, DrawsStayWhatTheyWere) {
  const FailureScript story = script("seed 7\nlose e1->f2 rounds 0.. with .5\n");
  std::string drawn;
  for (int round = 0; round < 40; ++round) drawn += story.loses(e1_f2, round) ? '1' : '0';
  EXPECT_EQ(drawn, "0000101101100110001101011011001001010010");
}

std::vector<std::int64_t> answers(const FailureScript& story, const Topology& topology, std::int64_t rounds) {
  std::vector<std::int64_t> result;
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (int node = 0; node < static_cast<int>(topology.nodes().size()); ++node) {
      result.insert(result.end(), {story.silent(node, round), story.crashes(node, round),
                                   story.slow_us(node, round), story.hang_us(node, round)});
    }
    for (int link = 0; link < static_cast<int>(topology.hyperconnections().size()); ++link) {
      result.insert(result.end(), {story.loses(link, round), story.delay_us(link, round)});
    }
  }
  return result;
}

TEST(FailureScript, ItsTextTellsTheSameStory) {
  std::set<FailureKind> kinds;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "t");
    const std::string text = random_script(topology, seed, 12);
    EXPECT_EQ(random_script(topology, seed, 12), text);
    const FailureScript first = FailureScript::parse(text, "s", topology);
    const FailureScript second = FailureScript::parse(first.text(), "s", topology);
    EXPECT_EQ(second.text(), first.text());
    EXPECT_EQ(answers(second, topology, 15), answers(first, topology, 15)) << text;
    for (const FailureEvent& event : first.events()) {
      kinds.insert(event.kind);
      EXPECT_FALSE(event.kind == FailureKind::crash && event.node == topology.stages().back().node) << text;
    }
  }
  EXPECT_EQ(kinds.size(), 6U);
}

TEST(RandomScript, KeepsToItsOptions) {
  const Topology topology = parse_topology(kTopology, "t");
  RandomScriptOptions calm;
  calm.kills = calm.hangs = calm.silences = calm.losses = false;
  calm.longest_us = 50;
  calm.most_events = 3;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const FailureScript story = FailureScript::parse(random_script(topology, seed, 5, calm), "s", topology);
    ASSERT_TRUE(story.events().size() >= 1 && story.events().size() <= 3);
    for (const FailureEvent& event : story.events()) {
      EXPECT_TRUE(event.kind == FailureKind::slow || event.kind == FailureKind::delay);
      EXPECT_LE(event.length_us, 50);
    }
  }
  EXPECT_NE(random_script(topology, 1, 5), random_script(topology, 2, 5));
}

TEST(ParseTime, Units) {
  EXPECT_EQ(parse_time_us("250", "o"), 250);
  EXPECT_EQ(parse_time_us("0", "o"), 0);
  EXPECT_EQ(parse_time_us("200us", "o"), 200);
  EXPECT_EQ(parse_time_us("5ms", "o"), 5000);
  EXPECT_EQ(parse_time_us("1.5s", "o"), 1500000);
  EXPECT_EQ(parse_time_us(".25ms", "o"), 250);
  EXPECT_EQ(parse_time_us("0.3ms", "o"), 300);
  EXPECT_EQ(parse_time_us("1.000001s", "o"), 1000001);
  EXPECT_EQ(parse_time_us("1.0000010s", "o"), 1000001);
  EXPECT_EQ(parse_time_us("3.0us", "o"), 3);
  EXPECT_EQ(parse_time_us("86400s", "o"), 86400000000);
}

TEST(ParseTime, Refusals) {
  for (const char* text : {"", ".", "s", " 5ms", "5 ms", "5ms ", "+5ms", "-5", "5mS", "5min", "1e3",
                           "1.0000001s", "86400.000001s", "1..5s", "0x5", "nan"}) {
    EXPECT_THROW(parse_time_us(text, "o"), UserError) << text;
  }
}

}  // namespace
}  // namespace deepfog
