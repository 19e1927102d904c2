#include "comm/mpi_channel.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "comm/fragment.hpp"
#include "comm/ping_pong.hpp"
#include "comm/tagged_message.hpp"
#include "core/error.hpp"
#include "mpi_test.hpp"

namespace deepfog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds timeout{30};

std::vector<char> pattern(std::size_t size, int seed) {
  std::vector<char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>((i * 31 + static_cast<std::size_t>(seed) * 7) & 0x7F);
  }
  return bytes;
}

/// The next message within the test's timeout; nullopt if none came.
std::optional<Message> next(MpiChannel& channel) {
  const Deadline deadline = Deadline::in(timeout);
  do {
    if (auto message = channel.receive()) return message;
    channel.wait(channel.now_us() + 50'000);
  } while (!deadline.passed());
  return std::nullopt;
}

/// Sends as soon as the cap allows it.
bool sent_in_time(MpiChannel& channel, int to, const std::vector<char>& bytes,
                  std::vector<Message>& meanwhile) {
  const Deadline deadline = Deadline::in(timeout);
  while (!channel.send(to, bytes)) {
    if (deadline.passed()) return false;
    while (auto message = channel.receive()) meanwhile.push_back(std::move(*message));
  }
  return true;
}

std::size_t size_of(int i) {
  return i % 5 == 4 ? 4'000'000 : static_cast<std::size_t>(i * i * 13);
}

TEST(MpiChannel, LargeAndTinyMessagesFromAllToAllKeepTheirOrder) {
  const Communicator world = test_world().duplicate();
  MpiChannel channel(world, 0, world.size());
  constexpr int messages = 10;
  std::vector<Message> got;
  for (int i = 0; i < messages; ++i) {
    for (int to = 0; to < channel.places(); ++to) {
      ASSERT_TRUE(sent_in_time(channel, to, pattern(size_of(i), channel.place() + i), got));
    }
  }
  while (got.size() < static_cast<std::size_t>(messages * channel.places())) {
    auto message = next(channel);
    ASSERT_TRUE(message.has_value());
    got.push_back(std::move(*message));
  }
  std::vector<int> seen(static_cast<std::size_t>(channel.places()));
  for (const Message& message : got) {
    int& i = seen.at(static_cast<std::size_t>(message.from));
    EXPECT_TRUE(message.bytes == pattern(size_of(i), message.from + i))
        << "message " << i << " of " << message.from;
    ++i;
  }
  EXPECT_EQ(seen, std::vector<int>(seen.size(), messages));
  EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  EXPECT_EQ(channel.malformed(), 0);
  barrier(world);
}

TEST(MpiChannel, TwoGroupsOfOneCommunicatorDoNotMix) {
  const Communicator world = test_world().duplicate();
  const int half = (world.size() + 1) / 2;
  const bool low = world.rank() < half;
  MpiChannel channel(world, low ? 0 : half, low ? half : world.size() - half);
  EXPECT_EQ(channel.place(), low ? world.rank() : world.rank() - half);
  for (int to = 0; to < channel.places(); ++to) ASSERT_TRUE(channel.send(to, pattern(10, low ? 1 : 2)));
  for (int i = 0; i < channel.places(); ++i) {
    const auto message = next(channel);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->bytes, pattern(10, low ? 1 : 2));
  }
  barrier(world);
  EXPECT_FALSE(channel.receive().has_value());
  EXPECT_EQ(channel.malformed(), 0);
}

TEST(MpiChannel, GarbageIsCountedAndDropped) {
  const Communicator world = test_world().duplicate();
  MpiChannelOptions options;
  options.fragment_bytes = 1000;
  options.largest_message = 5000;
  MpiChannel channel(world, 0, world.size(), options);
  const int to = (world.rank() + 1) % world.size();
  const auto forged = [](const FragmentHeader& header, std::size_t payload) {
    Bytes bytes(sizeof header + payload);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
  };
  send(world, to, options.tag, {});                   // no header
  send(world, to, options.tag, pattern(1000, 4));     // random bytes
  send(world, to, options.tag, pattern(200'000, 4));  // longer than any fragment
  send(world, to, options.tag,
       forged({fragment_magic, 0, 0, std::uint64_t{1} << 60}, 1000));         // larger than allowed
  send(world, to, options.tag, forged({fragment_magic, 1, 0, 1500}, 500));    // no beginning
  send(world, to, options.tag, forged({fragment_magic, 0, 99, 1500}, 1000));  // no end
  ASSERT_TRUE(channel.send(to, pattern(4500, world.rank())));
  const auto message = next(channel);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->bytes, pattern(4500, message->from));
  EXPECT_EQ(channel.malformed(), 6);
  EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  EXPECT_FALSE(flush(world, Deadline::in(milliseconds(50))));  // messages that are too long are never
                                                               // received
  barrier(world);
}

TEST(MpiChannel, StrangersAreCountedAndDropped) {
  const Communicator world = test_world().duplicate();
  if (world.size() < 3) GTEST_SKIP() << "needs a group of two and a stranger";
  const MpiChannelOptions options;
  if (world.rank() >= 2) {
    send(world, 1, options.tag, make_fragment(pattern(10, 1), 0, 0, options.fragment_bytes));  // looks valid
    send(world, 1, options.tag, pattern(300'000, 1));
  } else {
    MpiChannel channel(world, 0, 2);
    const std::int64_t expected = world.rank() == 1 ? 2 * (world.size() - 2) : 0;
    const Deadline deadline = Deadline::in(timeout);
    while (channel.malformed() < expected && !deadline.passed()) {
      EXPECT_FALSE(channel.receive().has_value());
      channel.wait(channel.now_us() + 1000);
    }
    EXPECT_EQ(channel.malformed(), expected);
    // Place 0 only answers, so that no valid message arrives while place 1 counts.
    if (channel.place() == 1) {
      ASSERT_TRUE(channel.send(0, pattern(5, 5)));
    }
    const auto message = next(channel);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->bytes, pattern(5, 5));
    if (channel.place() == 0) {
      ASSERT_TRUE(channel.send(1, message->bytes));
    }
    EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  }
  barrier(world);
}

TEST(MpiChannel, UnfinishedSendsAreCappedUntilThePeerTakesThem) {
  const Communicator world = test_world().duplicate();
  if (world.size() == 1) GTEST_SKIP() << "nobody to send to";
  MpiChannelOptions options;
  options.unfinished_messages = 20;
  options.unfinished_bytes = 1000;
  MpiChannel channel(world, 0, world.size(), options);
  barrier(world);
  if (channel.place() == 0) {  // place 1 does not poll, though its library does, in the barrier below
    int messages = 0;
    while (channel.send(1, pattern(3, messages))) ++messages;
    EXPECT_EQ(messages, 20);
    send(world, 1, 1, Bytes(1, static_cast<char>(messages)));
  }
  barrier(world);
  if (channel.place() == 1) {
    const auto told = receive(world, Deadline::in(timeout), 0, 1);
    ASSERT_TRUE(told.has_value());
    for (int i = 0; i < told->bytes[0]; ++i) {
      const auto message = next(channel);
      ASSERT_TRUE(message.has_value());
      EXPECT_EQ(message->bytes, pattern(3, i));
    }
  }
  EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  barrier(world);
  if (channel.place() == 0) {
    EXPECT_TRUE(channel.send(1, pattern(2000, 1)));  // a single message may be larger than the cap in bytes
    std::vector<Message> nothing;
    EXPECT_TRUE(sent_in_time(channel, 1, pattern(900, 2), nothing));
  }
  if (channel.place() == 1) {
    EXPECT_EQ(next(channel)->bytes, pattern(2000, 1));
    EXPECT_EQ(next(channel)->bytes, pattern(900, 2));
  }
  EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  barrier(world);
}

TEST(MpiChannel, WaitEndsAtItsTimeOrWithAMessage) {
  const Communicator world = test_world().duplicate();
  MpiChannel channel(world, 0, world.size());
  const std::int64_t start_us = channel.now_us();
  channel.wait(start_us + 30'000);
  EXPECT_GE(channel.now_us(), start_us + 30'000);
  EXPECT_LT(channel.now_us(), start_us + 3'000'000);
  channel.wait(start_us);  // already in the past
  ASSERT_TRUE(channel.send(channel.place(), pattern(1, 1)));
  channel.wait(channel.now_us() + 20'000'000);
  EXPECT_TRUE(channel.receive().has_value());
  EXPECT_LT(channel.now_us(), start_us + 15'000'000);
  barrier(world);
}

TEST(MpiChannel, LeavesWithoutWaitingForSendsThatNobodyTakes) {
  const Communicator world = test_world().duplicate();
  const Stopwatch watch;
  {
    MpiChannel channel(world, 0, world.size());
    barrier(world);
    ASSERT_TRUE(channel.send((channel.place() + 1) % channel.places(), pattern(5'000'000, 1)));
  }
  EXPECT_LT(watch.seconds(), 10);
  barrier(world);
}

/// Place 1 sends half of its messages, stops, and is woken by place 0 after the others have finished their
/// exchange.
TEST(MpiChannel, AStoppedPeerSilencesNobodyElseAndGoesOnAfterwards) {
  const Communicator world = test_world().duplicate();
  if (world.size() == 1) GTEST_SKIP() << "nobody to stop";
  MpiChannel channel(world, 0, world.size());
  constexpr int large = 8, rounds = 20;
  if (channel.place() == 1) {
    const pid_t own = getpid();
    Bytes pid(sizeof own);
    std::memcpy(pid.data(), &own, sizeof own);
    ASSERT_TRUE(channel.send(0, pid));
    ASSERT_TRUE(channel.flush(Deadline::in(timeout)));
    for (int i = 0; i < large; ++i) ASSERT_TRUE(channel.send(0, pattern(1'000'000, i)));
    ASSERT_EQ(std::raise(SIGSTOP), 0);
    EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  }
  if (channel.place() == 0) {
    auto told = next(channel);
    ASSERT_TRUE(told.has_value());
    pid_t stopped = 0;
    ASSERT_EQ(told->bytes.size(), sizeof stopped);
    std::memcpy(&stopped, told->bytes.data(), sizeof stopped);
    const std::int64_t until_us = channel.now_us() + 200'000;
    std::vector<Message> early;
    while (channel.now_us() < until_us) {  // fragments of the stopping place get stuck
      channel.wait(until_us);
      while (auto message = channel.receive()) early.push_back(std::move(*message));
    }
    for (int round = 0; round < rounds; ++round) {
      for (int to = 2; to < channel.places(); ++to) ASSERT_TRUE(channel.send(to, pattern(200'000, round)));
      for (int answers = 2; answers < channel.places();) {
        auto answer = next(channel);
        ASSERT_TRUE(answer.has_value());
        answers += answer->from != 1 ? 1 : 0;
        if (answer->from == 1) early.push_back(std::move(*answer));
      }
    }
    ASSERT_EQ(kill(stopped, SIGCONT), 0);
    while (early.size() < large) {
      auto message = next(channel);
      ASSERT_TRUE(message.has_value());
      early.push_back(std::move(*message));
    }
    for (int i = 0; i < large; ++i) {
      EXPECT_EQ(early[static_cast<std::size_t>(i)].from, 1);
      EXPECT_TRUE(early[static_cast<std::size_t>(i)].bytes == pattern(1'000'000, i));
    }
  }
  for (int round = 0; round < rounds && channel.place() >= 2; ++round) {
    auto message = next(channel);
    ASSERT_TRUE(message.has_value());
    ASSERT_TRUE(channel.send(0, std::move(message->bytes)));
  }
  EXPECT_TRUE(channel.flush(Deadline::in(timeout)));
  EXPECT_EQ(channel.malformed(), 0);
  EXPECT_FALSE(channel.lost(world.size() > 1 ? 1 : 0));
  barrier(world);
}

TEST(MpiChannel, GivesOneFragmentAtATimeWhereTcpMayCarryIt) {
  const std::uint64_t fragment = MpiChannelOptions().fragment_bytes;
  EXPECT_GT(safe_bytes_in_flight("4", "4", nullptr), 4 * fragment);
  EXPECT_GT(safe_bytes_in_flight("4", "4", "vader,self"), 4 * fragment);
  EXPECT_GT(safe_bytes_in_flight("4", "4", "^tcp"), 4 * fragment);
  EXPECT_EQ(safe_bytes_in_flight("4", "4", "tcp,self"), fragment);
  EXPECT_EQ(safe_bytes_in_flight("4", "2", nullptr), fragment);
  EXPECT_EQ(safe_bytes_in_flight(nullptr, nullptr, nullptr), fragment);
}

TEST(MpiChannel, RefusesWhatIsImpossible) {
  const Communicator world = test_world().duplicate();
  const int size = world.size(), rank = world.rank();
  EXPECT_THROW(MpiChannel(world, 0, size + 1), Failure);
  EXPECT_THROW(MpiChannel(world, -1, 2), Failure);
  EXPECT_THROW(MpiChannel(world, rank, 0), Failure);
  EXPECT_THROW(MpiChannel(world, 1, std::numeric_limits<int>::max()), Failure);
  if (size > 1) {
    EXPECT_THROW(MpiChannel(world, rank == 0 ? 1 : 0, 1), Failure);  // the group does not contain this rank
  }
  MpiChannelOptions no_tag, no_fragment, small;
  no_tag.tag = std::numeric_limits<int>::max();
  no_fragment.fragment_bytes = 0;
  small.largest_message = 100;
  if (rank > 0) {
    EXPECT_THROW(MpiChannel(world, rank, 1, no_tag), Failure);
  }
  EXPECT_THROW(MpiChannel(world, 0, size, no_fragment), Failure);
  MpiChannel channel(world, 0, size, small);
  EXPECT_THROW(channel.send(0, Bytes(101)), Failure);
  EXPECT_THROW(channel.send(size, {}), Failure);
  EXPECT_THROW(channel.lost(-1), Failure);
  barrier(world);
}

TEST(PingPong, TwoRanksMeasureAndTheOthersDoNot) {
  const Communicator world = test_world().duplicate();
  if (world.size() == 1) GTEST_SKIP() << "nobody to play with";
  const int peer = world.size() - 1;
  if (world.rank() == 0 || world.rank() == peer) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1000}, std::size_t{500'000}}) {
      const auto figure = half_round_trip_us(world, peer, 0, bytes, 9, Deadline::in(timeout));
      ASSERT_TRUE(figure.has_value());
      EXPECT_GT(*figure, 0);
      EXPECT_LT(*figure, 5e6);
    }
  } else {
    EXPECT_THROW(half_round_trip_us(world, 0, peer, 1, 1, Deadline::in(timeout)), Failure);
  }
  barrier(world);
  if (world.rank() == 0) {  // the other side does not take part
    EXPECT_FALSE(half_round_trip_us(world, 0, peer, 3000, 3, Deadline::in(milliseconds(50))).has_value());
  }
  barrier(world);
  if (world.rank() == 0 || world.rank() == peer) {  // messages still in flight belong to another series
    EXPECT_TRUE(half_round_trip_us(world, 0, peer, 10, 3, Deadline::in(timeout), 1).has_value());
  }
  barrier(world);
}

}  // namespace
}  // namespace deepfog
