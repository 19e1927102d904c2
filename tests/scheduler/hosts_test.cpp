#include "scheduler/hosts.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "core/error.hpp"
#include "scheduler/blocking_queue.hpp"
#include "scheduler/signals.hpp"
#include "scheduler/timeouts.hpp"

namespace deepfog {
namespace {

using std::chrono::milliseconds;

TEST(Hosts, AreListedOnceInRankOrder) {
  EXPECT_EQ(host_list({{"b", 4, 4}, {"a", 4, 4}, {"b", 4, 4}}), "b,a");
}

TEST(Hosts, ComeBackFromText) {
  const Place place = decode_place(encode({"node7", 64, 8}));
  EXPECT_EQ(place.host, "node7");
  EXPECT_EQ(place.cores, 64);
  EXPECT_EQ(place.cores_for_rank, 8);
  for (const char* text : {"", "4", "x y z", "0 0 host", "4 -1 host", "4 4 host 1 x"})
    EXPECT_THROW(decode_place(text), Failure);
  EXPECT_GE(this_place("here").cores, 1);
  EXPECT_GE(this_place("here").cores_for_rank, 1);
}

TEST(Hosts, OversubscriptionIsSaid) {
  EXPECT_TRUE(oversubscription({{"a", 4, 4}, {"a", 4, 4}}, 2).empty());
  const auto lines = oversubscription({{"a", 4, 4}, {"a", 4, 4}, {"b", 4, 4}}, 3);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "a: 2 ranks x 3 threads on 4 cores: they will wait for each other");
}

TEST(Hosts, OfAJobThoseCoresCountThatItsRanksMayUse) {
  const Place first{"a", 64, 2, {0, 1}}, second{"a", 64, 2, {1, 2}}, other{"b", 8, 8};
  EXPECT_EQ(core_count({first, second, first, other}), 3 + 8);
  EXPECT_EQ(decode_place(encode(second)).allowed, (std::set<int>{1, 2}));
  EXPECT_TRUE(oversubscription({first, second, second}, 1).empty());
  const auto lines = oversubscription({first, second, second, second}, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "a: 4 ranks x 1 threads on 3 cores: they will wait for each other");
}

TEST(Hosts, BindingToTooFewCoresIsSaidOnce) {
  const auto lines = oversubscription({{"a", 8, 4}, {"a", 8, 1}, {"a", 8, 1}}, 2);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("rank 1 has 2 threads but is bound to 1 cores"), std::string::npos) << lines[0];
}

TEST(BlockingQueue, GivesMessagesInOrderAndEndsAtTheDeadline) {
  BlockingQueue blocking_queue;
  EXPECT_FALSE(blocking_queue.take(Deadline::in(milliseconds(0))).has_value());
  blocking_queue.put({'a'});
  blocking_queue.put({'b'});
  EXPECT_EQ(blocking_queue.take(Deadline::in(milliseconds(0))), Bytes{'a'});
  EXPECT_EQ(blocking_queue.take(Deadline::never()), Bytes{'b'});
  const Stopwatch watch;
  EXPECT_FALSE(blocking_queue.take(Deadline::in(milliseconds(30))).has_value());
  EXPECT_GE(watch.seconds(), 0.03);
}

TEST(BlockingQueue, WakesTheWaitingThread) {
  BlockingQueue blocking_queue;
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(20));
    blocking_queue.put({'x'});
  });
  const Stopwatch watch;
  EXPECT_EQ(blocking_queue.take(Deadline::in(std::chrono::seconds(20))), Bytes{'x'});
  EXPECT_LT(watch.seconds(), 10);
  other.join();
}

TEST(Signals, AreNotedAndHandlersComeBack) {
  struct sigaction before {
  }, after{};
  ASSERT_EQ(sigaction(SIGTERM, nullptr, &before), 0);
  {
    const SignalWatch signals;
    EXPECT_EQ(signals.received(), 0);
    ASSERT_EQ(std::raise(SIGUSR1), 0);
    EXPECT_EQ(signals.received(), SIGUSR1);
    ASSERT_EQ(std::raise(SIGTERM), 0);
    EXPECT_EQ(signals.received(), SIGTERM);
  }
  ASSERT_EQ(sigaction(SIGTERM, nullptr, &after), 0);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  const SignalWatch again;
  EXPECT_EQ(again.received(), 0);
}

TEST(Silence, CountsOnlyTimeAwake) {
  Silence silence;
  std::this_thread::sleep_for(milliseconds(700));  // one turn: as after a SIGSTOP of the job
  EXPECT_NEAR(silence.seconds(), 0.5, 0.01);
  for (int turn = 0; turn < 10; ++turn) {
    std::this_thread::sleep_for(milliseconds(10));
    silence.seconds();
  }
  EXPECT_GE(silence.seconds(), 0.6);
  silence.heard();
  EXPECT_LT(silence.seconds(), 0.1);
}

}  // namespace
}  // namespace deepfog
