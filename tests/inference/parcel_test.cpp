#include "inference/parcel.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

namespace deepfog {
namespace {

constexpr std::uint64_t kRun = 0x1234567890abcdefU;
constexpr int kLinks = 35;  // two words a set

ParcelHeader header_of(ParcelKind kind) {
  ParcelHeader header;
  header.kind = kind;
  header.suspects_you = kind == ParcelKind::heartbeat;
  header.about_epoch = 3;
  header.run = kRun;
  header.epoch = 7;
  header.link = 34;
  header.columns = 4;
  header.oldest = 90;
  header.frame = {99, 2, 3, 1'000};
  return header;
}

std::vector<char> parcel_of(ParcelKind kind) {
  const ParcelHeader header = header_of(kind);
  const std::vector<float> values(12, 0.5F);
  LinkSet used(kLinks), timed_out(kLinks);
  used.add(0);
  used.add(34);
  timed_out.add(8);
  if (kind == ParcelKind::vector) return encode_message(header, used, timed_out, values.data());
  if (kind == ParcelKind::phi) return encode_message(header, used, timed_out, nullptr);
  const bool alone = kind != ParcelKind::heartbeat && kind != ParcelKind::report;
  return encode_parcel(header, alone ? std::vector<char>{} : std::vector<char>{0, 1, 0, 0, 1});
}

std::vector<ParcelKind> kinds() {
  return {ParcelKind::vector, ParcelKind::phi, ParcelKind::heartbeat, ParcelKind::go,
          ParcelKind::phase,  ParcelKind::end, ParcelKind::report,    ParcelKind::leave};
}

TEST(Parcel, EveryKindComesBack) {
  for (const ParcelKind kind : kinds()) {
    const ParcelHeader sent = header_of(kind);
    const auto got = decode_header(parcel_of(kind), kRun, kLinks);
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

TEST(Parcel, LinkSetsAndValuesComeBack) {
  const std::vector<char> bytes = parcel_of(ParcelKind::vector);
  EXPECT_EQ(bytes.size(), message_overhead(kLinks) + 12 * sizeof(float));
  LinkSet used(kLinks), timed_out(kLinks);
  decode_link_sets(bytes, used, timed_out);
  for (int link = 0; link < kLinks; ++link) {
    EXPECT_EQ(used.has(link), link == 0 || link == 34);
    EXPECT_EQ(timed_out.has(link), link == 8);
  }
  const std::size_t offset = payload_offset(ParcelKind::vector, kLinks);
  EXPECT_EQ(offset % alignof(float), 0U);
  for (std::size_t i = 0; i < 12; ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + offset + i * sizeof value, sizeof value);
    EXPECT_EQ(value, 0.5F);
  }
}

/// Everything but the numbers of a vector.
TEST(Parcel, EverySpoiledBitIsSeen) {
  for (const ParcelKind kind : kinds()) {
    const std::vector<char> whole = parcel_of(kind);
    const std::size_t end = kind == ParcelKind::vector ? message_overhead(kLinks) : whole.size();
    for (std::size_t bit = 0; bit < end * 8; ++bit) {
      std::vector<char> bytes = whole;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(decode_header(bytes, kRun, kLinks)) << int(kind) << " bit " << bit;
    }
  }
}

TEST(Parcel, NoOtherLengthIsAccepted) {
  for (const ParcelKind kind : kinds()) {
    const std::vector<char> whole = parcel_of(kind);
    for (std::size_t size = 0; size <= whole.size() + 70; ++size) {
      if (size == whole.size()) continue;
      std::vector<char> bytes = whole;
      bytes.resize(size);
      EXPECT_FALSE(decode_header(bytes, kRun, kLinks)) << int(kind) << " of " << size << " bytes";
    }
  }
}

/// A sender that goes wrong seals its nonsense well: what the fields say is looked at, too.
TEST(Parcel, ImpossibleFieldsAreRefusedUnderAGoodSeal) {
  const std::vector<std::function<void(ParcelHeader&)>> spoils = {
      [](ParcelHeader& h) { h.kind = static_cast<ParcelKind>(0); },
      [](ParcelHeader& h) { h.kind = static_cast<ParcelKind>(9); },
      [](ParcelHeader& h) { h.run = kRun + 1; },
      [](ParcelHeader& h) { h.link = -2; },
      [](ParcelHeader& h) { h.link = kLinks; },
      [](ParcelHeader& h) { h.columns = -1; },
      [](ParcelHeader& h) { h.oldest = -1; },
      [](ParcelHeader& h) { h.frame.round = -1; },
      [](ParcelHeader& h) { h.frame.phase = -1; },
      [](ParcelHeader& h) { h.frame.rows = -1; },
      [](ParcelHeader& h) { h.frame.first_sample = -1; },
  };
  for (std::size_t i = 0; i < spoils.size(); ++i) {
    ParcelHeader header = header_of(ParcelKind::go);
    ASSERT_TRUE(decode_header(encode_parcel(header), kRun, kLinks));
    spoils[i](header);
    EXPECT_FALSE(decode_header(encode_parcel(header), kRun, kLinks)) << i;
  }
}

TEST(Parcel, WordsHaveNoTailAndMessagesALink) {
  for (const ParcelKind kind : {ParcelKind::go, ParcelKind::phase, ParcelKind::end, ParcelKind::leave}) {
    EXPECT_FALSE(decode_header(encode_parcel(header_of(kind), {'x'}), kRun, kLinks));
  }
  const LinkSet none(kLinks);
  ParcelHeader header = header_of(ParcelKind::phi);
  EXPECT_TRUE(decode_header(encode_message(header, none, none, nullptr), kRun, kLinks));
  header.link = -1;
  EXPECT_FALSE(decode_header(encode_message(header, none, none, nullptr), kRun, kLinks));
}

TEST(Parcel, SizesThatDoNotFitTheHeaderAreRefused) {
  const LinkSet none(kLinks);
  const std::vector<float> values(12);
  ParcelHeader header = header_of(ParcelKind::vector);
  EXPECT_TRUE(decode_header(encode_message(header, none, none, values.data()), kRun, kLinks));
  EXPECT_FALSE(decode_header(encode_message(header, none, none, nullptr), kRun, kLinks));
  header.kind = ParcelKind::phi;
  EXPECT_FALSE(decode_header(encode_message(header, none, none, values.data()), kRun, kLinks));
  // As many bytes as promised would not fit into memory; the product does not wrap around either.
  header.kind = ParcelKind::vector;
  header.frame.rows = header.columns = 0x7fffffff;
  EXPECT_FALSE(decode_header(encode_message(header, none, none, nullptr), kRun, kLinks));
}

TEST(Parcel, LinkSetsOfALargerNetworkAreRefused) {
  LinkSet beyond(kLinks + 1);
  const LinkSet none(kLinks);
  ASSERT_EQ(beyond.bytes(), none.bytes());
  beyond.add(kLinks);
  const ParcelHeader header = header_of(ParcelKind::phi);
  EXPECT_FALSE(decode_header(encode_message(header, beyond, none, nullptr), kRun, kLinks));
  EXPECT_FALSE(decode_header(encode_message(header, none, beyond, nullptr), kRun, kLinks));
}

}  // namespace
}  // namespace deepfog
