#include "comm/memory_channel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t no_wish = 1'000'000'000'000;  // us

std::vector<char> number(int value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8)};
}
int number_of(const Message& message) {
  return static_cast<unsigned char>(message.bytes.at(0)) +
         256 * static_cast<unsigned char>(message.bytes.at(1));
}

struct Heard {
  std::int64_t time_us;
  int from, value;
  bool operator==(const Heard& other) const {
    return time_us == other.time_us && from == other.from && value == other.value;
  }
};

/// Takes all messages that have arrived.
void listen(Channel& channel, std::vector<Heard>& heard) {
  while (const auto message = channel.receive())
    heard.push_back({channel.now_us(), message->from, number_of(*message)});
}

/// Place 0 sends `count` messages to place 1, one every `gap_us`; records what place 1 received.
struct Stream {
  explicit Stream(const MemoryNetworkOptions& options, int count, std::uint64_t seed = 1,
                  std::int64_t gap = 10)
      : network(2, seed, options), steps(2), gap_us(gap) {
    steps[0] = [this, count]() -> std::int64_t {
      if (sent == count) return -1;
      refused += network.channel(0).send(1, number(sent)) ? 0 : 1;
      ++sent;
      return network.channel(0).now_us() + gap_us;
    };
    steps[1] = [this]() -> std::int64_t {
      call_times_us.push_back(network.now_us());
      listen(network.channel(1), heard);
      return no_wish;
    };
  }
  MemoryNetwork network;
  std::vector<MemoryNetwork::Step> steps;
  std::int64_t gap_us;
  int sent = 0, refused = 0;
  std::vector<Heard> heard;
  std::vector<std::int64_t> call_times_us;
};

std::vector<int> values(const std::vector<Heard>& heard) {
  std::vector<int> all;
  for (const Heard& one : heard) all.push_back(one.value);
  return all;
}

TEST(MemoryNetwork, KeepsTheOrderAndTheLatency) {
  MemoryNetworkOptions options;
  options.latency_min_us = 5;
  options.latency_max_us = 500;
  Stream stream(options, 300);
  stream.network.run(stream.steps, 100'000);
  ASSERT_EQ(stream.heard.size(), 300u);
  std::int64_t longest_us = 0;
  for (int i = 0; i < 300; ++i) {
    const Heard& one = stream.heard[static_cast<std::size_t>(i)];
    EXPECT_EQ(one.value, i);
    EXPECT_GE(one.time_us, i * 10 + 5);
    EXPECT_LE(one.time_us, i * 10 + 500);
    longest_us = std::max(longest_us, one.time_us - i * 10);
  }
  EXPECT_GT(longest_us, 300);
  EXPECT_EQ(stream.network.now_us(), 100'000);
}

TEST(MemoryNetwork, TheSameSeedTellsTheSameStory) {
  MemoryNetworkOptions options;
  options.loss = .1;
  options.duplicate = .1;
  const auto story = [&](std::uint64_t seed) {
    Stream stream(options, 400, seed);
    stream.network.run(stream.steps, 100'000);
    return stream.heard;
  };
  EXPECT_EQ(story(3), story(3));
  EXPECT_FALSE(story(3) == story(4));
}

TEST(MemoryNetwork, LosesAsOftenAsTold) {
  MemoryNetworkOptions options;
  options.loss = .25;
  Stream stream(options, 4000);
  stream.network.run(stream.steps, 1'000'000);
  EXPECT_EQ(stream.refused, 0);  // a lost message does not count as unfinished
  EXPECT_GT(stream.heard.size(), 2800u);
  EXPECT_LT(stream.heard.size(), 3200u);
  const auto got = values(stream.heard);
  EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
  EXPECT_EQ(std::adjacent_find(got.begin(), got.end()), got.end());
}

TEST(MemoryNetwork, DoublesAsOftenAsToldAndLosesNothing) {
  MemoryNetworkOptions options;
  options.duplicate = .25;
  Stream stream(options, 4000);
  stream.network.run(stream.steps, 1'000'000);
  EXPECT_GT(stream.heard.size(), 4800u);
  EXPECT_LT(stream.heard.size(), 5200u);
  auto got = values(stream.heard);
  EXPECT_FALSE(std::is_sorted(got.begin(), got.end()));  // duplicates arrive late
  std::sort(got.begin(), got.end());
  got.erase(std::unique(got.begin(), got.end()), got.end());
  EXPECT_EQ(got.size(), 4000u);
}

TEST(MemoryNetwork, AStoppedPlaceIsNotCalledAndFindsEverythingAfterwards) {
  Stream stream({}, 40);
  stream.network.stop(1, 100, 5000);
  stream.network.run(stream.steps, 10'000);
  for (const std::int64_t time_us : stream.call_times_us)
    EXPECT_TRUE(time_us < 100 || time_us >= 5000) << time_us;
  ASSERT_EQ(stream.heard.size(), 40u);
  EXPECT_EQ(std::count_if(stream.heard.begin(), stream.heard.end(),
                          [](const Heard& one) { return one.time_us == 5000; }),
            std::count_if(stream.heard.begin(), stream.heard.end(),
                          [](const Heard& one) { return one.time_us >= 100; }));
  EXPECT_EQ(stream.heard.back().time_us, 5000);
  EXPECT_EQ(stream.heard.back().value, 39);
}

TEST(MemoryNetwork, UnfinishedMessagesAreCapped) {
  MemoryNetworkOptions options;
  options.unfinished_messages = 10;
  Stream stream(options, 40, 1, 1000);
  stream.network.kill(1, 4500);
  stream.network.run(stream.steps, 100'000);
  EXPECT_EQ(values(stream.heard), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(stream.refused, 40 - 5 - 10);
  EXPECT_FALSE(stream.network.channel(0).lost(1));
}

TEST(MemoryNetwork, AKilledPlaceIsNeverCalledAgainButWhatItSentArrives) {
  Stream stream({}, 100);
  stream.network.kill(0, 205);
  stream.network.run(stream.steps, 10'000);
  EXPECT_EQ(stream.sent, 21);  // at 0, 10, .., 200
  EXPECT_EQ(stream.heard.size(), 21u);
  EXPECT_GT(stream.heard.back().time_us, 205);
}

TEST(MemoryNetwork, DeathsAreKnownWhenTheOptionsSaySo) {
  MemoryNetworkOptions options;
  options.deaths_known_after_us = 100;
  Stream stream(options, 100);
  stream.network.kill(1, 200);
  stream.network.run(stream.steps, 10'000);
  EXPECT_TRUE(stream.network.channel(0).lost(1));
  EXPECT_FALSE(stream.network.channel(1).lost(0));
  EXPECT_EQ(stream.refused, 70);  // from 300 us on
}

TEST(MemoryNetwork, StepsMayKillStopAndCompute) {
  MemoryNetworkOptions options;
  options.latency_min_us = options.latency_max_us = 7;
  MemoryNetwork network(3, 1, options);
  std::vector<Heard> heard;
  std::vector<std::int64_t> zero_us, one_us;
  const auto computing = [&]() -> std::int64_t {
    zero_us.push_back(network.channel(0).now_us());
    EXPECT_TRUE(network.channel(0).send(2, number(1)));
    network.advance(0, 100);
    EXPECT_EQ(network.channel(0).now_us(), network.now_us() + 100);
    EXPECT_TRUE(network.channel(0).send(2, number(2)));
    if (zero_us.size() == 2) network.kill(0);
    network.channel(0).send(2, number(3));  // after its death, the second time
    return network.now_us() + 10;
  };
  const auto stopping = [&]() -> std::int64_t {
    one_us.push_back(network.now_us());
    network.stop(1, 1000);
    return network.now_us() + 5;
  };
  network.run({computing, stopping,
               [&] {
                 listen(network.channel(2), heard);
                 return no_wish;
               }},
              2500);
  EXPECT_EQ(zero_us, (std::vector<std::int64_t>{0, 100}));
  EXPECT_EQ(one_us, (std::vector<std::int64_t>{0, 1000, 2000}));
  const std::vector<Heard> expected{{7, 0, 1}, {107, 0, 2}, {107, 0, 3}, {107, 0, 1}, {207, 0, 2}};
  EXPECT_EQ(heard, expected);
}

TEST(MemoryNetwork, ComputingTakesLongerByTheStopsMeanwhile) {
  MemoryNetwork network(1, 1);
  network.stop(0, 50, 150);
  network.stop(0, 180, 190);
  network.advance(0, 100);
  EXPECT_EQ(network.channel(0).now_us(), 210);
}

TEST(MemoryNetwork, AStepThatTakesOneMessageAtATimeIsCalledUntilAllAreTaken) {
  MemoryNetwork network(2, 1);
  int taken = 0, calls = 0;
  for (int i = 0; i < 5; ++i) network.channel(0).send(1, number(i));
  const auto greedy_not = [&]() -> std::int64_t {
    ++calls;
    taken += network.channel(1).receive() ? 1 : 0;
    return no_wish;
  };
  network.run({[] { return std::int64_t{-1}; }, greedy_not}, 1000);
  EXPECT_EQ(taken, 5);
  EXPECT_LE(calls, 11);
}

TEST(MemoryNetwork, AStepThatIgnoresItsMessagesDoesNotStopTheTime) {
  MemoryNetwork network(2, 1);
  network.channel(0).send(1, number(1));
  int calls = 0;
  network.run({[] { return std::int64_t{-1}; },
               [&] {
                 ++calls;
                 return std::int64_t{0};
               }},
              500);
  EXPECT_EQ(calls, 501);  // a wake-up time in the past means 1 us later
  EXPECT_EQ(network.now_us(), 500);
}

TEST(MemoryNetwork, EndsWhenAllHaveFinishedAndGoesOnWithTheNextRun) {
  MemoryNetwork network(2, 1);
  const std::vector<MemoryNetwork::Step> brief(
      2, [&] { return network.now_us() >= 40 ? -1 : network.now_us() + 20; });
  network.run(brief, 1'000'000);
  EXPECT_EQ(network.now_us(), 40);
  network.channel(0).send(1, number(8));
  std::vector<Heard> heard;
  network.run({[] { return std::int64_t{-1}; },
               [&] {
                 listen(network.channel(1), heard);
                 return no_wish;
               }},
              2000);
  EXPECT_EQ(values(heard), std::vector<int>{8});
}

TEST(MemoryNetwork, OutsideARunWaitMovesTheTime) {
  MemoryNetwork network(2, 1);
  network.channel(0).send(1, number(5));
  network.channel(1).wait(10);
  EXPECT_EQ(network.now_us(), 10);
  EXPECT_FALSE(network.channel(1).receive());
  network.channel(1).wait(1000);
  EXPECT_GE(network.now_us(), 20);
  EXPECT_LE(network.now_us(), 60);
  EXPECT_TRUE(network.channel(1).receive());
}

TEST(MemoryNetwork, RefusesWhatIsImpossible) {
  MemoryNetworkOptions backwards, improbable;
  backwards.latency_min_us = 100;
  improbable.loss = 1.5;
  EXPECT_THROW(MemoryNetwork(0, 1), Failure);
  EXPECT_THROW(MemoryNetwork(2, 1, backwards), Failure);
  EXPECT_THROW(MemoryNetwork(2, 1, improbable), Failure);
  MemoryNetwork network(2, 1);
  EXPECT_THROW(network.channel(2), Failure);
  EXPECT_THROW(network.channel(0).send(-1, {}), Failure);
  EXPECT_THROW(network.stop(0, 10, 9), Failure);
  EXPECT_THROW(network.advance(0, -1), Failure);
  EXPECT_THROW(network.run({}, 10), Failure);
  const auto waits = [&]() -> std::int64_t {
    network.channel(0).wait(5);
    return -1;
  };
  EXPECT_THROW(network.run({waits, waits}, 10), Failure);
  EXPECT_NO_THROW(network.channel(0).wait(5));  // the step is over
}

}  // namespace
}  // namespace deepfog
