#include "inference/message.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

namespace deepfog {
namespace {

constexpr std::uint64_t kRun = 0x1234567890abcdefU;
constexpr int kLinks = 35;  // two 4-byte units per set

MessageHeader header_of(MessageKind kind) {
  MessageHeader header;
  header.kind = kind;
  header.suspects_you = kind == MessageKind::heartbeat;
  header.about_epoch = 3;
  header.run = kRun;
  header.epoch = 7;
  header.link = 34;
  header.columns = 4;
  header.oldest = 90;
  header.frame = {99, 2, 3, 1'000};
  return header;
}

std::vector<char> message_of(MessageKind kind) {
  const MessageHeader header = header_of(kind);
  const std::vector<float> values(12, 0.5F);
  LinkSet used(kLinks), timed_out(kLinks);
  used.add(0);
  used.add(34);
  timed_out.add(8);
  if (kind == MessageKind::vector) return encode_vector(header, used, timed_out, values.data());
  if (kind == MessageKind::phi) return encode_vector(header, used, timed_out, nullptr);
  const bool alone = kind != MessageKind::heartbeat && kind != MessageKind::report;
  return encode_message(header, alone ? std::vector<char>{} : std::vector<char>{0, 1, 0, 0, 1});
}

std::vector<MessageKind> kinds() {
  return {MessageKind::vector, MessageKind::phi, MessageKind::heartbeat, MessageKind::go,
          MessageKind::phase,  MessageKind::end, MessageKind::report,    MessageKind::leave};
}

TEST(Message, EveryKindComesBack) {
  for (const MessageKind kind : kinds()) {
    const MessageHeader sent = header_of(kind);
    const auto got = decode_header(message_of(kind), kRun, kLinks);
    ASSERT_TRUE(got) << int(kind);
    EXPECT_EQ(got->kind, kind);
    EXPECT_EQ(got->suspects_you, sent.suspects_you);
    EXPECT_EQ(got->about_epoch, sent.about_epoch);
    EXPECT_EQ(got->run, kRun);
    EXPECT_EQ(got->epoch, sent.epoch);
    EXPECT_EQ(got->link, sent.link);
    EXPECT_EQ(got->columns, sent.columns);
    EXPECT_EQ(got->oldest, sent.oldest);
    EXPECT_TRUE(got->frame == sent.frame);
  }
}

TEST(Message, LinkSetsAndValuesComeBack) {
  const std::vector<char> bytes = message_of(MessageKind::vector);
  EXPECT_EQ(bytes.size(), message_overhead(kLinks) + 12 * sizeof(float));
  LinkSet used(kLinks), timed_out(kLinks);
  decode_link_sets(bytes, used, timed_out);
  for (int link = 0; link < kLinks; ++link) {
    EXPECT_EQ(used.has(link), link == 0 || link == 34);
    EXPECT_EQ(timed_out.has(link), link == 8);
  }
  const std::size_t offset = payload_offset(MessageKind::vector, kLinks);
  EXPECT_EQ(offset % alignof(float), 0U);
  for (std::size_t i = 0; i < 12; ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + offset + i * sizeof value, sizeof value);
    EXPECT_EQ(value, 0.5F);
  }
}

/// Covers everything but the numbers of a vector.
TEST(Message, EverySpoiledBitIsSeen) {
  for (const MessageKind kind : kinds()) {
    const std::vector<char> whole = message_of(kind);
    const std::size_t end = kind == MessageKind::vector ? message_overhead(kLinks) : whole.size();
    for (std::size_t bit = 0; bit < end * 8; ++bit) {
      std::vector<char> bytes = whole;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(decode_header(bytes, kRun, kLinks)) << int(kind) << " bit " << bit;
    }
  }
}

TEST(Message, NoOtherLengthIsAccepted) {
  for (const MessageKind kind : kinds()) {
    const std::vector<char> whole = message_of(kind);
    for (std::size_t size = 0; size <= whole.size() + 70; ++size) {
      if (size == whole.size()) continue;
      std::vector<char> bytes = whole;
      bytes.resize(size);
      EXPECT_FALSE(decode_header(bytes, kRun, kLinks)) << int(kind) << " of " << size << " bytes";
    }
  }
}

/// A faulty sender gives a correct checksum to wrong fields, so the fields are checked as well.
TEST(Message, ImpossibleFieldsAreRefusedUnderAGoodSeal) {
  const std::vector<std::function<void(MessageHeader&)>> spoils = {
      [](MessageHeader& h) { h.kind = static_cast<MessageKind>(0); },
      [](MessageHeader& h) { h.kind = static_cast<MessageKind>(9); },
      [](MessageHeader& h) { h.run = kRun + 1; },
      [](MessageHeader& h) { h.link = -2; },
      [](MessageHeader& h) { h.link = kLinks; },
      [](MessageHeader& h) { h.columns = -1; },
      [](MessageHeader& h) { h.oldest = -1; },
      [](MessageHeader& h) { h.frame.round = -1; },
      [](MessageHeader& h) { h.frame.phase = -1; },
      [](MessageHeader& h) { h.frame.rows = -1; },
      [](MessageHeader& h) { h.frame.first_sample = -1; },
  };
  for (std::size_t i = 0; i < spoils.size(); ++i) {
    MessageHeader header = header_of(MessageKind::go);
    ASSERT_TRUE(decode_header(encode_message(header), kRun, kLinks));
    spoils[i](header);
    EXPECT_FALSE(decode_header(encode_message(header), kRun, kLinks)) << i;
  }
}

TEST(Message, WordsHaveNoTailAndMessagesALink) {
  for (const MessageKind kind : {MessageKind::go, MessageKind::phase, MessageKind::end, MessageKind::leave}) {
    EXPECT_FALSE(decode_header(encode_message(header_of(kind), {'x'}), kRun, kLinks));
  }
  const LinkSet none(kLinks);
  MessageHeader header = header_of(MessageKind::phi);
  EXPECT_TRUE(decode_header(encode_vector(header, none, none, nullptr), kRun, kLinks));
  header.link = -1;
  EXPECT_FALSE(decode_header(encode_vector(header, none, none, nullptr), kRun, kLinks));
}

TEST(Message, SizesThatDoNotFitTheHeaderAreRefused) {
  const LinkSet none(kLinks);
  const std::vector<float> values(12);
  MessageHeader header = header_of(MessageKind::vector);
  EXPECT_TRUE(decode_header(encode_vector(header, none, none, values.data()), kRun, kLinks));
  EXPECT_FALSE(decode_header(encode_vector(header, none, none, nullptr), kRun, kLinks));
  header.kind = MessageKind::phi;
  EXPECT_FALSE(decode_header(encode_vector(header, none, none, values.data()), kRun, kLinks));
  // The promised number of bytes would not fit into memory, and the product must not wrap around.
  header.kind = MessageKind::vector;
  header.frame.rows = header.columns = 0x7fffffff;
  EXPECT_FALSE(decode_header(encode_vector(header, none, none, nullptr), kRun, kLinks));
}

TEST(Message, LinkSetsOfALargerNetworkAreRefused) {
  LinkSet large_diagram(kLinks + 1);
  const LinkSet none(kLinks);
  ASSERT_EQ(large_diagram.bytes(), none.bytes());
  large_diagram.add(kLinks);
  const MessageHeader header = header_of(MessageKind::phi);
  EXPECT_FALSE(decode_header(encode_vector(header, large_diagram, none, nullptr), kRun, kLinks));
  EXPECT_FALSE(decode_header(encode_vector(header, none, large_diagram, nullptr), kRun, kLinks));
}

}  // namespace
}  // namespace deepfog
