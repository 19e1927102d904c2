#include "comm/tagged_message.hpp"

#include <gtest/gtest.h>

#include "comm/backoff.hpp"
#include "core/error.hpp"
#include "mpi_test.hpp"

namespace deepfog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Bytes pattern(std::size_t size, int seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((i * 31 + static_cast<std::size_t>(seed)) & 0x7F);
  return bytes;
}

TEST(TaggedMessage, GoesRoundTheRing) {
  const Communicator ring = test_world().duplicate();
  const int next = (ring.rank() + 1) % ring.size();
  const int before = (ring.rank() + ring.size() - 1) % ring.size();
  int tag = 0;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{6'000'001}}) {
    send(ring, next, ++tag, pattern(size, ring.rank()));
    const auto message = receive(ring, Deadline::in(seconds(20)), before, tag);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->source, before);
    EXPECT_EQ(message->tag, tag);
    EXPECT_EQ(message->bytes, pattern(size, before));
  }
  EXPECT_TRUE(flush(ring, Deadline::in(seconds(20))));
}

TEST(TaggedMessage, ReceiveEndsAtItsDeadline) {
  const Communicator own = test_world().duplicate();
  const Stopwatch watch;
  EXPECT_FALSE(receive(own, Deadline::in(milliseconds(50))).has_value());
  EXPECT_GE(watch.seconds(), 0.05);
  EXPECT_LT(watch.seconds(), 2.0);
  barrier(own);
}

TEST(TaggedMessage, AFlushEndsAtItsDeadlineAndTheBytesStay) {
  const Communicator own = test_world().duplicate();
  if (own.size() == 1) GTEST_SKIP() << "nobody to send to";
  if (own.rank() == 0) {
    send(own, 1, 7, pattern(8'000'000, 3));  // too large to leave before it is received
    EXPECT_FALSE(flush(own, Deadline::in(milliseconds(30))));
  }
  barrier(own);
  if (own.rank() == 1) {
    const auto message = receive(own, Deadline::in(seconds(20)), 0, 7);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->bytes, pattern(8'000'000, 3));
  }
  EXPECT_TRUE(flush(own, Deadline::in(seconds(20))));
  barrier(own);
}

TEST(TaggedMessage, KeepsTheOrderOfOneSender) {
  const Communicator own = test_world().duplicate();
  constexpr int messages = 300;
  for (int i = 0; i < messages; ++i) send(own, 0, i % 3, pattern(static_cast<std::size_t>(i), i));
  if (own.rank() == 0) {
    std::vector<std::size_t> seen(static_cast<std::size_t>(own.size()));
    for (int i = 0; i < messages * own.size(); ++i) {
      const auto message = receive(own, Deadline::in(seconds(20)));
      ASSERT_TRUE(message.has_value());
      std::size_t& expected = seen[static_cast<std::size_t>(message->source)];
      EXPECT_EQ(message->bytes, pattern(expected, static_cast<int>(expected)));
      ++expected;
    }
    EXPECT_FALSE(receive(own, Deadline::in(milliseconds(1))).has_value());
  }
  EXPECT_TRUE(flush(own, Deadline::in(seconds(20))));
}

TEST(TaggedMessage, LargerThanAllowedIsRefusedBeforeItIsTaken) {
  const Communicator own = test_world().duplicate();
  send(own, own.rank(), 1, pattern(2000, 0));
  try {
    receive(own, Deadline::in(seconds(20)), any_source, any_tag, 1999);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Failure& error) {
    EXPECT_NE(std::string(error.what()).find("2000 bytes, more than the 1999 allowed"), std::string::npos);
  }
}

TEST(TaggedMessage, CommunicatorsDoNotMix) {
  const Communicator one = test_world().duplicate(), two = test_world().duplicate();
  send(one, one.rank(), 1, pattern(10, 1));
  EXPECT_FALSE(receive(two, Deadline::in(milliseconds(20))).has_value());
  EXPECT_TRUE(receive(one, Deadline::in(seconds(20))).has_value());
}

TEST(TaggedMessage, ToNobodyIsAFailure) {
  const Communicator own = test_world().duplicate();
  EXPECT_THROW(send(own, own.size(), 1, pattern(1, 1)), Failure);
}

TEST(Backoff, SleepsAboutAMillisecondInTheEnd) {
  Backoff backoff;
  for (int i = 0; i < 60; ++i) backoff.pause();
  const Stopwatch watch;
  for (int i = 0; i < 10; ++i) backoff.pause();
  EXPECT_GE(watch.seconds(), 0.009);
}

}  // namespace
}  // namespace deepfog
