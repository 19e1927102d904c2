#include "comm/fragment.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/seed.hpp"

namespace deepfog {
namespace {

std::vector<char> pattern(std::size_t size, int seed) {
  std::vector<char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + static_cast<std::size_t>(seed));
  return bytes;
}

std::optional<std::vector<char>> accept(Reassembler& reassembler, const std::vector<char>& fragment) {
  return reassembler.accept(fragment.data(), fragment.size());
}

std::vector<char> with_header(const FragmentHeader& header, std::size_t payload) {
  std::vector<char> fragment(sizeof header + payload);
  std::memcpy(fragment.data(), &header, sizeof header);
  return fragment;
}

TEST(Fragment, MessagesOfEverySizeComeTogetherAgain) {
  Reassembler reassembler(100, 1000);
  std::uint64_t number = 0;
  for (const std::size_t size : {0u, 1u, 99u, 100u, 101u, 200u, 999u, 1000u}) {
    const std::vector<char> sent = pattern(size, static_cast<int>(size));
    const std::uint64_t fragments = fragment_count(size, 100);
    for (std::uint64_t i = 0; i < fragments; ++i) {
      const auto message = accept(reassembler, make_fragment(sent, number, i, 100));
      ASSERT_EQ(message.has_value(), i + 1 == fragments) << size << " bytes, piece " << i;
      if (message) {
        EXPECT_EQ(*message, sent);
      }
    }
    ++number;
  }
  EXPECT_EQ(reassembler.malformed(), 0);
}

TEST(Fragment, TheMiddleOfAMessageMayBeGarbageAndTheMessageStillArrives) {
  Reassembler reassembler(100, 1000);
  const auto sent = pattern(250, 1);
  EXPECT_FALSE(accept(reassembler, make_fragment(sent, 5, 0, 100)));
  EXPECT_FALSE(accept(reassembler, pattern(3, 0)));
  EXPECT_FALSE(accept(reassembler, {}));
  EXPECT_FALSE(accept(reassembler, make_fragment(sent, 5, 1, 100)));
  EXPECT_FALSE(accept(reassembler, make_fragment(sent, 4, 2, 100)));  // of another message
  EXPECT_FALSE(accept(reassembler, make_fragment(sent, 5, 1, 100)));  // duplicate
  EXPECT_EQ(accept(reassembler, make_fragment(sent, 5, 2, 100)), sent);
  EXPECT_EQ(reassembler.malformed(), 4);
}

TEST(Fragment, ANewMessageDropsTheUnfinishedOne) {
  Reassembler reassembler(100, 1000);
  EXPECT_FALSE(accept(reassembler, make_fragment(pattern(250, 1), 0, 0, 100)));
  EXPECT_EQ(accept(reassembler, make_fragment(pattern(10, 2), 1, 0, 100)), pattern(10, 2));
  EXPECT_EQ(reassembler.malformed(), 1);
  EXPECT_FALSE(accept(reassembler, make_fragment(pattern(250, 1), 0, 1, 100)));
  EXPECT_EQ(reassembler.malformed(), 2);
}

TEST(Fragment, ImpossibleHeadersAreDropped) {
  Reassembler reassembler(100, 1000);
  const std::vector<std::vector<char>> impossible = {
      with_header({fragment_magic + 1, 0, 0, 10}, 10),          // wrong magic number
      with_header({fragment_magic, 0, 0, 1001}, 100),           // larger than allowed
      with_header({fragment_magic, 0, 0, UINT64_MAX}, 100),     //
      with_header({fragment_magic, 1, 0, 100}, 0),              // one fragment too many
      with_header({fragment_magic, UINT32_MAX, 0, 1000}, 100),  //
      with_header({fragment_magic, 0, 0, 10}, 11),              // more than announced
      with_header({fragment_magic, 0, 0, 10}, 9),               // less than announced
      with_header({fragment_magic, 0, 0, 0}, 1),                //
      with_header({fragment_magic, 0, 0, 150}, 150),            // longer than a fragment
      with_header({fragment_magic, 1, 0, 150}, 50),             // begins in the middle
      std::vector<char>(sizeof(FragmentHeader) - 1),            // incomplete header
  };
  for (const auto& fragment : impossible) EXPECT_FALSE(accept(reassembler, fragment));
  EXPECT_EQ(reassembler.malformed(), static_cast<std::int64_t>(impossible.size()));
  EXPECT_EQ(accept(reassembler, make_fragment(pattern(5, 1), 9, 0, 100)), pattern(5, 1));
}

/// A fragment that is correct but for a few fields; some are entirely random.
std::vector<char> hostile_fragment(RandomStream& random) {
  FragmentHeader header{fragment_magic, static_cast<std::uint32_t>(random.below(4)), random.below(3),
                        random.below(400)};
  const std::uint64_t before = std::uint64_t{header.index} * 100;
  std::size_t payload = header.total > before ? std::min<std::size_t>(100, header.total - before) : 0;
  switch (random.below(6)) {
    case 0:
      header.total = random.next();
      break;
    case 1:
      header.index = static_cast<std::uint32_t>(random.next());
      break;
    case 2:
      payload = random.below(120);
      break;
    case 3:
      header.magic = static_cast<std::uint32_t>(random.next());
      break;
    default:
      break;
  }
  std::vector<char> fragment = with_header(header, payload);
  if (random.below(8) == 0) {
    for (char& byte : fragment) byte = static_cast<char>(random.next());
    fragment.resize(random.below(fragment.size() + 1));
  }
  return fragment;
}

TEST(Fragment, NoHeaderOfManyBreaksTheReassembler) {
  RandomStream random(20240229);
  Reassembler reassembler(100, 300);
  int whole = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto fragment = hostile_fragment(random);
    const auto message = accept(reassembler, fragment);
    if (!message) continue;
    ++whole;
    FragmentHeader last;
    std::memcpy(&last, fragment.data(), sizeof last);
    ASSERT_EQ(message->size(), last.total);
    ASSERT_LE(message->size(), 300u);
  }
  EXPECT_GT(whole, 1000);
  EXPECT_GT(reassembler.malformed(), 10'000);
  EXPECT_LT(reassembler.malformed() + whole,
            200'001);  // a fragment counts at most twice: for itself and for the discarded message
  accept(reassembler, make_fragment(pattern(5, 1), 77, 0, 100));
  EXPECT_EQ(accept(reassembler, make_fragment(pattern(5, 1), 78, 0, 100)), pattern(5, 1));
}

}  // namespace
}  // namespace deepfog
