#include "scheduler/protocol.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog::protocol {
namespace {

Bytes some_bytes() {
  return {'w', 0, -1, 'x', 7};
}

/// One of every kind.
std::vector<Message> all_messages() {
  return {Claim{},
          Claim{3},
          Result{4, some_bytes()},
          Progress{4, 0.25, "epoch 1 of 4"},
          Failed{-1, "disk full", TaskFailure::rank},
          Failed{3, "diverged", TaskFailure::lasting},
          Signalled{10},
          Stopped{},
          Assignment{5, some_bytes()},
          Assignment{6, {}},
          Stop{},
          Alive{}};
}

TEST(Protocol, EveryMessageComesBack) {
  for (const Message& message : all_messages()) {
    const Bytes bytes = encode(message);
    const Message back = decode(bytes, "rank 1");
    EXPECT_EQ(back.index(), message.index());
    EXPECT_EQ(encode(back), bytes);
  }
}

TEST(Protocol, KeepsTheValues) {
  const auto result = std::get<Result>(decode(encode(Result{4, some_bytes()}), "x"));
  EXPECT_EQ(result.task, 4);
  EXPECT_EQ(result.payload, some_bytes());
  const auto progress = std::get<Progress>(decode(encode(Progress{4, 0.25, "note"}), "x"));
  EXPECT_EQ(progress.part, 0.25);
  EXPECT_EQ(progress.note, "note");
}

TEST(Protocol, TheHeaderTellsTheKindWithoutThePayload) {
  for (const Message& message : all_messages()) {
    const Bytes bytes = encode(message);
    EXPECT_EQ(kind_of({bytes.begin(), bytes.begin() + 5}, "x"), message.index());
    EXPECT_THROW(kind_of({bytes.begin(), bytes.begin() + 4}, "x"), Failure);
  }
  EXPECT_TRUE(is<Stop>(encode(Stop{}), "x"));
  EXPECT_FALSE(is<Stop>(encode(Stopped{}), "x"));
}

TEST(Protocol, EveryCutMessageIsRefused) {
  for (const Message& message : all_messages()) {
    const Bytes whole = encode(message);
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_THROW(decode({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "x"), Failure);
    Bytes longer = whole;
    longer.push_back('x');
    EXPECT_THROW(decode(longer, "x"), Failure);
  }
}

/// Decodes or throws Failure; anything else (a crash, bad_alloc) fails the test.
bool refuses(const Bytes& bytes) {
  try {
    decode(bytes, "x");
    return false;
  } catch (const Failure&) {
    return true;
  }
}

TEST(Protocol, RandomBytesNeverCrash) {
  RandomStream stream(11);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(stream.below(80));
    for (char& byte : bytes) byte = static_cast<char>(stream.next());
    if (bytes.size() > 4 && round % 2 == 0) std::memcpy(bytes.data(), encode(Stop{}).data(), 4);
    if (bytes.size() > 5 && round % 2 == 0) bytes[4] = static_cast<char>(stream.below(13));
    refused += refuses(bytes);
  }
  EXPECT_GT(refused, 15000);
}

TEST(Protocol, FlippedBytesNeverCrash) {
  RandomStream stream(12);
  const auto messages = all_messages();
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = encode(messages[stream.below(messages.size())]);
    for (int flips = 0; flips < 3; ++flips)
      bytes[stream.below(bytes.size())] = static_cast<char>(stream.next());
    refused += refuses(bytes);
  }
  EXPECT_GT(refused, 2000);
}

TEST(Protocol, AnUnknownKindIsNamed) {
  Bytes bytes = encode(Stop{});
  bytes[4] = 99;
  try {
    decode(bytes, "a message from rank 3");
    ADD_FAILURE() << "accepted";
  } catch (const Failure& error) {
    EXPECT_STREQ(error.what(), "a message from rank 3: unknown kind of message");
  }
}

}  // namespace
}  // namespace deepfog::protocol
