#include "comm/piece.hpp"

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

std::optional<std::vector<char>> accept(Assembly& assembly, const std::vector<char>& piece) {
  return assembly.accept(piece.data(), piece.size());
}

std::vector<char> with_header(const PieceHeader& header, std::size_t payload) {
  std::vector<char> piece(sizeof header + payload);
  std::memcpy(piece.data(), &header, sizeof header);
  return piece;
}

TEST(Piece, ParcelsOfEverySizeComeTogetherAgain) {
  Assembly assembly(100, 1000);
  std::uint64_t number = 0;
  for (const std::size_t size : {0u, 1u, 99u, 100u, 101u, 200u, 999u, 1000u}) {
    const std::vector<char> sent = pattern(size, static_cast<int>(size));
    const std::uint64_t pieces = piece_count(size, 100);
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const auto parcel = accept(assembly, make_piece(sent, number, i, 100));
      ASSERT_EQ(parcel.has_value(), i + 1 == pieces) << size << " bytes, piece " << i;
      if (parcel) {
        EXPECT_EQ(*parcel, sent);
      }
    }
    ++number;
  }
  EXPECT_EQ(assembly.malformed(), 0);
}

TEST(Piece, TheMiddleOfAParcelMayBeGarbageAndTheParcelStillArrives) {
  Assembly assembly(100, 1000);
  const auto sent = pattern(250, 1);
  EXPECT_FALSE(accept(assembly, make_piece(sent, 5, 0, 100)));
  EXPECT_FALSE(accept(assembly, pattern(3, 0)));
  EXPECT_FALSE(accept(assembly, {}));
  EXPECT_FALSE(accept(assembly, make_piece(sent, 5, 1, 100)));
  EXPECT_FALSE(accept(assembly, make_piece(sent, 4, 2, 100)));  // of another parcel
  EXPECT_FALSE(accept(assembly, make_piece(sent, 5, 1, 100)));  // twice
  EXPECT_EQ(accept(assembly, make_piece(sent, 5, 2, 100)), sent);
  EXPECT_EQ(assembly.malformed(), 4);
}

TEST(Piece, ANewParcelDropsTheUnfinishedOne) {
  Assembly assembly(100, 1000);
  EXPECT_FALSE(accept(assembly, make_piece(pattern(250, 1), 0, 0, 100)));
  EXPECT_EQ(accept(assembly, make_piece(pattern(10, 2), 1, 0, 100)), pattern(10, 2));
  EXPECT_EQ(assembly.malformed(), 1);
  EXPECT_FALSE(accept(assembly, make_piece(pattern(250, 1), 0, 1, 100)));
  EXPECT_EQ(assembly.malformed(), 2);
}

TEST(Piece, ImpossibleHeadersAreDropped) {
  Assembly assembly(100, 1000);
  const std::vector<std::vector<char>> impossible = {
      with_header({piece_magic + 1, 0, 0, 10}, 10),          // not ours
      with_header({piece_magic, 0, 0, 1001}, 100),           // larger than allowed
      with_header({piece_magic, 0, 0, UINT64_MAX}, 100),     //
      with_header({piece_magic, 1, 0, 100}, 0),              // a piece too many
      with_header({piece_magic, UINT32_MAX, 0, 1000}, 100),  //
      with_header({piece_magic, 0, 0, 10}, 11),              // more than announced
      with_header({piece_magic, 0, 0, 10}, 9),               // less
      with_header({piece_magic, 0, 0, 0}, 1),                //
      with_header({piece_magic, 0, 0, 150}, 150),            // larger than a piece
      with_header({piece_magic, 1, 0, 150}, 50),             // begins in the middle
      std::vector<char>(sizeof(PieceHeader) - 1),            // no whole header
  };
  for (const auto& piece : impossible) EXPECT_FALSE(accept(assembly, piece));
  EXPECT_EQ(assembly.malformed(), static_cast<std::int64_t>(impossible.size()));
  EXPECT_EQ(accept(assembly, make_piece(pattern(5, 1), 9, 0, 100)), pattern(5, 1));
}

/// A piece that is right but for a few fields; some are wholly random.
std::vector<char> hostile_piece(RandomStream& random) {
  PieceHeader header{piece_magic, static_cast<std::uint32_t>(random.below(4)), random.below(3),
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
  std::vector<char> piece = with_header(header, payload);
  if (random.below(8) == 0) {
    for (char& byte : piece) byte = static_cast<char>(random.next());
    piece.resize(random.below(piece.size() + 1));
  }
  return piece;
}

TEST(Piece, NoHeaderOfManyBreaksTheAssembly) {
  RandomStream random(20240229);
  Assembly assembly(100, 300);
  int whole = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto piece = hostile_piece(random);
    const auto parcel = accept(assembly, piece);
    if (!parcel) continue;
    ++whole;
    PieceHeader last;
    std::memcpy(&last, piece.data(), sizeof last);
    ASSERT_EQ(parcel->size(), last.total);
    ASSERT_LE(parcel->size(), 300u);
  }
  EXPECT_GT(whole, 1000);
  EXPECT_GT(assembly.malformed(), 10'000);
  EXPECT_LT(assembly.malformed() + whole,
            200'001);  // a piece counts at most twice: for itself, for the old parcel
  accept(assembly, make_piece(pattern(5, 1), 77, 0, 100));
  EXPECT_EQ(accept(assembly, make_piece(pattern(5, 1), 78, 0, 100)), pattern(5, 1));
}

}  // namespace
}  // namespace deepfog
