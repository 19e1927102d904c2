#include "core/codec.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>

namespace deepfog {
namespace {

std::string refusal_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

TEST(Codec, GivesBackWhatWasPutInItsOrder) {
  Encoder encoder;
  encoder.put<std::int64_t>(std::numeric_limits<std::int64_t>::min());
  encoder.put_text(std::string("a\0b", 3));
  encoder.put(0.1);
  encoder.put_list(std::vector<std::int16_t>{-1, 0, 32767});
  encoder.put_text("");
  encoder.put_list(std::vector<double>{});
  encoder.put<std::uint8_t>(200);
  const std::vector<char> bytes = encoder.take();
  EXPECT_EQ(bytes.size(), 8u + (8 + 3) + 8 + (8 + 6) + 8 + 8 + 1);

  Decoder decoder(bytes, "message");
  EXPECT_EQ(decoder.get<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decoder.get_text(), std::string("a\0b", 3));
  EXPECT_EQ(decoder.get<double>(), 0.1);
  EXPECT_EQ(decoder.get_list<std::int16_t>(), (std::vector<std::int16_t>{-1, 0, 32767}));
  EXPECT_EQ(decoder.get_text(), "");
  EXPECT_TRUE(decoder.get_list<double>().empty());
  EXPECT_EQ(decoder.left(), 1u);
  EXPECT_EQ(decoder.get<std::uint8_t>(), 200);
  EXPECT_NO_THROW(decoder.finish());
}

TEST(Codec, EveryTruncationIsRefusedByName) {
  Encoder encoder;
  encoder.put<std::int32_t>(7);
  encoder.put_text("text");
  encoder.put_list(std::vector<std::int64_t>{1, 2});
  const std::vector<char> whole = encoder.take();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string refusal = refusal_of([&] {
      Decoder decoder(part, "task 3");
      decoder.get<std::int32_t>();
      decoder.get_text();
      decoder.get_list<std::int64_t>();
    });
    EXPECT_EQ(refusal.rfind("task 3: ", 0), 0u) << size << " bytes: " << refusal;
  }
}

TEST(Codec, SizesThatWouldOverflowAreRefusedBeforeAnythingIsAllocated) {
  // Times 8 the first two wrap around to 0 and 8 bytes, which would be there.
  for (const std::uint64_t size : {std::uint64_t{1} << 61, (std::uint64_t{1} << 61) + 1,
                                   std::numeric_limits<std::uint64_t>::max(), std::uint64_t{2}}) {
    Encoder encoder;
    encoder.put(size);
    encoder.put<std::int64_t>(5);
    const std::vector<char> bytes = encoder.take();
    const std::string refusal = refusal_of([&] { Decoder(bytes, "list").get_list<std::int64_t>(); });
    EXPECT_NE(refusal.find("a list of " + std::to_string(size)), std::string::npos) << refusal;
  }
}

TEST(Codec, ASizeThatJustFitsIsTakenAndOneMoreIsNot) {
  for (const std::uint64_t size : {3, 4}) {
    Encoder encoder;
    encoder.put(size);
    for (int i = 0; i < 11; ++i) encoder.put<char>('x');
    const std::vector<char> bytes = encoder.take();
    const bool refused = !refusal_of([&] { Decoder(bytes, "list").get_size(3); }).empty();
    EXPECT_EQ(refused, size == 4);
  }
}

TEST(Codec, BytesLeftOverAreCounted) {
  const std::vector<char> bytes(11, 0);
  Decoder decoder(bytes, "journal");
  decoder.get<std::int64_t>();
  EXPECT_EQ(refusal_of([&] { decoder.finish(); }), "journal: 3 bytes too many");
}

TEST(Codec, RandomBytesAreReadWithinTheirBoundsOrRefused) {
  std::mt19937 random(5);
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<char> bytes(random() % 40);
    for (char& byte : bytes) byte = static_cast<char>(random() % 3);
    Decoder decoder(bytes, "noise");
    std::size_t before = decoder.left();
    const std::string refusal = refusal_of([&] {
      while (decoder.left() > 0) {
        const std::size_t taken = random() % 2 == 0 ? 8 + decoder.get_text().size()
                                                    : 8 + 4 * decoder.get_list<std::int32_t>().size();
        ASSERT_EQ(before - decoder.left(), taken);
        before = decoder.left();
      }
    });
    EXPECT_EQ(refusal.empty(), decoder.left() == 0 && before == 0);
  }
}

}  // namespace
}  // namespace deepfog
