#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/seed.hpp"
#include "inference/lone_node.hpp"

namespace deepfog {
namespace {

constexpr int kA = 0, kB = 1, kM = 2, kServer = 3;
constexpr int kAToM = 2, kBToM = 3;
constexpr int kRounds = 1'000, kGarbageARound = 1'000;

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// Messages that m must drop, of four kinds: random bytes; a good message with one random field; a good
/// message with several random bytes; and wrong fields under a correct checksum.
class Garbage {
 public:
  explicit Garbage(std::uint64_t seed) : draw_(seed) {}

  int sender() { return std::vector<int>{kA, kB, kServer}[draw_.below(3)]; }

  std::vector<char> bytes_for(int from, const Frame& open) {
    switch (draw_.below(4)) {
      case 0:
        return noise();
      case 1:
        return one_field(good(from, open));
      case 2:
        return several_bytes(good(from, open));
      default:
        return from == kServer ? noise() : nonsense(from, open);
    }
  }

 private:
  std::vector<char> noise() {
    std::vector<char> bytes(draw_.below(120));
    for (char& byte : bytes) byte = static_cast<char>(draw_.below(256));
    return bytes;
  }

  MessageHeader message_header(int from, const Frame& open) {
    MessageHeader header;
    header.kind = draw_.below(2) == 0 ? MessageKind::vector : MessageKind::phi;
    header.run = LoneNode::kRun;
    header.epoch = 1;
    header.link = from == kA ? kAToM : kBToM;
    header.columns = header.kind == MessageKind::vector ? 2 : 0;
    header.frame = open;
    return header;
  }

  std::vector<char> encoded(const MessageHeader& header) {
    const std::vector<float> bad(2, 1e6F);
    const bool vector = header.kind == MessageKind::vector && header.frame.rows == 1 && header.columns == 2;
    return encode_vector(header, links_of({0, 5}), links_of({1}), vector ? bad.data() : nullptr);
  }

  /// A message that the sender might send; the server sends every kind.
  std::vector<char> good(int from, const Frame& open) {
    if (from != kServer) return encoded(message_header(from, open));
    MessageHeader header;
    header.kind = std::vector<MessageKind>{MessageKind::go, MessageKind::phase, MessageKind::heartbeat,
                                           MessageKind::end, MessageKind::leave}[draw_.below(5)];
    header.run = LoneNode::kRun;
    header.epoch = 1;
    header.frame = open;
    header.oldest = open.round;
    const bool alone = header.kind != MessageKind::heartbeat;
    return encode_message(header, alone ? std::vector<char>{} : std::vector<char>(4));
  }

  std::vector<char> one_field(std::vector<char> bytes) {
    const std::size_t sizes[] = {4, 1, 1, 2, 8, 4, 4, 4, 4, 4, 4, 8, 8, 8};
    const std::size_t which = draw_.below(std::size(sizes));
    std::size_t at = 0;
    for (std::size_t i = 0; i < which; ++i) at += sizes[i];
    const std::vector<char> before = bytes;
    while (bytes == before) {
      // Small changes are the hardest to detect.
      std::uint64_t value = draw_.next() >> draw_.below(64);
      for (std::size_t i = 0; i < sizes[which]; ++i, value >>= 8U)
        bytes[at + i] = static_cast<char>(bytes[at + i] ^ static_cast<char>(value & 255U));
    }
    return bytes;
  }

  std::vector<char> several_bytes(std::vector<char> bytes) {
    const std::size_t end = std::min<std::size_t>(bytes.size(), message_overhead(6));
    const std::vector<char> before = bytes;
    while (bytes == before) {
      for (std::uint64_t n = 2 + draw_.below(6); n > 0; --n)
        bytes[draw_.below(end)] = static_cast<char>(draw_.below(256));
    }
    return bytes;
  }

  /// The round has its messages already, so what is not refused is a duplicate or late. Rounds just ahead are
  /// left out: a message may overtake the last node's announcement, so a wrong message about them is
  /// accepted.
  std::vector<char> nonsense(int from, const Frame& open) {
    MessageHeader header = message_header(from, open);
    const std::uint64_t value = draw_.next() >> draw_.below(64);
    const auto small = static_cast<std::int32_t>(value & 0x7fffffffU);
    switch (draw_.below(9)) {
      case 0:
        header.kind = static_cast<MessageKind>(value % 12);
        break;
      case 1:
        header.link = small;
        break;
      case 2:
        header.columns = small;
        break;
      case 3:
        header.frame.round =
            draw_.below(2) == 0
                ? static_cast<std::int64_t>(value % static_cast<std::uint64_t>(open.round + 1))
                : open.round + 9 + static_cast<std::int64_t>(value >> 2U);
        break;
      case 4:
        header.frame.rows = small;
        break;
      case 5:
        header.frame.phase = small;
        break;
      case 6:
        header.frame.first_sample = static_cast<std::int64_t>(value >> 1U);
        break;
      case 7:
        header.oldest = static_cast<std::int64_t>(value >> 1U);
        break;
      default:
        header.about_epoch = static_cast<std::uint32_t>(value);
    }
    return encoded(header);
  }

  RandomStream draw_;
};

std::int64_t dropped(const NodeReport& report) {
  std::int64_t all = report.malformed;
  for (const LinkCounts& counts : report.links) all += counts.late + counts.duplicates;
  return all;
}

TEST(NodeFuzz, AMillionRandomHeadersAreCountedAndDropped) {
  LoneNode m(kM, {one_phase(1'000'000)});
  Garbage garbage(20'26);
  std::int64_t resident = 0;
  for (std::int64_t round = 0; round < kRounds; ++round) {
    const Frame open{round, 0, 1, round % 1'000};
    const auto a = static_cast<float>(round), b = static_cast<float>(2 * round + 1);
    m.go(open, round);
    m.message(kA, kAToM, open, {a, a}, {0});
    for (int i = 0; i < kGarbageARound; ++i) {
      // b's message is still to come, so garbage from b is damaged or about another round.
      int from = garbage.sender();
      if (round == 0 && from == kB) from = kA;
      Frame about = open;
      if (from == kB) about.round = round - 1;
      m.raw(from, garbage.bytes_for(from, about));
      if (i % 100 == 0) m.run_for(20);
    }
    m.run_for(20);
    ASSERT_EQ(m.node.ending(), NodeEnding::none);
    ASSERT_TRUE(m.messages(kServer).empty()) << round;
    m.message(kB, kBToM, open, {b, b}, {1});
    m.run_for(20);
    const auto out = m.messages(kServer);
    ASSERT_EQ(out.size(), 1U) << round;
    ASSERT_EQ(out[0].values, (std::vector<float>{a + b, a + b})) << round;
    ASSERT_EQ(out[0].used, links_of({0, 1, 2, 3})) << round;
    ASSERT_EQ(out[0].timed_out, links_of({})) << round;
    ASSERT_TRUE(out[0].header.frame == open) << round;
    if (round == 50) resident = resident_bytes();
  }
  EXPECT_EQ(dropped(m.node.report()), std::int64_t{kRounds} * kGarbageARound);
  EXPECT_EQ(m.node.report().links[kAToM].arrived, kRounds);
  EXPECT_EQ(m.node.report().links[kBToM].arrived, kRounds);
  EXPECT_EQ(m.node.report().rounds_skipped, 0);
  EXPECT_LT(resident_bytes() - resident, 16 << 20);
}

}  // namespace
}  // namespace deepfog
